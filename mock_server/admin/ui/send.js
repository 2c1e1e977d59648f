// The page's own call of an operation. It uses up no behaviour of the app, and is marked in the journal.
import { send } from "./api.js";
import { combobox } from "./combobox.js";
import { $, el } from "./dom.js";
import { openEditor } from "./editor.js";
import { bodyView, headersTable } from "./message.js";
import { word } from "./words.js";

const nameOf = (operation) => `${operation.method} ${operation.path}`;

export const requestOf = (operation) => ({
  method: operation.method,
  path: operation.path,
  headers: Object.entries(operation.headers),
  body: operation.body ?? "",
});

export function statusPill(status, outcome) {
  const kind = status === null ? "none" : `s${Math.floor(status / 100)}`;
  return el("span", { class: `status ${kind}`, title: outcome }, status === null ? "–" : String(status));
}

export function resultView(result) {
  const line = el(
    "p", { class: "result-line" }, statusPill(result.status), el("span", {}, result.outcome || ""),
    el("span", { class: "muted" }, `${result.milliseconds.toFixed(0)} ms`),
  );
  if (!result.response) return [line];
  const headers = el("details", {}, el("summary", {}, word("headers")), headersTable(result.response.headers, word("headers")));
  return [line, bodyView(result.response), headers];
}

export function sendPanel(operations, client) {
  const preferred = operations.find((each) => each.picture) ?? operations[0];
  let chosen = preferred;
  let latest = 0;
  const chooser = combobox(
    $("operation"),
    (each) => ({ value: each.id, label: nameOf(each), note: each.summary, detail: each.id }),
    (id) => {
      chosen = operations.find((each) => each.id === id) ?? preferred;
      chooser.show(chosen.id);
    },
  );
  chooser.setItems(operations);
  $("send-panel").hidden = !preferred;
  if (!preferred) return;
  chooser.show(preferred.id);
  $("operation-row").hidden = operations.length < 2;
  $("operation-name").textContent = operations.length < 2 ? nameOf(preferred) : "";

  $("send").addEventListener("click", async () => {
    const mine = ++latest;
    $("send").setAttribute("aria-busy", "true");
    const result = await send({ ...requestOf(chosen), client: client() });
    if (mine !== latest) return;
    $("send").removeAttribute("aria-busy");
    $("sent").replaceChildren(...resultView(result));
  });
  $("edit").addEventListener("click", () => openEditor(requestOf(chosen), client));
}

