"use strict";
// Leaves only the clauses and rows that hold every word asked for.
(() => {
  const box = document.getElementById("search");
  const status = document.getElementById("found");
  const items = [...document.querySelectorAll("article, tbody tr, .sample")];
  const texts = items.map((item) => item.textContent.toLowerCase());
  const groups = [...document.querySelectorAll(".group")];
  const kept = "article:not([hidden]), tbody tr:not([hidden]), .sample:not([hidden])";

  function search() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    items.forEach((item, index) => {
      const fits = words.every((word) => texts[index].includes(word));
      item.hidden = !fits;
      count += fits ? 1 : 0;
    });
    groups.forEach((group) => {
      group.hidden = words.length > 0 && !group.querySelector(kept);
    });
    status.textContent = words.length ? count + " / " + items.length : "";
  }

  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) {
      box.value = "";
      search();
      target.scrollIntoView();
    }
  }

  box.addEventListener("input", search);
  window.addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    // A link to the anchor that is already in the address changes no hash.
    if (event.target.closest("a")) setTimeout(reveal);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && document.activeElement === box) {
      box.value = "";
      search();
    }
  });
  search();
})();
