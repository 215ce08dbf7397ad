// Leads whoever waits for an answer to it, keyboards and screen readers included.
"use strict";

document.querySelector("[data-focus]")?.focus();
