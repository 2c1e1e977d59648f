// End-to-end test of a login form against the mock, with Playwright.
//   code-contract mock --port 4010
//   npm install && MOCK=http://127.0.0.1:4010 CHROMIUM=/usr/bin/chromium npm test
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";

const mock = process.env.MOCK ?? "http://127.0.0.1:4010";
// A client of its own: behaviours and journal entries of other test runs do not interfere.
const client = { "X-Mock-Client": randomUUID() };
let app, browser, page;

const captchaAnswer = async (uuid) => (await (await fetch(`${mock}/__mock/challenges/${uuid}`)).json()).answer;

async function setBehaviour(behaviour) {
  const headers = { ...client, "Content-Type": "application/json" };
  const response = await fetch(`${mock}/__mock/behaviour`, { method: "PUT", headers, body: JSON.stringify(behaviour) });
  assert.equal(response.status, 200, await response.text());
}

// The application under test: its page, and a login that checks the answer.
async function handle(request, response) {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html");
    response.end(await readFile(new URL("index.html", import.meta.url)));
    return;
  }
  let body = "";
  for await (const chunk of request) body += chunk;
  const { uuid, answer } = JSON.parse(body);
  response.statusCode = Number(answer) === (await captchaAnswer(uuid)) ? 200 : 401;
  response.end();
}

before(async () => {
  app = createServer(handle).listen(0, "127.0.0.1");
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
});

after(async () => {
  await browser?.close();
  app.close();
});

async function open() {
  page = await browser.newPage({ extraHTTPHeaders: client });
  page.setDefaultTimeout(10_000);
  await page.goto(`http://127.0.0.1:${app.address().port}/?api=${mock}`);
}

beforeEach(async () => {
  await fetch(`${mock}/__mock/behaviour`, { method: "DELETE", headers: client });
});

const status = () => page.getByRole("status");
const captchaUuid = () => page.locator("form[data-uuid]").getAttribute("data-uuid");

async function logIn(answer) {
  await page.getByLabel("Answer").fill(String(answer));
  await page.getByRole("button", { name: "Log in" }).click();
}

test("the right answer logs in", async () => {
  await open();
  await logIn(await captchaAnswer(await captchaUuid()));
  await status().filter({ hasText: "Welcome" }).waitFor();
});

test("a wrong answer shows a new captcha", async () => {
  await open();
  const first = await captchaUuid();
  await logIn(999);
  await status().filter({ hasText: "Wrong answer" }).waitFor();
  await page.locator(`form:not([data-uuid="${first}"])`).waitFor();
});

test("an error of the platform is shown", async () => {
  await setBehaviour({ scenario: "maintenance" });
  await open();
  await status().filter({ hasText: "No captcha: 系统维护中" }).waitFor();
});

test("the page sends valid requests", async () => {
  await open();
  await captchaUuid();
  const { requests } = await (await fetch(`${mock}/__mock/requests`, { headers: client })).json();
  const calls = requests.filter((each) => each.operation);
  assert.ok(calls.length > 0);
  assert.deepEqual(calls.flatMap((each) => each.violations), []);
});
