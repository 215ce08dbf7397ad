// A button `data-copies="id"` puts the value of that input on the clipboard. Without a script the
// input is marked and copied by hand, so the button is drawn hidden.
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("button[data-copies]").forEach((button) => {
  const input = document.getElementById(button.dataset.copies);
  if (!input || !navigator.clipboard) return;
  const said = button.textContent;
  button.hidden = false;
  input.addEventListener("focus", () => input.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      input.focus();
      return;
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}));
