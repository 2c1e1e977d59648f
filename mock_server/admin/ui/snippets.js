// A request of the journal as code: curl, fetch and axios. Its data is quoted: it is hostile in a terminal, too.
import { mockUrl } from "./api.js";

// Headers that a client writes itself, or that belong to the connection of the recorded request.
const OF_CONNECTION = ["host", "content-length", "connection", "accept-encoding", "transfer-encoding", "keep-alive", "te", "trailer", "upgrade", "expect"];
// Those that a browser lets no script set (Fetch, "forbidden request-header").
const OF_BROWSER = ["accept-charset", "access-control-request-headers", "access-control-request-method", "cookie", "date", "dnt", "origin", "referer", "via", "user-agent"];
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CUT = /… \(truncated from \d+\)$/;

const isOfBrowser = (name) => OF_BROWSER.includes(name) || /^(sec|proxy)-/.test(name);

export function headersOf(entry, { forBrowser }) {
  return entry.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return TOKEN.test(name) && !OF_CONNECTION.includes(lower) && !(forBrowser && isOfBrowser(lower));
  });
}

// Half a surrogate pair has no UTF-8.
const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");
const encoded = (text) => encodeURIComponent(wellFormed(text));

export function pathOf(entry) {
  const query = entry.query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return encodeURI(wellFormed(entry.path)).replaceAll("#", "%23").replaceAll("?", "%3F") + (query.length ? `?${query.join("&")}` : "");
}

// POSIX quoting; control characters as in bash and zsh.
export function shellQuoted(text) {
  if (!/[\x00-\x1f\x7f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text.replace(/[\\']/g, "\\$&").replace(
    /[\x00-\x1f\x7f]/g, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `$'${escaped}'`;
}

export const isIncomplete = (entry) => CUT.test(entry.body) || [entry.body, ...entry.headers.flat()].includes("***");

export const asCurl = (entry) =>
  curlOf({ method: entry.method, path: pathOf(entry), headers: headersOf(entry, { forBrowser: false }), body: entry.body });

export function curlOf({ method, path, headers, body }) {
  const url = mockUrl(path).href;
  const parts = [`curl -X ${shellQuoted(method)} ${shellQuoted(url)}`];
  // curl expands [] and {} in URLs, and sends no header for "name:".
  if (/[[\]{}]/.test(url)) parts[0] = parts[0].replace("curl", "curl --globoff");
  for (const [name, value] of headers) {
    parts.push(`-H ${shellQuoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
  }
  if (body) parts.push(`--data-raw ${shellQuoted(body)}`);
  return parts.join(" \\\n  ");
}

const headersObject = (entry) => {
  const merged = new Map();
  for (const [name, value] of headersOf(entry, { forBrowser: true })) {
    merged.set(name, merged.has(name) ? `${merged.get(name)}, ${value}` : value);
  }
  return [...merged].map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`).join("");
};

const withHeaders = (entry) => {
  const headers = headersObject(entry);
  return headers ? `  headers: {\n${headers}  },\n` : "";
};

export function asFetch(entry) {
  const body = entry.body ? `  body: ${JSON.stringify(entry.body)},\n` : "";
  const method = `  method: ${JSON.stringify(entry.method)},\n`;
  return `const response = await fetch(${JSON.stringify(mockUrl(pathOf(entry)).href)}, {\n${method}${withHeaders(entry)}${body}});`;
}

export function asAxios(entry) {
  const url = `  url: ${JSON.stringify(mockUrl(pathOf(entry)).href)},\n`;
  const data = entry.body ? `  data: ${JSON.stringify(entry.body)},\n` : "";
  const method = `  method: ${JSON.stringify(entry.method.toLowerCase())},\n`;
  return `const response = await axios({\n${method}${url}${withHeaders(entry)}${data}});`;
}
