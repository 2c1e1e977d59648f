// The editor of a request: a dialog that sends it as the page's own.
import { send } from "./api.js";
import { $ } from "./dom.js";
import { resultView } from "./send.js";
import { problemOf, word } from "./words.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
let clientOf = () => "";

// Opens the editor with a request: {method, path, headers, body}.
export function openEditor(request, client = () => "", isIncomplete = false) {
  const methods = METHODS.includes(request.method) ? METHODS : [request.method, ...METHODS];
  clientOf = client;
  $("edit-method").replaceChildren(...methods.map((each) => new Option(each)));
  $("edit-method").value = request.method;
  $("edit-path").value = request.path;
  $("edit-headers").value = request.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
  $("edit-body").value = request.body;
  $("edit-warning").hidden = !isIncomplete;
  $("edit-result").replaceChildren();
  $("editor").showModal();
  $("edit-path").focus();
}

// A line for each header; one without a colon is refused, as a request without it would be another one.
function headersIn(text) {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    const at = line.indexOf(":");
    if (at < 1) throw new Error(word("not_a_header", { line: line.slice(0, 60) }));
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
}

async function submit(event) {
  event.preventDefault();
  $("edit-send").setAttribute("aria-busy", "true");
  try {
    const headers = headersIn($("edit-headers").value);
    const request = { method: $("edit-method").value, path: $("edit-path").value.trim(), headers, body: $("edit-body").value };
    $("edit-result").replaceChildren(...resultView(await send({ ...request, client: clientOf() })));
  } catch (error) {
    $("edit-result").textContent = problemOf(error);
  } finally {
    $("edit-send").removeAttribute("aria-busy");
  }
}

export function bindEditor() {
  $("edit-form").addEventListener("submit", submit);
  $("edit-close").addEventListener("click", () => $("editor").close());
}
