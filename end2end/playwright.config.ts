// Every story twice: with scripts and without. The browser is Debian's Chromium; Playwright's own is not fetched.
import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";

// The shell without a window of its own takes half the time of the whole browser.
const chromium = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export default defineConfig({
  testDir: "tests",
  globalSetup: "./support/seed.ts",
  outputDir: "test-results",
  // Two cores: a browser and a server each. A story has a server and a database of its own, so they may overlap.
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // On a machine shared with others a story may be late once; it is then counted, and named, as flaky.
  retries: process.env.CI ? 1 : 0,
  // Long stories on a slow machine: what waits in vain fails by `expect`, or by the run's own end.
  timeout: 240_000,
  // However many stories wait in vain, the run ends.
  globalTimeout: 40 * 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["./support/fault_reporter.ts"], ["json", { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? "test-results/stories.json" }]],
  use: {
    browserName: "chromium",
    // Longer than any page takes; what is not there fails the story at once, not after minutes.
    actionTimeout: 30_000,
    locale: "en-GB",
    timezoneId: "Europe/Rome",
    viewport: { width: 1280, height: 860 },
    // A trace of every story would cost a third of the run.
    trace: process.env.CI ? "on-first-retry" : "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? chromium.find(existsSync) ?? chromium[0],
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "hydrated", use: { javaScriptEnabled: true } },
    { name: "no-js", use: { javaScriptEnabled: false } },
    // `POSTERN_SCREENS=1`: pictures of pages in both themes, for people to look at, in test-results/screens.
    ...(process.env.POSTERN_SCREENS ? [{ name: "screens", testDir: "screens" }] : []),
    // Needs no browser.
    { name: "faults", testDir: "faults" },
    // `make bench`: figures beside their goals, no tests.
    ...(process.env.POSTERN_BENCH ? [{ name: "bench", testDir: "bench" }] : []),
  ],
});
