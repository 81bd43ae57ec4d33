// Accessibility of the page as it stands, in both themes.
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import type { Browser, Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** All that another theme can break: the rest is the same document. */
const OF_COLOUR = ["color-contrast", "link-in-text-block"];

async function analyse(page: Page, url: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // No preload: it would write a style element, which the page's policy rightly forbids.
    const axe = new AxeBuilder({ page }).options({ preload: false });
    const { violations } = await (colorScheme === "light" ? axe.withTags(TAGS) : axe.withRules(OF_COLOUR)).analyze();
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map(({ html }) => html).join("\n    ")}`);
    expect(found, `${url} in ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** Where no script runs, axe cannot either: it looks at a copy of the page, taken as it stands, in a browser of its own. */
async function analyseCopy(page: Page, browser: Browser): Promise<void> {
  const html = (await page.content()).replace(/<script[\s\S]*?<\/script>/g, "").replace(/<\/?noscript>/g, "");
  const viewport = page.viewportSize();
  const context = await browser.newContext({ javaScriptEnabled: true, viewport });
  const copy = await context.newPage();
  const url = page.url();
  await copy.route(url, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
  await copy.goto(url);
  await analyse(copy, url);
  await context.close();
}

export async function expectAccessible(page: Page): Promise<void> {
  const browser = page.context().browser();
  if (!browser) throw new Error("no browser behind the page");
  const scripted = await page.evaluate(() => document.documentElement.hasAttribute("data-hydrated"));
  await (scripted ? analyse(page, page.url()) : analyseCopy(page, browser));
}
