// The page of the mock. Its data is hostile: it is inserted with textContent only.
"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const $ = (id) => document.getElementById(id);
const MAX_ROWS = 100;
let offered;
let shownTo = 0;
let latestRequest = 0;

function showProblem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

function clientHeaders() {
  const client = $("client").value.trim();
  return client ? { "X-Mock-Client": encodeURI(client) } : {};
}

async function admin(path, options = {}) {
  const headers = { ...clientHeaders(), ...(options.body ? { "Content-Type": "application/json" } : {}) };
  const response = await fetch(path, { ...options, headers, signal: AbortSignal.timeout(10000) });
  if (response.status === 204) return null;
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

const valueAt = (value, path) => path.reduce((below, name) => (below == null ? undefined : below[name]), value);

// The beginnings of base64, by the type of the picture.
const BASE64_BEGINNINGS = {
  iVBOR: "image/png",
  "/9j/": "image/jpeg",
  R0lGOD: "image/gif",
  UklGR: "image/webp",
  PHN2Zy: "image/svg+xml",
  "PD94b": "image/svg+xml",
};

function withType(picture) {
  if (typeof picture !== "string") return picture;
  const found = Object.keys(BASE64_BEGINNINGS).find((each) => picture.startsWith(each));
  return found ? `data:${BASE64_BEGINNINGS[found]};base64,${picture}` : picture;
}

function asDataUri(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

async function refresh() {
  const mine = ++latestRequest;
  const operation = offered.operations.find((each) => each.picture) || offered.operations[0];
  let status, text = "", value;
  $("refresh").setAttribute("aria-busy", "true");
  try {
    const headers = { ...operation.headers, ...clientHeaders() };
    const response = await fetch(operation.path, { method: operation.method, headers, signal: AbortSignal.timeout(65000) });
    status = `${response.status} ${response.statusText}`;
    if ((response.headers.get("Content-Type") || "").startsWith("image/")) {
      value = await asDataUri(await response.blob());
    } else {
      text = await response.text();
      value = JSON.parse(text);
    }
  } catch (error) {
    status = `${status || ""} ${error.name}: ${error.message}`;
  }
  if (mine !== latestRequest) return;
  $("refresh").removeAttribute("aria-busy");
  $("status").textContent = status;
  $("sent").textContent = text;
  const picture = withType(operation.picture && valueAt(value, operation.picture));
  const uuid = operation.uuid && valueAt(value, operation.uuid);
  const found = typeof picture === "string" && picture.startsWith("data:image/");
  $("picture").hidden = !found;
  $("none").hidden = found;
  $("uuid").textContent = uuid ?? "";
  $("answer").textContent = "";
  if (typeof uuid === "string" && uuid) {
    const challenge = await admin(`challenges/${encodeURIComponent(uuid)}`).catch(() => null);
    if (mine !== latestRequest) return;
    if (challenge) {
      $("answer").textContent = challenge.answer;
      $("picture").alt = `${words.captcha}, ${words.question} ${challenge.question}`;
    }
  }
  if (found) $("picture").src = picture;
}

async function applyBehaviour() {
  const wanted = {};
  const delay = Math.min(Math.max(Number($("delay").value) || 0, 0), 60);
  if ($("scenario").value !== offered.scenarios[0].name) wanted.scenario = $("scenario").value;
  if ($("fault").value) wanted.fault = $("fault").value;
  if (delay) wanted.delay = delay;
  const options = Object.keys(wanted).length ? { method: "PUT", body: JSON.stringify(wanted) } : { method: "DELETE" };
  await admin("behaviour", options);
  await showActive();
}

async function showActive() {
  const { behaviour, left } = await admin("behaviour");
  const set = Object.keys(behaviour).length > 0;
  const times = left === null ? "" : ` × ${left}`;
  $("active").textContent = set ? `${words.active} ${JSON.stringify(behaviour)}${times}` : words.default_behaviour;
  return behaviour;
}

function fillForm(behaviour) {
  $("scenario").value = behaviour.scenario || offered.scenarios[0].name;
  $("fault").value = behaviour.fault || "";
  $("delay").value = typeof behaviour.delay === "number" ? behaviour.delay : 0;
}

function cell(row, text) {
  const made = row.insertCell();
  made.textContent = text;
  return made;
}

function journalRow(entry) {
  const made = document.createElement("tr");
  cell(made, entry.time.slice(11, 23));
  cell(made, `${entry.method} ${entry.path}`);
  cell(made, entry.status);
  cell(made, `${entry.milliseconds.toFixed(1)} ms`);
  const last = cell(made, entry.outcome);
  if (entry.violations.length) {
    const line = document.createElement("div");
    line.className = "bad";
    line.textContent = `${words.violations} ${entry.violations.join("; ")}`;
    last.append(line);
  }
  const more = document.createElement("details");
  const summary = document.createElement("summary");
  const text = document.createElement("pre");
  summary.textContent = words.details;
  const pairs = (list, between) => list.map(([name, value]) => `${name}${between}${value}`).join("\n");
  text.textContent = [pairs(entry.query, "="), pairs(entry.headers, ": "), entry.body].filter(Boolean).join("\n\n");
  more.append(summary, text);
  last.append(more);
  return made;
}

async function updateJournal() {
  const { requests } = await admin(`requests?after=${shownTo}`);
  for (const entry of requests) {
    shownTo = Math.max(shownTo, entry.number);
    $("entries").prepend(journalRow(entry));
  }
  while ($("entries").rows.length > MAX_ROWS) $("entries").deleteRow(-1);
  $("empty").hidden = $("entries").rows.length > 0;
  document.querySelector("table").hidden = !$("empty").hidden;
}

function clearRows() {
  shownTo = 0;
  $("entries").replaceChildren();
}

async function poll() {
  try {
    const health = await admin("health");
    await updateJournal();
    await showActive();
    showProblem(health.problem);
  } catch (error) {
    showProblem(`${words.unreachable} ${error.message}`);
  }
  setTimeout(poll, document.hidden ? 5000 : 1000);
}

const reportErrors = (work) => () => work().catch((error) => showProblem(error.message));

async function start() {
  offered = await admin("options");
  const chinese = document.documentElement.lang === "zh";
  for (const { name, summary, zh } of offered.scenarios) {
    $("scenario").append(new Option(`${name}: ${chinese ? zh : summary}`, name));
  }
  for (const { name, text } of offered.faults) $("fault").append(new Option(`${name}: ${text}`, name));
  for (const id of ["scenario", "fault", "delay"]) $(id).addEventListener("change", reportErrors(applyBehaviour));
  $("behaviour").addEventListener("submit", (event) => event.preventDefault());
  $("client").addEventListener("change", reportErrors(async () => { clearRows(); fillForm(await showActive()); }));
  $("reset").addEventListener("click", reportErrors(async () => { fillForm({}); await applyBehaviour(); }));
  $("refresh").addEventListener("click", reportErrors(refresh));
  $("clear").addEventListener("click", reportErrors(async () => { await admin("requests", { method: "DELETE" }); clearRows(); await updateJournal(); }));
  fillForm(await showActive());
  $("captcha").hidden = !offered.operations.some((each) => each.picture);
  if (!$("captcha").hidden) await refresh();
  await poll();
}

reportErrors(start)();
