// Headers and bodies of requests and responses.
import { el } from "./dom.js";
import { word } from "./words.js";

const MAX_CHARS = 20_000;
const MAX_STRING = 300;
const MAX_TOKENS = 4000;
const MAX_INDENT = 20;
const PICTURE_TYPE = /^image\/(png|jpe?g|gif|webp|bmp|avif|svg\+xml)$/;
const DATA_URI = /^data:(image\/[a-z+]+);base64,[A-Za-z0-9+/=]+$/;
// The beginnings of base64, by the type of the picture.
const BASE64_BEGINNINGS = {
  iVBORw0KGgo: "image/png",
  "/9j/": "image/jpeg",
  R0lGOD: "image/gif",
  UklGR: "image/webp",
  PHN2Zy: "image/svg+xml",
  PD94bWwg: "image/svg+xml",
};
const MIN_PICTURE_CHARS = 60;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;

// The data URI of a picture in base64, with or without its type, or null.
export function pictureOf(text) {
  if (typeof text !== "string") return null;
  const found = DATA_URI.exec(text);
  if (found) return PICTURE_TYPE.test(found[1]) ? text : null;
  if (text.length < MIN_PICTURE_CHARS || !/^[A-Za-z0-9+/=]+$/.test(text)) return null;
  const start = Object.keys(BASE64_BEGINNINGS).find((each) => text.startsWith(each));
  return start ? `data:${BASE64_BEGINNINGS[start]};base64,${text}` : null;
}

function findPicture(value, depth = 0) {
  if (typeof value === "string") return pictureOf(value);
  if (!value || typeof value !== "object" || depth > 6) return null;
  for (const each of Object.values(value).slice(0, 100)) {
    const found = findPicture(each, depth + 1);
    if (found) return found;
  }
  return null;
}

const picture = (uri) => el("img", { class: "body-picture", src: uri, alt: word("picture") });

export function headersTable(pairs, label) {
  if (!pairs.length) return null;
  const rows = pairs.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)));
  return el("table", { class: "headers", "aria-label": label }, el("tbody", {}, ...rows));
}

// Indents JSON as it was sent: numbers keep their digits, and names that occur twice stay.
function jsonTokens(text) {
  const made = [];
  let depth = 0;
  let last = "";
  const line = () => made.push(`\n${"  ".repeat(Math.min(depth, MAX_INDENT))}`);
  const tokens = text.match(TOKEN) ?? [];
  for (const [at, token] of tokens.entries()) {
    if (made.length > MAX_TOKENS) return [...made, "\n…"];
    if (token === "}" || token === "]") {
      depth--;
      if (last !== "{" && last !== "[") line();
    } else if (last === "{" || last === "[" || last === ",") line();
    if (token === "{" || token === "[") depth++;
    if (token === ":") made.push(": ");
    else if (token.startsWith('"')) {
      const kind = tokens[at + 1] === ":" ? "json-name" : "json-string";
      made.push(el("span", { class: kind }, token.length > MAX_STRING ? shortened(token) : token));
    } else made.push(/[\w-]/.test(token) ? el("span", { class: "json-value" }, token) : token);
    last = token;
  }
  return made;
}

const shortened = (token) => `${token.slice(0, 80)}… ${word("characters", { count: token.length - 2 })}"`;

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const contentType = (headers) =>
  (headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "").split(";")[0].trim().toLowerCase();

// Bytes that are not UTF-8, as text with replacement characters.
function readable(base64) {
  const bytes = Uint8Array.from(atob(base64.slice(0, MAX_CHARS)), (each) => each.charCodeAt(0));
  return new TextDecoder().decode(bytes).replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "\ufffd");
}

// The body of a message: JSON is formatted, a picture shown, and any other text shown as it is.
export function bodyView({ headers, body, encoding = "utf-8", size, truncated }) {
  const made = el("div", { class: "body" });
  if (!body) return made;
  if (encoding === "base64") {
    const type = contentType(headers);
    const uri = truncated ? null : PICTURE_TYPE.test(type) ? `data:${type};base64,${body}` : pictureOf(body);
    if (uri) made.append(picture(uri));
    else made.append(el("p", { class: "muted" }, word("binary", { size })), el("pre", { tabindex: "0" }, readable(body)));
    return made;
  }
  const value = /^\s*[[{"]/.test(body) ? parsed(body) : undefined;
  const found = findPicture(value);
  if (found) made.append(picture(found));
  const text = body.length > MAX_CHARS ? `${body.slice(0, MAX_CHARS)}…` : body;
  made.append(el("pre", { tabindex: "0" }, ...(value === undefined ? [text] : jsonTokens(body))));
  if (truncated || text !== body) made.append(el("p", { class: "muted" }, word("truncated", { size: size ?? body.length })));
  return made;
}
