// Pictures of a page in both themes, on a desk and on a phone, for people to look at; that nothing is cut off is looked at here.
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { Device } from "./device.ts";

const FOLDER = new URL("../test-results/screens/", import.meta.url).pathname;

export async function picture(device: Device, name: string): Promise<void> {
  const { page } = device;
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 860 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}-${width}.png`), fullPage: true });
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, `${name} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
