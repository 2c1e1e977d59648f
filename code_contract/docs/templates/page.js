"use strict";
// Leaves only the operations that name every word asked for, and the clauses and rows that hold them.
(() => {
  const box = document.getElementById("search");
  const status = document.getElementById("found");
  const kinds = "article, tbody tr, .sample";
  const kept = "article:not([hidden]), tbody tr:not([hidden]), .sample:not([hidden])";
  const lower = (element) => (element ? element.textContent.toLowerCase() : "");
  const items = [...document.querySelectorAll(kinds)].map((item) => ({
    item,
    text: lower(item),
    section: item.closest("section"),
  }));
  const groups = [...document.querySelectorAll(".group")];
  const sections = [...document.querySelectorAll("section")];
  const heads = new Map(sections.map((each) => [each, lower(each.querySelector("h2")) + lower(each.querySelector(".address"))]));
  const links = [...document.querySelectorAll("nav a")].map((link) => ({
    link,
    target: document.getElementById(decodeURIComponent(link.hash.slice(1))),
  }));
  const tags = [...document.querySelectorAll("nav .tagged")];
  let timer = 0;

  function search() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (text) => words.every((word) => text.includes(word));
    const named = new Set(words.length ? sections.filter((each) => holds(heads.get(each))) : sections);
    let count = 0;
    items.forEach(({ item, text, section }) => {
      const fits = named.has(section) || holds(text);
      item.hidden = !fits;
      count += fits ? 1 : 0;
    });
    groups.forEach((group) => {
      group.hidden = words.length > 0 && !named.has(group.closest("section")) && !group.querySelector(kept);
    });
    sections.forEach((each) => {
      each.hidden = !named.has(each) && !each.querySelector(kept);
    });
    links.forEach(({ link, target }) => {
      link.hidden = Boolean(target && target.closest("[hidden]"));
    });
    tags.forEach((tag) => {
      tag.hidden = !tag.querySelector("a:not([hidden])");
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

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, items.length > 5000 ? 200 : 0);
  });
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
  if (box.value) search();
})();
