// The page of the mock. What it shows may be hostile: text goes in by textContent only.
"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const $ = (id) => document.getElementById(id);
const MOST_ROWS = 100;
let offered;
let shownTo = 0;
let asking = 0;

function problem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

function about() {
  const client = $("client").value.trim();
  return client ? { "X-Mock-Client": encodeURI(client) } : {};
}

async function admin(path, options = {}) {
  const headers = { ...about(), ...(options.body ? { "Content-Type": "application/json" } : {}) };
  const response = await fetch(path, { ...options, headers, signal: AbortSignal.timeout(10000) });
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

const at = (value, place) => place.reduce((below, name) => (below == null ? undefined : below[name]), value);

async function refresh() {
  const mine = ++asking;
  const operation = offered.operations.find((each) => each.picture) || offered.operations[0];
  let status, text = "", value;
  $("refresh").setAttribute("aria-busy", "true");
  try {
    const headers = { ...operation.headers, ...about() };
    const response = await fetch(operation.path, { method: operation.method, headers, signal: AbortSignal.timeout(65000) });
    status = `${response.status} ${response.statusText}`;
    text = await response.text();
    value = JSON.parse(text);
  } catch (error) {
    status = `${status || ""} ${error.name}: ${error.message}`;
  }
  if (mine !== asking) return;
  $("refresh").removeAttribute("aria-busy");
  $("status").textContent = status;
  $("sent").textContent = text;
  const picture = operation.picture && at(value, operation.picture);
  const uuid = operation.uuid && at(value, operation.uuid);
  const found = typeof picture === "string" && picture.startsWith("data:image/");
  $("picture").hidden = !found;
  $("none").hidden = found;
  $("uuid").textContent = uuid ?? "";
  $("answer").textContent = "";
  if (typeof uuid === "string" && uuid) {
    const challenge = await admin(`challenges/${encodeURIComponent(uuid)}`).catch(() => null);
    if (mine !== asking) return;
    if (challenge) {
      $("answer").textContent = challenge.answer;
      $("picture").alt = `${words.captcha}, ${words.asks} ${challenge.question}`;
    }
  }
  if (found) $("picture").src = picture;
}

async function behave() {
  const wanted = {};
  const delay = Math.min(Math.max(Number($("delay").value) || 0, 0), 60);
  if ($("scenario").value !== offered.scenarios[0].name) wanted.scenario = $("scenario").value;
  if ($("fault").value) wanted.fault = $("fault").value;
  if (delay) wanted.delay = delay;
  const options = Object.keys(wanted).length ? { method: "PUT", body: JSON.stringify(wanted) } : { method: "DELETE" };
  await admin("behaviour", options);
  await standing();
}

async function standing() {
  const { behaviour, left } = await admin("behaviour");
  const set = Object.keys(behaviour).length > 0;
  const times = left === null ? "" : ` × ${left}`;
  $("standing").textContent = set ? `${words.stands} ${JSON.stringify(behaviour)}${times}` : words.honest;
  return behaviour;
}

function show(behaviour) {
  $("scenario").value = behaviour.scenario || offered.scenarios[0].name;
  $("fault").value = behaviour.fault || "";
  $("delay").value = typeof behaviour.delay === "number" ? behaviour.delay : 0;
}

function cell(row, text) {
  const made = row.insertCell();
  made.textContent = text;
  return made;
}

function row(entry) {
  const made = document.createElement("tr");
  cell(made, entry.time.slice(11, 23));
  cell(made, `${entry.method} ${entry.path}`);
  cell(made, entry.status);
  cell(made, `${entry.milliseconds.toFixed(1)} ms`);
  const last = cell(made, entry.outcome);
  if (entry.violations.length) {
    const line = document.createElement("div");
    line.className = "bad";
    line.textContent = `${words.violations}: ${entry.violations.join("; ")}`;
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

async function journal() {
  const { requests } = await admin(`requests?after=${shownTo}`);
  for (const entry of requests) {
    shownTo = Math.max(shownTo, entry.number);
    $("entries").prepend(row(entry));
  }
  while ($("entries").rows.length > MOST_ROWS) $("entries").deleteRow(-1);
  $("empty").hidden = $("entries").rows.length > 0;
  document.querySelector("table").hidden = !$("empty").hidden;
}

function emptied() {
  shownTo = 0;
  $("entries").replaceChildren();
}

async function watch() {
  try {
    const health = await admin("health");
    await journal();
    await standing();
    problem(health.problem);
  } catch (error) {
    problem(`${words.lost} ${error.message}`);
  }
  setTimeout(watch, document.hidden ? 5000 : 1000);
}

const guarded = (work) => () => work().catch((error) => problem(error.message));

async function start() {
  offered = await admin("options");
  const chinese = document.documentElement.lang === "zh";
  for (const { name, summary, zh } of offered.scenarios) {
    $("scenario").append(new Option(`${name}: ${chinese ? zh : summary}`, name));
  }
  for (const { name, text } of offered.faults) $("fault").append(new Option(`${name}: ${text}`, name));
  for (const id of ["scenario", "fault", "delay"]) $(id).addEventListener("change", guarded(behave));
  $("behaviour").addEventListener("submit", (event) => event.preventDefault());
  $("client").addEventListener("change", guarded(async () => { emptied(); show(await standing()); }));
  $("reset").addEventListener("click", guarded(async () => { show({}); await behave(); }));
  $("refresh").addEventListener("click", guarded(refresh));
  $("clear").addEventListener("click", guarded(async () => { await admin("requests", { method: "DELETE" }); emptied(); await journal(); }));
  show(await standing());
  await refresh();
  await watch();
}

guarded(start)();
