// Tells the page that opened this popup, or that frames it, how the session ended: once, and only
// the origin that is stored with the session.
"use strict";

const note = document.querySelector("[data-message]");
const isFramed = window.parent !== window;
const target = isFramed ? window.parent : window.opener;
if (note && target && !history.state?.isTold) {
  target.postMessage(JSON.parse(note.dataset.message), note.dataset.origin);
  // A reload shows the same page and says nothing more.
  history.replaceState({ isTold: true }, "");
  if (!isFramed && "closes" in note.dataset) {
    window.close();
  }
}
