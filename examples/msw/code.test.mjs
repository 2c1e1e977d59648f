// A unit test without a mock: the document of the contract answers.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { setupServer } from "msw/node";
import { http, HttpResponse } from "msw";
import { handlersOf } from "./handlers.mjs";

const url = "http://app.test";
const document = JSON.parse(await readFile(process.env.DOCUMENT ?? "openapi.json", "utf8"));
const server = setupServer(...(await handlersOf(document, url)));
const getCode = () => fetch(`${url}/code`, { method: "POST", headers: { Source: "PC" } });

before(() => server.listen({ onUnhandledRequest: "error" }));
after(() => server.close());

test("the documented captcha arrives", async () => {
  const response = await getCode();
  const { succFlag, data } = await response.json();
  assert.equal(response.status, 200);
  assert.equal(succFlag, true);
  assert.match(data.img, /^data:image\/png;base64,/);
});

test("one test has an error", async () => {
  const refused = document.components.examples.refused.value;
  server.use(http.post(`${url}/code`, () => HttpResponse.json(refused), { once: true }));
  assert.equal((await (await getCode()).json()).msg, refused.msg);
  assert.equal((await (await getCode()).json()).succFlag, true);
});
