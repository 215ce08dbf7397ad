// The names that Django's scripts give to icons without a role count only with one. Those scripts
// draw when the page is loaded, and asked for it before this one.
"use strict";

window.addEventListener("load", () => {
  for (const icon of document.querySelectorAll("span.help-tooltip[aria-label]:not([role])")) {
    icon.setAttribute("role", "img");
  }
});
