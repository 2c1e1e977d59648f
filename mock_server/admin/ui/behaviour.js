// A behaviour as values of the form, as a link, and as a curl command.
import { admin, adminUrl, CLIENT_HEADER, isAscii, withClient } from "./api.js";
import { shellQuoted } from "./snippets.js";

// Each of them selects the response: one replaces the others.
export const RESPONSE_FIELDS = ["scenario", "code", "example", "sequence"];
const NUMBERS = ["code", "times"];
const isNumber = (text) => /^\d+(\.\d+)?$/.test(text);

export const parsedDelay = (text) => (isNumber(text) ? Number(text) : text);

// The texts that the fields accept; the mock itself says what is wrong with others.
export const isValid = {
  code: (text) => /^[2-5]\d\d$/.test(text) && !["204", "205", "304"].includes(text),
  times: (text) => /^[1-9]\d{0,5}$|^1000000$/.test(text),
  delay: (text) => text.split("-").length <= 2 && text.split("-").every((each) => isNumber(each) && Number(each) <= 60),
};

// The behaviour after an edit. What the edit does not name stays, also what curl has set meanwhile.
export function edited(current, left, changes, fallback) {
  const next = { ...current };
  if (Object.keys(changes).some((name) => RESPONSE_FIELDS.includes(name))) {
    for (const name of RESPONSE_FIELDS) delete next[name];
  }
  // Setting a behaviour starts its counter again: what is left of it stays.
  if (next.times !== undefined && left !== null) next.times = left;
  Object.assign(next, changes);
  for (const [name, value] of Object.entries(next)) if (value === "" || value === undefined) delete next[name];
  if (next.sequence) for (const name of ["fault", "delay", "times"]) delete next[name];
  const names = Object.keys(next);
  // Not a reset, which would also reset the behaviours of other clients.
  return names.every((name) => name === "times") ? { scenario: fallback, ...next } : next;
}

export async function readBehaviour(client) {
  return admin("behaviour", { client });
}

export async function setBehaviour(behaviour, client) {
  const isSet = Object.keys(behaviour).length > 0;
  return admin("behaviour", isSet ? { method: "PUT", body: behaviour, client } : { method: "DELETE", client });
}

export function curlOf(behaviour, client) {
  const inHeader = isAscii(client);
  const url = withClient(adminUrl("behaviour"), inHeader ? "" : client);
  const header = client && inHeader ? ` -H ${shellQuoted(`${CLIENT_HEADER}: ${client}`)}` : "";
  const address = shellQuoted(url.href);
  if (!Object.keys(behaviour).length) return `curl -X DELETE ${address}${header}`;
  const body = shellQuoted(JSON.stringify(behaviour));
  return `curl -X PUT ${address}${header} -H 'Content-Type: application/json' -d ${body}`;
}

// The preset in the hash of a link, as in #scenario=rate-limited&client=anna, or null.
export function presetOf(hash) {
  if (!hash.includes("=")) return null;
  const behaviour = Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));
  const client = behaviour.client ?? "";
  delete behaviour.client;
  for (const name of NUMBERS) if (isNumber(behaviour[name] ?? "")) behaviour[name] = Number(behaviour[name]);
  if (behaviour.delay) behaviour.delay = parsedDelay(behaviour.delay);
  if (behaviour.sequence !== undefined) behaviour.sequence = stepsOf(behaviour.sequence);
  return { behaviour, client };
}

function stepsOf(text) {
  if (text.startsWith("[")) return JSON.parse(text);
  return text.split(",").map((each) => each.trim()).filter(Boolean);
}

export function linkOf(behaviour, client) {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(behaviour)) {
    const isList = Array.isArray(value);
    const simple = isList && value.every((each) => typeof each === "string" && !/[,[\s]/.test(each));
    found.set(name, isList ? (simple ? value.join(",") : JSON.stringify(value)) : value);
  }
  if (client) found.set("client", client);
  return `${location.origin}${location.pathname}${location.search}#${found}`;
}
