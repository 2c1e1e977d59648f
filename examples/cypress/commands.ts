// Cypress commands for the mock: import this file in cypress/support/e2e.ts. Each test has a client name of its own. The
// types come from the admin API: npm run types
import type { components } from "./admin.js";

type Schemas = components["schemas"];

declare global {
  namespace Cypress {
    interface Chainable {
      /** Set the active behaviour, such as { scenario: "maintenance" } or { fault: "reset", times: 1 }. */
      mockBehaviour(behaviour: Schemas["Behaviour"]): Chainable<Schemas["ActiveBehaviour"]>;
      /** Return to the default behaviour, and empty the journal of this client. */
      mockReset(): Chainable<void>;
      /** The question, the answer and the picture of a captcha; of the last one without an id. */
      mockChallenge(uuid?: string): Chainable<Schemas["Challenge"]>;
      /** Answer a captcha as a login does: right, wrong, used, expired or unknown. */
      mockAnswer(uuid: string, answer: number | string): Chainable<Schemas["AnswerResult"]["result"]>;
      /** The journal: the requests of this client, with status and violations. */
      mockRequests(): Chainable<Schemas["Entry"][]>;
      /** Fail unless requests of this client match, such as { path: "/login", body: { user: "li" }, times: 1 }. */
      mockVerify(matcher: Partial<Schemas["Matcher"]>): Chainable<Schemas["Verification"]>;
      /** Move the clock of the mock, which all tests share. */
      mockAdvance(seconds: number): Chainable<Schemas["Clock"]>;
    }
  }
}

let client = "";

function admin<T>(method: string, path: string, body?: Cypress.RequestBody): Cypress.Chainable<T> {
  const url = `${mock()}/__mock${path}`;
  return cy.request<T>({ method, url, body, headers: { "X-Mock-Client": client } }).then((response) => cy.wrap(response.body));
}

const mock = (): string => Cypress.env("mock") ?? "http://127.0.0.1:4010";

beforeEach(() => {
  client = crypto.randomUUID();
  cy.intercept(`${mock()}/**`, (request) => {
    request.headers["x-mock-client"] = client;
  });
});

afterEach(() => {
  cy.mockReset();
});

Cypress.Commands.add("mockBehaviour", (behaviour) => admin("PUT", "/behaviour", behaviour));
Cypress.Commands.add("mockReset", () => {
  admin("DELETE", "/behaviour");
  admin("DELETE", "/requests");
});
Cypress.Commands.add("mockChallenge", (uuid = "last") => admin("GET", `/challenges/${encodeURIComponent(uuid)}`));
Cypress.Commands.add("mockAnswer", (uuid, answer) =>
  admin<Schemas["AnswerResult"]>("POST", `/challenges/${encodeURIComponent(uuid)}/answer`, { answer }).its("result"),
);
Cypress.Commands.add("mockRequests", () => admin<Schemas["Requests"]>("GET", "/requests").its("requests"));
Cypress.Commands.add("mockVerify", (matcher) =>
  admin<Schemas["Verification"]>("POST", "/verify", { client, ...matcher }).should((found) => {
    const misses = found.nearest.map((each) => `request ${each.number}: ${each.differences.join("; ")}`);
    expect(found.matched, [JSON.stringify(matcher), ...misses].join("\n")).to.equal(true);
  }),
);
Cypress.Commands.add("mockAdvance", (seconds) => admin("PUT", "/clock", { advance: seconds }));
