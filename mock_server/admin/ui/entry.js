// One entry of the journal: a line, and its details, which are made when it is opened.
import { button, copy, el } from "./dom.js";
import { openEditor } from "./editor.js";
import { bodyView, headersTable } from "./message.js";
import { statusPill } from "./send.js";
import { asAxios, asCurl, asFetch, headersOf, isIncomplete, pathOf } from "./snippets.js";
import { listed, longTime, outcomeText, shortTime, violationTexts, word } from "./words.js";

// The client has a status, but not the whole response.
const BROKEN = ["body-truncated", "body-never-ended"];
const isBroken = (entry) => [entry.reasons?.outcome].flat().some((each) => BROKEN.includes(each?.code));
const SNIPPETS = [["curl", asCurl], ["fetch", asFetch], ["axios", asAxios]];

export function targetOf(entry) {
  const query = entry.query.map(([name, value]) => `${name}=${value}`).join("&");
  return entry.path + (query ? `?${query}` : "");
}

export function entryView(entry, announce) {
  const violations = violationTexts(entry);
  const made = el(
    "details", { class: "entry" },
    el(
      "summary", {},
      el("time", { datetime: entry.time, title: longTime(entry.time) }, shortTime(entry.time)),
      el(
        "span", { class: "target" }, el("b", {}, entry.method), " ", targetOf(entry),
        entry.source === "page" && el("span", { class: "badge" }, word("source_page")),
        entry.client && el("span", { class: "badge client" }, entry.client),
      ),
      statusPill(entry.status, outcomeText(entry), isBroken(entry)),
      el("span", { class: "ms" }, `${entry.milliseconds.toFixed(1)} ms`),
      el("span", { class: "outcome" }, outcomeText(entry)),
      violations.length > 0 && el("span", { class: "bad" }, word("violations", { what: listed(violations) })),
    ),
  );
  made.addEventListener("toggle", () => {
    if (made.open && made.children.length === 1) made.append(details(entry, announce));
  });
  return made;
}

function details(entry, announce) {
  const copyAs = ([name, render]) =>
    button(word("copy_as", { name }), () => copy(render(entry)).then(announce, announce), { class: "quiet" });
  const resend = () => openEditor(
    { method: entry.method, path: pathOf(entry), headers: headersOf(entry, { forBrowser: true }), body: entry.body },
    undefined, isIncomplete(entry),
  );
  return el(
    "div", { class: "details" },
    el("div", { class: "actions" }, ...SNIPPETS.map(copyAs), button(word("edit_and_resend"), resend, { class: "quiet" })),
    facts(entry),
    el(
      "div", { class: "messages" },
      side(word("request"), `${entry.method} ${targetOf(entry)}`, entry.headers, entry),
      entry.status !== null ? side(word("response"), responseLine(entry), entry.response.headers, entry.response) : noResponse(entry),
    ),
  );
}

const responseLine = (entry) => `${entry.response.status ?? ""} ${outcomeText(entry)}`.trim();

function side(title, line, headers, message) {
  const view = bodyView({ ...message, headers });
  return el(
    "section", { "aria-label": title }, el("h3", {}, title), el("p", { class: "line" }, line),
    headersTable(headers, `${title}: ${word("headers")}`), view.childElementCount ? view : el("p", { class: "muted" }, word("no_body")),
  );
}

const noResponse = (entry) =>
  el("section", { "aria-label": word("response") }, el("h3", {}, word("response")), el("p", { class: "line" }, outcomeText(entry)));

function facts(entry) {
  const rows = [
    [word("number"), `#${entry.number}`],
    [word("time"), longTime(entry.time)],
    [word("operation"), entry.operation],
    [word("client_short"), entry.client],
    [word("uuid"), entry.uuid],
    ...violationTexts(entry).map((each) => [word("violation"), each, "bad"]),
  ];
  const made = rows.filter(([, value]) => value).map(([name, value, kind]) =>
    el("div", { class: kind }, el("dt", {}, name), el("dd", {}, value)));
  return el("dl", { class: "facts" }, ...made);
}
