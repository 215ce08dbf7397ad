// Looks every two seconds whether the consent in the other tab is over, and goes on then.
"use strict";

const waiting = document.querySelector("[data-wait]");

async function look() {
  try {
    const answer = await fetch(waiting.dataset.wait, { credentials: "omit", cache: "no-store" });
    if (answer.redirected) {
      location.replace(answer.url);
      return;
    }
  } catch {
    // Offline for a moment: the next look may fare better.
  }
  setTimeout(look, 2000);
}

if (waiting) {
  setTimeout(look, 2000);
}
