// Takes off a paste what was copied along with the value, and says so. The rules stay the server's:
// without this script it takes off what the field's definition names and refuses the rest.
"use strict";

const BLANK = /^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$/g;

function withoutQuotes(text) {
  const isQuoted = text.length > 1 && text[0] === text.at(-1) && "\"'`".includes(text[0]);
  return isQuoted ? text.slice(1, -1) : text;
}

// `[what is left, [what was taken, in words]]`.
function mended(text, rules, words) {
  const taken = [];
  let left = text;
  const take = (shorter, what) => {
    if (shorter !== left && shorter !== "") {
      left = shorter;
      taken.push(what);
    }
  };
  take(left.replace(BLANK, ""), words.takenSpace);
  const heads = rules.strip.filter((one) => one !== "space" && one !== "quotes");
  if (rules.isSecret || rules.strip.includes("quotes")) {
    take(withoutQuotes(left), words.takenQuotes);
  }
  if (rules.isSecret && heads.every((head) => head.toLowerCase() !== "bearer ")) {
    heads.push("Bearer ");
  }
  for (const head of [...heads, rules.prefix].filter(Boolean)) {
    if (left.toLowerCase().startsWith(head.toLowerCase())) {
      take(left.slice(head.length), `“${head.trim()}”`);
    }
  }
  if (rules.suffix && left.endsWith(rules.suffix)) {
    take(left.slice(0, -rules.suffix.length), `“${rules.suffix}”`);
  }
  return [left, [...new Set(taken)]];
}

function say(place, form, taken, putBack) {
  const back = document.createElement("button");
  back.type = "button";
  back.className = "btn btn-link btn-sm p-0 align-baseline";
  back.textContent = form.dataset.putBack;
  back.addEventListener("click", putBack);
  place.replaceChildren(`${form.dataset.taken} ${taken.join(", ")}. `, back);
}

function put(input, text) {
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

for (const field of document.querySelectorAll("[data-paste]")) {
  const rules = JSON.parse(field.dataset.paste);
  const place = field.querySelector("[data-pasted]");
  const input = field.querySelector("input");
  const form = input.form;
  input.addEventListener("paste", (event) => {
    const pasted = event.clipboardData.getData("text");
    const [left, taken] = mended(pasted, rules, form.dataset);
    // Only a paste that is the whole value: in the middle of one nobody knows what belongs to it.
    const isWhole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    place.replaceChildren();
    if (!isWhole || taken.length === 0) {
      return;
    }
    event.preventDefault();
    put(input, left);
    say(place, form, taken, () => {
      put(input, pasted);
      place.replaceChildren();
      input.focus();
    });
  });
}
