// What must not happen on any page while a story runs, whatever the story is about.
import type { BrowserContext, Page } from "@playwright/test";

/** What a request ends with that a server was answering when it died. */
export const CUT = /^net::ERR_(CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING) /;

/** Collects script errors, console errors, policy violations and broken answers of every page of a context. */
export function watch(context: BrowserContext): string[] {
  const troubles: string[] = [];
  context.on("weberror", (trouble) => troubles.push(`script error on ${trouble.page()?.url()}: ${trouble.error()}`));
  context.on("console", (message) => {
    const kind = message.type();
    const text = message.text();
    const violates = /Content.Security.Policy/i.test(text);
    // The status of a page or a form's answer may be an error by design: the story looks at it, and answers below.
    if (text.startsWith("Failed to load resource")) return;
    // leptos warns where the browser's page and the server's differ.
    const unlike = kind === "warning" && /hydrat|mismatch|reactive/i.test(text);
    if (kind === "error" || violates || unlike) troubles.push(`console on ${message.page()?.url()}: ${text}`);
  });
  context.on("response", (response) => {
    const { pathname } = new URL(response.url());
    const isAsset = response.request().resourceType() !== "document" && !pathname.startsWith("/api/");
    const status = response.status();
    if (status >= 500 || (isAsset && status >= 400)) troubles.push(`${status} from ${pathname}`);
  });
  context.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // Leaving a page ends what it was still loading.
    // Where scripts are off, Chromium refuses to load them ahead.
    // A server that is down is down because the story stopped it, and pages that are open may ask it meanwhile.
    const byDesign = ["net::ERR_ABORTED", "csp", "net::ERR_CONNECTION_REFUSED"];
    if (!byDesign.includes(why)) troubles.push(`${why} from ${request.url()}`);
  });
  return troubles;
}

/** Waits until the browser side has taken the page over; without scripts there is nothing to wait for. */
export async function taken(page: Page, scripted: boolean): Promise<void> {
  if (scripted) await page.locator("html[data-hydrated]").waitFor({ state: "attached", timeout: 15_000 });
}
