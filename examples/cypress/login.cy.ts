// The login form of ../login-form, served at baseUrl (npx cypress run --config baseUrl=http://127.0.0.1:8000).
import "./commands.js";

it("logs in with the right answer", () => {
  cy.visit("/");
  cy.get("form[data-uuid]").invoke("attr", "data-uuid").then((uuid) => {
    cy.mockChallenge(uuid).then(({ answer }) => cy.get("[name=answer]").type(String(answer)));
  });
  cy.contains("button", "Log in").click();
  cy.contains("[role=status]", "Welcome");
  cy.mockVerify({ path: "/login", times: 1 });
  cy.mockRequests().then((requests) => expect(requests.flatMap((each) => each.violations)).to.deep.equal([]));
});

it("shows an error of the platform", () => {
  cy.mockBehaviour({ scenario: "maintenance" });
  cy.visit("/");
  cy.contains("[role=status]", "No captcha: 系统维护中");
});
