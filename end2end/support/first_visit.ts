// What a first visit to a page costs, as it goes over the wire.
import type { Page } from "@playwright/test";

export type FirstVisit = { requests: number; bytes: number; beforePaint: number; files: { path: string; bytes: number; coding: string }[] };

/** Opens the address with an empty cache and adds up everything until the network is quiet. */
export async function firstVisit(page: Page, address: string): Promise<FirstVisit> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: false });
  const seen = new Map<string, { path: string; kind: string; bytes: number; coding: string }>();
  session.on("Network.responseReceived", ({ requestId, response, type }) => {
    const coding = Object.entries(response.headers).find(([name]) => name.toLowerCase() === "content-encoding")?.[1] ?? "";
    seen.set(requestId, { path: new URL(response.url).pathname, kind: type, bytes: 0, coding });
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const file = seen.get(requestId);
    if (file) file.bytes = encodedDataLength;
  });
  await page.goto(address, { waitUntil: "networkidle" });
  await page.locator("html[data-hydrated]").waitFor({ state: "attached" });
  await page.waitForTimeout(500);
  const all = [...seen.values()];
  const sum = (files: { bytes: number }[]) => files.reduce((total, { bytes }) => total + bytes, 0);
  return {
    requests: all.length,
    bytes: sum(all),
    beforePaint: sum(all.filter(({ kind }) => kind === "Document" || kind === "Stylesheet")),
    files: all.map(({ path, bytes, coding }) => ({ path, bytes, coding })),
  };
}
