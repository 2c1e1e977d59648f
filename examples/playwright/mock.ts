// A Playwright fixture for the mock. Each test has a client name of its own: behaviours, captchas and the journal of
// parallel tests do not interfere. The types come from the admin API: npm run types
import { randomUUID } from "node:crypto";
import { test as base } from "@playwright/test";
import createClient from "openapi-fetch";
import type { components, paths } from "./admin.js";

type Schemas = components["schemas"];

export class Mock {
  readonly #admin;

  /** The admin API of the mock at a URL, for the requests of one client. */
  constructor(readonly url: string, readonly client: string = randomUUID()) {
    this.#admin = createClient<paths>({ baseUrl: `${url}/__mock`, headers: { "X-Mock-Client": client } });
  }

  /** Set the active behaviour, such as { scenario: "maintenance" } or { fault: "reset", times: 1 }. */
  async behaviour(behaviour: Schemas["Behaviour"]): Promise<void> {
    result(await this.#admin.PUT("/behaviour", { body: behaviour }));
  }

  /** Return to the default behaviour, and empty the journal of this client. */
  async reset(): Promise<void> {
    result(await this.#admin.DELETE("/behaviour"));
    result(await this.#admin.DELETE("/requests"));
  }

  /** The question, the answer and the picture of a captcha; of the last one without an id. */
  async challenge(uuid?: string): Promise<Schemas["Challenge"]> {
    if (uuid === undefined) return result(await this.#admin.GET("/challenges/last"));
    return result(await this.#admin.GET("/challenges/{uuid}", { params: { path: { uuid } } }));
  }

  /** Answer a captcha as a login does: right, wrong, used, expired or unknown. */
  async answer(uuid: string, answer: number | string): Promise<Schemas["AnswerResult"]["result"]> {
    const options = { params: { path: { uuid } }, body: { answer } };
    return result(await this.#admin.POST("/challenges/{uuid}/answer", options)).result;
  }

  /** The journal: the requests of this client, with status and violations. */
  async requests(): Promise<Schemas["Entry"][]> {
    return result(await this.#admin.GET("/requests")).requests;
  }

  /** Fail unless requests of this client match, such as { path: "/login", body: { user: "li" }, times: 1 }. */
  async verify(matcher: Partial<Schemas["Matcher"]>): Promise<void> {
    const body = { source: "app" as const, client: this.client, ...matcher };
    const { matched, count, nearest } = result(await this.#admin.POST("/verify", { body }));
    const misses = nearest.map((each) => `\n  request ${each.number}: ${each.differences.join("; ")}`);
    if (!matched) throw new Error(`${count} requests match ${JSON.stringify(matcher)}${misses.join("")}`);
  }

  /** Move the clock of the mock, which all tests share. */
  async advance(seconds: number): Promise<void> {
    result(await this.#admin.PUT("/clock", { body: { advance: seconds } }));
  }

  /** Return the clock to the real time. */
  async resetClock(): Promise<void> {
    result(await this.#admin.DELETE("/clock"));
  }
}

function result<T>(reply: { data?: T; error?: Schemas["Error"]; response: Response }): T {
  if (reply.error !== undefined) throw new Error(`the mock answers ${reply.response.status}: ${reply.error.error}`);
  return reply.data as T;
}

export const test = base.extend<{ mock: Mock }>({
  mock: async ({ context }, use) => {
    const mock = new Mock(process.env.MOCK ?? "http://127.0.0.1:4010");
    await context.setExtraHTTPHeaders({ "X-Mock-Client": mock.client });
    await use(mock);
    await mock.reset();
  },
});

export { expect } from "@playwright/test";
