// What makes the form of a method quicker. Without this script every field is there, with its
// condition in words, and every message comes when the form is sent.
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

// Shows the fields whose condition holds and hides the others; what is hidden is not sent.
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

function button(text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-outline-secondary";
  made.textContent = text;
  return made;
}

// A typed secret can be looked at; a stored one never gets here.
function addShowButton(form, input) {
  let group = input.closest(".input-group");
  if (group === null) {
    group = document.createElement("div");
    group.className = "input-group has-validation";
    input.replaceWith(group);
    group.append(input);
  }
  const toggle = button(form.dataset.show);
  const label = form.querySelector(`label[for="${CSS.escape(input.id)}"] .text-break`);
  const name = document.createElement("span");
  name.className = "visually-hidden";
  name.textContent = ` ${label.textContent}`;
  const turn = (isShown) => {
    input.type = isShown ? "text" : "password";
    toggle.firstChild.textContent = isShown ? form.dataset.hide : form.dataset.show;
    toggle.hidden = input.value === "";
  };
  toggle.append(name);
  toggle.addEventListener("click", () => turn(input.type === "password"));
  input.addEventListener("input", () => turn(input.type === "text" && input.value !== ""));
  form.addEventListener("submit", () => turn(false));
  window.addEventListener("pageshow", () => turn(false));
  group.append(toggle);
  turn(false);
}

// A chosen file stands for what would be typed: only one of them shows.
function tendFile(form, place) {
  const input = place.querySelector("input[type=file]");
  const area = place.closest("[data-field]").querySelector("textarea");
  const drop = button(form.dataset.unchoose);
  drop.classList.add("btn-sm", "mt-2");
  const turn = () => {
    drop.hidden = input.files.length === 0;
    area.readOnly = input.files.length > 0;
    area.classList.toggle("opacity-50", area.readOnly);
  };
  drop.addEventListener("click", () => {
    input.value = "";
    turn();
    input.focus();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", turn);
  area.addEventListener("dragover", (event) => event.preventDefault());
  area.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length === 1) {
      event.preventDefault();
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  place.append(drop);
  turn();
}

// Messages for the fields that were left, from where the form is judged when it is sent.
function checkAlong(form) {
  const visited = new Set();
  let timer = 0;
  const fields = () => [...form.querySelectorAll("[data-field]")];
  const isRefused = (field) => field.querySelector(".field-messages").textContent.trim() !== "";
  const check = () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.dispatchEvent(new CustomEvent("check-fields")), 150);
  };
  const visit = (event) => {
    const field = event.target.closest("[data-field]");
    // Whoever is about to send the form gets its answer; a message now would move the button away.
    const isLeaving = !event.relatedTarget?.matches?.("button:not([type=button]), a");
    if (field !== null && !field.contains(event.relatedTarget) && isLeaving) {
      visited.add(field.dataset.field);
      check();
    }
  };
  for (const field of fields().filter(isRefused)) {
    visited.add(field.dataset.field);
  }
  form.addEventListener("focusout", visit);
  form.addEventListener("change", () => visited.size > 0 && check());
  form.addEventListener("submit", () => clearTimeout(timer));
  form.addEventListener("htmx:configRequest", (event) => {
    for (const name of visited) {
      event.detail.formData.append("visited", name);
    }
  });
  form.addEventListener("htmx:afterRequest", () => {
    for (const field of fields().filter((one) => visited.has(one.dataset.field))) {
      for (const input of form.querySelectorAll(`[name="${CSS.escape(field.dataset.field)}"]`)) {
        mark(input, field.querySelector(".field-messages"));
      }
    }
  });
}

// An input says that it is wrong and where the reason stands, for as long as there is one.
function mark(input, place) {
  const isRefused = place.textContent.trim() !== "";
  const described = (input.getAttribute("aria-describedby") ?? "").split(" ");
  const others = described.filter((id) => id !== "" && id !== place.id);
  input.classList.toggle("is-invalid", isRefused);
  input.setAttribute("aria-invalid", String(isRefused));
  input.setAttribute("aria-describedby", (isRefused ? [place.id, ...others] : others).join(" "));
}

for (const form of document.querySelectorAll("form[data-conditions]")) {
  for (const words of form.querySelectorAll("[data-shown-by] [data-condition]")) {
    words.hidden = true;
  }
  form.addEventListener("change", () => update(form));
  for (const input of form.querySelectorAll("input[type=password]")) {
    addShowButton(form, input);
  }
  for (const place of form.querySelectorAll("[data-file]")) {
    tendFile(form, place);
  }
  if (form.hasAttribute("hx-post")) {
    checkAlong(form);
  }
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
