// The theme and the language, remembered where the browser allows it.
import { $ } from "./dom.js";
import { language, setLanguage } from "./words.js";

function remember(name, value) {
  try {
    localStorage.setItem(`mock-${name}`, value);
  } catch {
    // The storage is blocked: the choice lasts until the page is closed.
  }
}

export function bindSettings() {
  const root = document.documentElement;
  $("theme").value = root.dataset.theme;
  if (!$("theme").value) $("theme").value = root.dataset.theme = "auto";
  $("theme").addEventListener("change", () => {
    root.dataset.theme = $("theme").value;
    remember("theme", root.dataset.theme);
  });
  $("language").value = language();
  $("language").addEventListener("change", () => {
    setLanguage($("language").value);
    remember("language", language());
  });
}
