import { defineConfig } from "@playwright/test";

// CHROMIUM is a browser that is already installed; without it, `npx playwright install chromium` downloads one.
const { CHROMIUM, MOCK } = process.env;
const command = "code-contract mock --overlay ../login-form/login.yaml";

export default defineConfig({
  timeout: 20_000,
  // The tests share the clock of one mock, which one of them moves.
  workers: 1,
  use: {
    launchOptions: CHROMIUM ? { executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] } : {},
  },
  webServer: MOCK ? undefined : { command, url: "http://127.0.0.1:4010/__mock/health", reuseExistingServer: true },
});
