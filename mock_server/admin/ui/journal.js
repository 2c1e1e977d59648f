// The journal: its entries, the newest first, and the filters over them.
import { admin } from "./api.js";
import { $, el } from "./dom.js";
import { entryView, targetOf } from "./entry.js";
import { reasonText, word } from "./words.js";

// As many as the mock keeps.
const MAX_ENTRIES = 500;
const FORWARDING = /^(via|forwarded|x-forwarded-.+)$/i;

export function journal({ report, announce }) {
  // By number, oldest first.
  const entries = new Map();
  const items = new Map();
  let added = [];

  const textOf = (entry) =>
    [entry.method, targetOf(entry), entry.status, entry.client, reasonText(entry.outcome), entry.operation, entry.uuid, entry.body, entry.response?.body,
      ...entry.violations.map(reasonText), ...entry.headers.flat(), ...(entry.response?.headers ?? []).flat()].join("\n").toLowerCase();

  function filter() {
    const terms = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [source, status, client] = ["source-filter", "status-filter", "client-filter"].map((id) => $(id).value);
    return (entry) => {
      if (source && entry.source !== source) return false;
      if (status && (entry.status === null ? "none" : String(Math.floor(entry.status / 100))) !== status) return false;
      if (client && entry.client !== client.slice(1)) return false;
      if ($("only-violations").checked && !entry.violations.length) return false;
      if (!terms.length) return true;
      entry.text ??= textOf(entry);
      return terms.every((term) => entry.text.includes(term));
    };
  }

  function applyFilters() {
    const isShown = filter();
    let count = 0;
    for (const entry of entries.values()) {
      const shown = isShown(entry);
      count += shown;
      items.get(entry.number).hidden = !shown;
    }
    $("count").textContent = entries.size ? word("shown", { count, all: entries.size }) : "";
    $("empty").hidden = entries.size > 0;
    $("no-match").hidden = !entries.size || count > 0;
    $("proxy").hidden = ![...entries.values()].some(isForwarded);
  }

  const isForwarded = (entry) => entry.source !== "page" && entry.headers.some(([name]) => FORWARDING.test(name));

  function fillClients() {
    const chosen = $("client-filter").value;
    const names = [...new Set([...entries.values()].map((each) => each.client))].filter(Boolean).sort();
    // The value has a mark, for "" is all clients.
    const options = names.map((name) => new Option(name, `=${name}`));
    $("client-filter").replaceChildren(new Option(word("all_clients"), ""), ...options);
    $("client-filter").value = names.includes(chosen.slice(1)) ? chosen : "";
    $("client-filter").hidden = !names.length && !chosen;
  }

  // Many entries at once cost one layout.
  function flush() {
    const rows = [];
    for (const entry of added.splice(0)) {
      items.get(entry.number)?.remove();
      const item = el("li", {}, entryView(entry, announce));
      entries.delete(entry.number);
      entries.set(entry.number, entry);
      items.set(entry.number, item);
      rows.unshift(item);
    }
    $("entries").prepend(...rows);
    for (const number of [...entries.keys()].slice(0, Math.max(0, entries.size - MAX_ENTRIES))) {
      items.get(number).remove();
      items.delete(number);
      entries.delete(number);
    }
    fillClients();
    applyFilters();
  }

  function add(entry) {
    if (added.push(entry) === 1) requestAnimationFrame(flush);
  }

  function replace(found) {
    entries.clear();
    items.clear();
    $("entries").replaceChildren();
    added = found.slice(-MAX_ENTRIES);
    flush();
  }

  async function clear() {
    try {
      await admin("requests", { method: "DELETE" });
      await reload();
    } catch (error) {
      report(error);
    }
  }

  const reload = async () => replace((await admin("requests")).requests);

  for (const id of ["source-filter", "status-filter", "client-filter", "only-violations"]) $(id).addEventListener("change", applyFilters);
  $("search").addEventListener("input", applyFilters);
  $("clear").addEventListener("click", clear);
  document.addEventListener("languagechange", () => replace([...entries.values()]));
  fillClients();
  return { add, replace, reload };
}
