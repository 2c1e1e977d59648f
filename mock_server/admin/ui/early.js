// Before the first paint: the theme and the language that the reader chose.
"use strict";

try {
  const root = document.documentElement;
  root.dataset.theme = localStorage.getItem("mock-theme") || "auto";
  root.lang = localStorage.getItem("mock-language") || root.lang;
} catch {
  // The storage is blocked: the defaults apply.
}
