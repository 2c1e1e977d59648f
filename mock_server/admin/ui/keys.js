// Keys: r, 0 to 9, / and ?. Not while the reader types, nor with Ctrl, Alt or Meta, which belong to the browser.
import { $ } from "./dom.js";

const TYPING = "input, select, textarea, [contenteditable], dialog";

export function bindKeys(scenarios, form) {
  $("show-keys").addEventListener("click", () => $("keys").showModal());
  $("keys-close").addEventListener("click", () => $("keys").close());
  document.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
    if (!isPlain || event.defaultPrevented || event.target.closest?.(TYPING)) return;
    if (event.key === "r") form.reset();
    else if (event.key === "/") $("search").focus();
    else if (event.key === "?") $("keys").showModal();
    else if (/^[0-9]$/.test(event.key) && scenarios[event.key]) form.choose(scenarios[event.key].name);
    else return;
    event.preventDefault();
  });
}
