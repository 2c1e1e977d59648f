// What fetch and axios see of faults, in Chromium and in Node.js, direct and through the dev proxy of Vite.
// node faults.mjs MOCK CHROMIUM FAULT... prints {fault: {direct: {"Chromium fetch": …}, "through Vite": {…}}} as JSON.
import { chromium } from "playwright-core";
import { createServer } from "vite";

const [mock, executablePath, ...faults] = process.argv.slice(2);
const LIMIT = 3000; // milliseconds, after which a call hangs

// Runs in the page too, so it uses nothing of this module.
async function outcome(client, url, fault, limit) {
  const headers = { Source: "PC", Prefer: `fault=${fault}` };
  const signal = AbortSignal.timeout(limit);
  let seen = "";
  try {
    if (client === "axios") {
      const axios = globalThis.axios ?? (await import("axios")).default;
      const { status, data } = await axios.post(url, null, { headers, signal });
      return typeof data === "object" ? `${status}` : `${status}, a string`;
    }
    const response = await fetch(url, { method: "POST", headers, signal });
    seen = `${response.status}, json(): `;
    await response.json();
    return `${response.status}`;
  } catch (error) {
    if (signal.aborted) return "hangs";
    return seen + (error.response ? `error ${error.response.status}` : error.code ?? error.cause?.code ?? error.name);
  }
}

const proxy = { "/api": { target: mock, rewrite: (path) => path.replace(/^\/api/, "") } };
const server = { host: "127.0.0.1", port: 0, proxy };
const vite = await createServer({ configFile: false, logLevel: "silent", appType: "custom", server });
vite.middlewares.use("/page", (_, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html>"));
await vite.listen();
const origin = `http://127.0.0.1:${vite.httpServer.address().port}`;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });

async function measure(fault) {
  // Chromium opens at most six connections for each context and host, and some of these calls keep theirs.
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${origin}/page`);
  await page.addScriptTag({ path: new URL("node_modules/axios/dist/axios.min.js", import.meta.url).pathname });
  const found = { direct: {}, "through Vite": {} };
  const calls = [["direct", `${mock}/code`], ["through Vite", `${origin}/api/code`]].flatMap(([route, url]) =>
    ["fetch", "axios"].flatMap((client) => {
      const source = `(${outcome})(${[client, url, fault].map((each) => JSON.stringify(each))}, ${LIMIT})`;
      return [
        page.evaluate(source).then((each) => { found[route][`Chromium ${client}`] = each; }),
        outcome(client, url, fault, LIMIT).then((each) => { found[route][`Node ${client}`] = each; }),
      ];
    }),
  );
  await Promise.all(calls);
  return [fault, found];
}

await measure("server-error"); // loads axios and opens the browser's first page
console.log(JSON.stringify(Object.fromEntries(await Promise.all(faults.map(measure)))));
process.exit(0);
