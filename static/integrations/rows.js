// Adds rows and takes them back in place. Without this script the buttons send the form, and the page
// comes back with its rows as asked.
"use strict";

const rowsButton = "[data-rows-button]";

// The part of the page that the server would draw, or null where it says something else.
const drawn = async (button, id) => {
  const body = new FormData(button.form, button);
  const answer = await fetch(window.location.href, { method: "POST", body, redirect: "manual" });
  if (!answer.ok) {
    return null;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.getElementById(id);
};

const openRows = (group) =>
  [...group.querySelectorAll(".inline-related:has(> details[open])")].map((row) => row.id);

const replace = (group, fresh, added) => {
  const open = openRows(group);
  group.replaceWith(fresh);
  for (const id of open) {
    document.querySelector(`#${CSS.escape(id)} > details`)?.setAttribute("open", "");
  }
  const row = added && document.getElementById(added);
  const inputs = "input:not([type=hidden]), select, textarea";
  (row?.querySelector(inputs) ?? fresh.querySelector("[name=_add_row]"))?.focus();
  fresh.dispatchEvent(new Event("change", { bubbles: true }));
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest(rowsButton);
  if (!button || button.dataset.plain) {
    return;
  }
  event.preventDefault();
  const group = button.closest(".inline-group");
  try {
    const fresh = await drawn(button, group.id);
    if (fresh) {
      replace(group, fresh, button.getAttribute("formaction")?.slice(1));
      return;
    }
  } catch {
    // No answer: the browser says so when it sends the form itself.
  }
  button.dataset.plain = "yes";
  button.click();
});
