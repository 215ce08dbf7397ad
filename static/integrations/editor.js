// Sends the editor's form into the preview's frame a moment after something was changed.
// Without this script the button does it.
"use strict";

const PAUSE = 800;
const button = document.querySelector("[data-preview-button]");
const form = button?.form;

if (form) {
  let waiting = 0;
  const later = (event) => {
    // Choosing a file or pressing a button of Django's own changes no definition.
    if (event.target.closest("[data-no-preview]")) {
      return;
    }
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => form.requestSubmit(button), PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => {
    if (event.submitter !== button) {
      window.clearTimeout(waiting);
    }
  });
}
