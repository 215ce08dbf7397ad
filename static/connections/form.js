// Shows the fields whose condition holds and hides the others; what is hidden is not sent.
// Without this script every field is there, with its condition in words.
"use strict";

function answerOf(form, name, fallback) {
  const input = form.elements.namedItem(name);
  // A field that is hidden itself answers nothing.
  return input === null || input.disabled ? null : input.value.trim() || fallback;
}

function show(part, isShown) {
  part.hidden = !isShown;
  for (const input of part.querySelectorAll("input, select, textarea")) {
    input.disabled = !isShown;
  }
}

function update(form) {
  const parts = [...form.querySelectorAll("[data-shown-by]")];
  // One round for each link of a chain of conditions; never more rounds than parts.
  for (let round = 0, isChanged = true; isChanged && round <= parts.length; round += 1) {
    isChanged = false;
    for (const part of parts) {
      const answer = answerOf(form, part.dataset.shownBy, part.dataset.shownDefault);
      const isShown = JSON.parse(part.dataset.shownFor).includes(answer);
      isChanged ||= part.hidden === isShown;
      show(part, isShown);
    }
  }
  for (const group of form.querySelectorAll("[data-group]")) {
    const inputs = [...group.querySelectorAll("input, select, textarea")];
    group.hidden = inputs.every((input) => input.disabled);
  }
}

for (const form of document.querySelectorAll("form[data-conditions]")) {
  for (const words of form.querySelectorAll("[data-shown-by] [data-condition]")) {
    words.hidden = true;
  }
  form.addEventListener("change", () => update(form));
  update(form);

  // A second click while the first is under way would connect twice.
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) {
      event.preventDefault();
    }
    isSent = true;
  });
  window.addEventListener("pageshow", () => {
    isSent = false;
    update(form);
  });
}

document.querySelector("[data-focus]")?.focus();
