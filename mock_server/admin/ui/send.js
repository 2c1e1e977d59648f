// The page's own call of an operation. It uses up no behaviour of the app, and is marked in the journal.
import { admin, send } from "./api.js";
import { combobox } from "./combobox.js";
import { $, el } from "./dom.js";
import { openEditor } from "./editor.js";
import { bodyView, headersTable } from "./message.js";
import { word } from "./words.js";

const nameOf = (operation) => `${operation.method} ${operation.path}`;

export function statusPill(status, outcome, isBroken = false) {
  const kind = status === null || isBroken ? "none" : `s${Math.floor(status / 100)}`;
  return el("span", { class: `status ${kind}`, title: outcome }, status === null ? "–" : String(status));
}

export function resultView(result) {
  const line = el(
    "p", { class: "result-line" }, statusPill(result.status), el("span", {}, result.outcome || ""),
    el("span", { class: "muted" }, `${result.milliseconds.toFixed(0)} ms`),
  );
  if (!result.response) return [line];
  const headers = el("details", {}, el("summary", {}, word("headers")), headersTable(result.response.headers, word("headers")));
  // The line is announced, not the whole body.
  return [line, el("div", { "aria-live": "off" }, bodyView(result.response), headers)];
}

// `onOperation` gets the operation that is chosen, with its faults and a valid request.
export function sendPanel(operations, { client, onOperation, report }) {
  const preferred = operations.find((each) => each.picture) ?? operations[0];
  const details = new Map();
  let chosen = preferred;
  let latest = 0;

  function detailsOf(operation) {
    const query = new URLSearchParams({ id: operation.id });
    if (!details.has(operation.id)) details.set(operation.id, admin(`operation?${query}`));
    // A failure is not kept.
    details.get(operation.id).catch(() => details.delete(operation.id));
    return details.get(operation.id);
  }

  const announceDetails = (operation) =>
    detailsOf(operation).then((details) => operation === chosen && onOperation(operation, details), report);

  function choose(id) {
    chosen = operations.find((each) => each.id === id) ?? preferred;
    chooser.show(chosen.id);
    announceDetails(chosen);
  }

  const chooser = combobox(
    $("operation"), (each) => ({ value: each.id, label: nameOf(each), note: each.summary, detail: each.id }), choose,
  );
  chooser.setItems(operations);
  $("send-panel").hidden = !preferred;
  if (!preferred) return;
  choose(preferred.id);
  $("operation-row").hidden = operations.length < 2;
  $("operation-name").textContent = operations.length < 2 ? nameOf(preferred) : "";

  $("send").addEventListener("click", async () => {
    const mine = ++latest;
    $("send").setAttribute("aria-busy", "true");
    try {
      const { request } = await detailsOf(chosen);
      const result = await send({ ...request, client: client() });
      if (mine === latest) $("sent").replaceChildren(...resultView(result));
    } catch (error) {
      report(error);
    } finally {
      if (mine === latest) $("send").removeAttribute("aria-busy");
    }
  });
  $("edit").addEventListener("click", () => detailsOf(chosen).then(({ request }) => openEditor(request, client), report));
}
