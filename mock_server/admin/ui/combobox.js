// A text field with a list of suggestions, grouped and searched by words (ARIA: combobox with a listbox).
import { el } from "./dom.js";
import { word } from "./words.js";

// More options are found by typing: a contract may have 60,000 faults.
const MAX_SHOWN = 200;

// Adds suggestions to an input. `describe` returns {value, note, detail, group} of an item; `choose` gets the value.
export function combobox(input, describe, choose) {
  const label = input.labels[0];
  label.id ||= `${input.id}-label`;
  const list = el("div", { role: "listbox", id: `${input.id}-list`, "aria-labelledby": label.id });
  const more = el("p", { class: "more", role: "status" });
  const popup = el("div", { class: "popup", hidden: true }, list, more);
  let items = [];
  let chosen = "";
  let active = -1;

  for (const [name, value] of Object.entries({
    role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": list.id,
  })) input.setAttribute(name, value);
  input.after(popup);
  input.parentElement.classList.add("combobox");

  const options = () => [...list.querySelectorAll("[role=option]")];
  const isOpen = () => !popup.hidden;

  function close() {
    popup.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function open() {
    const terms = input.value === chosen ? [] : input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    let count = 0;
    for (const each of items) {
      if (!terms.every((term) => each.key.includes(term))) continue;
      if (++count <= MAX_SHOWN) found.push(each);
    }
    const groups = new Map();
    for (const each of found) {
      if (!groups.has(each.group)) groups.set(each.group, []);
      groups.get(each.group).push(each);
    }
    list.replaceChildren();
    let number = 0;
    for (const [name, members] of groups) {
      const rows = members.map((each) => row(each, `${input.id}-option-${number++}`));
      if (!name) list.append(...rows);
      else {
        const title = el("div", { class: "group-title", id: `${input.id}-group-${number}`, role: "presentation" }, name);
        list.append(el("div", { role: "group", "aria-labelledby": title.id }, title, ...rows));
      }
    }
    more.textContent = count ? (count > MAX_SHOWN ? word("more_options", { count: count - MAX_SHOWN }) : "") : word("no_option");
    more.hidden = !more.textContent;
    list.hidden = !count;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    popup.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function row(item, id) {
    const made = el(
      "div", { role: "option", id, "aria-selected": String(item.value === chosen) },
      el("span", { class: "option-value" }, item.label),
      item.note && el("span", { class: "option-note" }, item.note),
      item.detail && el("code", { class: "option-detail" }, item.detail),
    );
    // Before the blur of the input.
    made.addEventListener("pointerdown", (event) => event.preventDefault());
    made.addEventListener("click", () => commit(item.value));
    return Object.assign(made, { value: item.value });
  }

  function move(to) {
    const rows = options();
    if (!rows.length) return;
    rows[active]?.classList.remove("active");
    active = (to + rows.length) % rows.length;
    rows[active].classList.add("active");
    rows[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", rows[active].id);
  }

  function commit(value) {
    close();
    input.value = labelOf(value);
    if (value === chosen) return;
    chosen = value;
    choose(value);
  }

  const labelOf = (value) => items.find((each) => each.value === value)?.label ?? value;
  const valueOf = (text) => items.find((each) => each.label === text || each.value === text)?.value;

  input.addEventListener("input", open);
  input.addEventListener("click", () => isOpen() || open());
  input.addEventListener("blur", () => {
    close();
    // A search that is not finished chooses nothing.
    const text = input.value.trim();
    commit(text ? (valueOf(text) ?? chosen) : "");
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const down = event.key === "ArrowDown";
      if (!isOpen()) open();
      move(down ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Enter") {
      const text = input.value.trim();
      // A name that is not listed is sent too: the mock knows more faults than it lists.
      commit(options()[active]?.value ?? (text ? (valueOf(text) ?? text) : ""));
    } else if (event.key === "Escape" && isOpen()) {
      close();
      input.value = labelOf(chosen);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  });

  return {
    setItems(list) {
      items = list.map((each) => {
        const found = describe(each);
        const label = found.label ?? found.value;
        return { ...found, label, key: [label, found.note, found.detail, found.group].join(" ").toLowerCase() };
      });
    },
    // Shows a value without choosing it; a field in use is left alone.
    show(value) {
      if (value === chosen && document.activeElement === input) return;
      chosen = value;
      input.value = labelOf(value);
      if (isOpen()) close();
    },
    value: () => chosen,
  };
}
