// The journal: its entries, the newest first, and the filters over them.
import { admin, rootUrl } from "./api.js";
import { $, copy, el } from "./dom.js";
import { entryView, targetOf } from "./entry.js";
import { curlOf } from "./snippets.js";
import { outcomeText, violationTexts, word } from "./words.js";

// As many as the mock keeps.
const MAX_ENTRIES = 500;
// Above it, entries outside of the window are not rendered.
const MAX_RENDERED = 100;
const FORWARDING = /^(via|forwarded|x-forwarded-.+)$/i;
// The proxy of Vite adds no header, but keeps the port of its own: the one of a page behind the same proxy, and another one
// than that of a page without a proxy.
const isDirect = rootUrl.pathname === "/";

function portOf(host) {
  try {
    return new URL(`${location.protocol}//${host}`).port;
  } catch {
    return "";
  }
}

export function journal({ report, announce }) {
  // By number, oldest first.
  const entries = new Map();
  const items = new Map();
  let added = [];

  const textOf = (entry) =>
    [entry.method, targetOf(entry), entry.status, entry.client, outcomeText(entry), entry.operation, entry.uuid, entry.body, entry.response?.body,
      ...violationTexts(entry), ...entry.headers.flat(), ...(entry.response?.headers ?? []).flat()].join("\n").toLowerCase();

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
    $("entries").classList.toggle("many", entries.size > MAX_RENDERED);
    $("empty").hidden = entries.size > 0;
    $("no-match").hidden = !entries.size || count > 0;
    $("proxy").hidden = ![...entries.values()].some(isForwarded);
  }

  const isForwarded = (entry) => entry.source !== "page" && entry.headers.some(
    ([name, value]) => FORWARDING.test(name) || (name.toLowerCase() === "host" && isDirect === (portOf(value) !== location.port)),
  );

  function fillClients() {
    const chosen = $("client-filter").value;
    const names = [...new Set([...entries.values()].map((each) => each.client))].filter(Boolean).sort();
    // The value has a mark, for "" is all clients.
    const options = names.map((name) => new Option(name, `=${name}`));
    $("client-filter").replaceChildren(new Option(word("all_clients"), ""), ...options);
    $("client-filter").value = names.includes(chosen.slice(1)) ? chosen : "";
    $("client-filter").hidden = !names.length && !chosen;
  }

  function remove(number) {
    items.get(number)?.remove();
    items.delete(number);
    entries.delete(number);
  }

  // Many entries at once cost one layout.
  function flush(isNew = false) {
    const rows = [];
    for (const entry of added.splice(0)) {
      remove(entry.number);
      entries.set(entry.number, entry);
      items.set(entry.number, el("li", { class: isNew && "new" }, entryView(entry, announce)));
      rows.unshift(items.get(entry.number));
    }
    $("entries").prepend(...rows);
    [...entries.keys()].slice(0, Math.max(0, entries.size - MAX_ENTRIES)).forEach(remove);
    fillClients();
    applyFilters();
  }

  function add(entry) {
    if (added.push(entry) === 1) requestAnimationFrame(() => flush(true));
    // A page in the background has no frames.
    else if (added.length > MAX_ENTRIES) added.shift();
  }

  // Entries that are shown already stay, and stay open.
  function replace(found) {
    const times = new Map(found.map((each) => [each.number, each.time]));
    for (const { number, time } of entries.values()) if (times.get(number) !== time) remove(number);
    added = found.filter((each) => !entries.has(each.number));
    flush();
  }

  function removeThrough({ client, through }) {
    for (const each of entries.values()) if (each.number <= through && (!client || each.client === client)) remove(each.number);
    added = added.filter((each) => each.number > through || (client && each.client !== client));
    flush();
  }

  function relabel() {
    const shown = [...entries.values()];
    for (const each of shown) delete each.text;
    replace([]);
    replace(shown);
  }

  const clear = () =>
    admin("requests", { method: "DELETE" }).then(() => removeThrough({ client: "", through: Infinity }), report);

  // The first request of an app, for a journal without any.
  function setExample(request) {
    $("try").textContent = curlOf(request);
    $("try").hidden = false;
  }

  $("base-url").textContent = rootUrl.href.replace(/\/$/, "") + $("base-url").dataset.path;
  $("copy-try").addEventListener("click", () => copy($("try").textContent).then(announce, announce));
  for (const id of ["source-filter", "status-filter", "client-filter", "only-violations"]) $(id).addEventListener("change", applyFilters);
  $("search").addEventListener("input", applyFilters);
  $("clear").addEventListener("click", clear);
  $("har").addEventListener("click", () => el("a", { href: "requests.har", download: "" }).click());
  document.addEventListener("languagechange", relabel);
  fillClients();
  const isSent = (client) => [...entries.values(), ...added].some(
    (each) => each.source !== "page" && each.uuid && (!client || each.client === client),
  );
  return { add, replace, removeThrough, isSent, setExample };
}
