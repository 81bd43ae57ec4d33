// Light or dark, as a person wants it and not as the device is set.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "../support/story.ts";

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

test("who wants it dark has it dark in every browser, from the first byte", async ({ world }) => {
  const person = world.people.the("manager");
  const laptop = await world.asUser(person);
  await laptop.page.emulateMedia({ colorScheme: "light" });
  await laptop.open("/me/personal");
  const light = await background(laptop.page);
  await laptop.page.locator("[name=theme]").selectOption("dark");
  await laptop.press("Save light or dark");
  await laptop.page.waitForURL(/done=theme/);
  await expect(laptop.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(laptop.page.locator("[name=theme]")).toHaveValue("dark");
  const dark = await background(laptop.page);
  expect(dark).not.toBe(light);
  await expectAccessible(laptop.page);
  const written = await (await laptop.page.request.get("/me/sessions")).text();
  expect(written).toMatch(/<html[^>]* data-theme="dark"/);

  await test.step("also where they sign in anew", async () => {
    const phone = await world.asUser(person);
    await phone.page.emulateMedia({ colorScheme: "light" });
    await phone.open("/me/personal");
    expect(await background(phone.page)).toBe(dark);
  });

  await test.step("and as the device again", async () => {
    await laptop.page.locator("[name=theme]").selectOption("device");
    await laptop.press("Save light or dark");
    await laptop.page.waitForURL(/done=theme/);
    await expect(laptop.page.locator("html")).not.toHaveAttribute("data-theme");
    expect(await background(laptop.page)).toBe(light);
    await laptop.page.emulateMedia({ colorScheme: "dark" });
    expect(await background(laptop.page)).toBe(dark);
  });
});
