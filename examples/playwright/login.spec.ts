// The login form of ../login-form, from the captcha to the end.
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { expect, test, type Mock } from "./mock.js";

let server: Server;

test.beforeAll(() => {
  const page = readFileSync(new URL("../login-form/index.html", import.meta.url));
  server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(page)).listen(0, "127.0.0.1");
});

test.afterAll(() => {
  server.close();
});

const status = (page: Page) => page.getByRole("status");

async function open(page: Page, mock: Mock) {
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?api=${mock.url}`);
}

/** Open the form, and return the id of its captcha. */
async function openWithCaptcha(page: Page, mock: Mock): Promise<string> {
  await open(page, mock);
  return (await page.locator("form[data-uuid]").getAttribute("data-uuid"))!;
}

async function logIn(page: Page, answer: number) {
  await page.getByLabel("Answer").fill(String(answer));
  await page.getByRole("button", { name: "Log in" }).click();
}

test("the right answer logs in", async ({ page, mock }) => {
  const { answer } = await mock.challenge(await openWithCaptcha(page, mock));
  await logIn(page, answer);
  await expect(status(page)).toHaveText("Welcome");
  await mock.verify({ method: "POST", path: "/login", body: { answer: String(answer) }, times: 1 });
  expect((await mock.requests()).flatMap((each) => each.violations)).toEqual([]);
});

test("a wrong answer shows a new captcha", async ({ page, mock }) => {
  const first = await openWithCaptcha(page, mock);
  await logIn(page, (await mock.challenge(first)).answer + 1);
  await expect(status(page)).toHaveText("Wrong answer, try again");
  await expect(page.locator(`form[data-uuid="${first}"]`)).toHaveCount(0);
});

test("a captcha is good once", async ({ page, mock }) => {
  const uuid = await openWithCaptcha(page, mock);
  const { answer } = await mock.challenge(uuid);
  expect(await mock.answer(uuid, answer)).toBe("right");
  await logIn(page, answer);
  await expect(status(page)).toHaveText("The captcha is used up, try again");
});

test("what the page did not send is not verified", async ({ page, mock }) => {
  await openWithCaptcha(page, mock);
  await expect(mock.verify({ path: "/code", headers: { Source: "APP" } })).rejects.toThrow("expected APP, got PC");
});

test("a captcha expires", async ({ page, mock }) => {
  const { answer } = await mock.challenge(await openWithCaptcha(page, mock));
  await mock.advance(301);
  await logIn(page, answer);
  await expect(status(page)).toHaveText("The captcha has expired, try again");
  await mock.resetClock();
});

test("an error of the platform is shown", async ({ page, mock }) => {
  await mock.behaviour({ scenario: "maintenance" });
  await open(page, mock);
  await expect(status(page)).toHaveText("No captcha: 系统维护中");
});

test("a lost connection is shown", async ({ page, mock }) => {
  const { answer } = await mock.challenge(await openWithCaptcha(page, mock));
  await mock.behaviour({ fault: "reset", times: 1 });
  await logIn(page, answer);
  await expect(status(page)).toHaveText("No connection, try again");
});
