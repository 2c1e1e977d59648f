// The addresses of the mock, relative to the page: a proxy may serve both below a path of its own.
import { word } from "./words.js";

export const adminUrl = (path) => new URL(path, document.baseURI);
export const rootUrl = new URL("..", document.baseURI);
const ADMIN_TIMEOUT = 10_000;
const SEND_TIMEOUT = 65_000;
const PAUSE = 100;
const MAX_SHOWN_BYTES = 1024 * 1024;
export const SOURCE_HEADER = "X-Mock-Source";
export const CLIENT_HEADER = "X-Mock-Client";
export const isAscii = (text) => /^[\x20-\x7e]*$/.test(text);

// A path of the mock such as /code?a=1. It is never a URL: "//host" would be one of another host.
export const mockUrl = (path) => new URL(rootUrl.href + String(path).replace(/^\/+/, ""));

export function withClient(url, client) {
  if (client) url.searchParams.set("__client", client);
  return url;
}

export async function admin(path, { method = "GET", body, client = "", timeout = ADMIN_TIMEOUT } = {}) {
  const response = await fetch(withClient(adminUrl(path), client), {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(timeout),
  });
  if (response.status === 204) return null;
  const found = await response.json().catch(() => ({}));
  if (!response.ok) {
    // The page has a link to Swagger UI of its own.
    const text = found.error?.replace(/; see \S+\/docs\/$/, "");
    throw Object.assign(new Error(text || `${response.status} ${response.statusText}`), { status: response.status });
  }
  return found;
}

// The work, one after another and with a pause: events that arrive meanwhile cause it once more, however many they are.
export function coalesced(work) {
  let isRunning = false;
  let again = false;
  return async () => {
    again = true;
    if (isRunning) return;
    isRunning = true;
    try {
      while (again) {
        again = false;
        await work();
        if (again) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    } finally {
      isRunning = false;
    }
  };
}

function asBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

// Calls an operation on behalf of the page: it uses up no behaviour of the app. Returns a response as an entry has it.
export async function send({ method, path, headers, body, client = "" }) {
  const url = mockUrl(path);
  const sent = new Headers(headers);
  sent.set(SOURCE_HEADER, "page");
  if (client && isAscii(client)) sent.set(CLIENT_HEADER, client);
  else withClient(url, client);
  const hasBody = body && !["GET", "HEAD"].includes(method.toUpperCase());
  const began = performance.now();
  let status = null;
  try {
    const response = await fetch(url, {
      method,
      headers: sent,
      body: hasBody ? body : undefined,
      redirect: "manual",
      signal: AbortSignal.timeout(SEND_TIMEOUT),
    });
    status = response.status || null;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const isText = !/^(image|audio|video)\//.test(response.headers.get("Content-Type") || "");
    const shown = bytes.subarray(0, MAX_SHOWN_BYTES);
    return {
      status,
      outcome: response.type === "opaqueredirect" ? word("redirect") : response.statusText,
      milliseconds: performance.now() - began,
      response: {
        status,
        headers: [...response.headers],
        body: isText ? new TextDecoder().decode(shown) : asBase64(shown),
        encoding: isText ? "utf-8" : "base64",
        size: bytes.length,
        truncated: shown.length < bytes.length,
      },
    };
  } catch (error) {
    const outcome = `${word("no_response")} (${error.name}: ${error.message})`;
    return { status, outcome, milliseconds: performance.now() - began, response: null };
  }
}
