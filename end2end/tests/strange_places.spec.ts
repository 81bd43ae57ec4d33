// The link of the mail, in the places where mails are read: programs that wrap, encode, prefetch and open by themselves.
import { expect, test } from "../support/story.ts";
import type { ServedWorld } from "../support/story.ts";
import { requestReset } from "../support/users_page.ts";

async function mailedLink(world: ServedWorld): Promise<string> {
  const { people } = world;
  return requestReset(world, await world.asUser(people.the("admin")), people.account, people.the("manager"));
}

const encoded = (text: string) => [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");

test("a link that a mail program wrapped, encoded or took a full stop along opens", async ({ world }) => {
  const link = await mailedLink(world);
  const [base, token] = [link.slice(0, link.lastIndexOf("/") + 1), link.slice(link.lastIndexOf("/") + 1)];
  const phone = await world.newDevice();
  const half = token.length / 2;
  const ways = {
    "a full stop after it": `${token}.`,
    "brackets and quotes": `${token}%3E%22)`,
    "a line break in it": `${token.slice(0, half)}%0D%0A%20${token.slice(half)}`,
    "every letter encoded": encoded(token),
  };
  for (const [way, written] of Object.entries(ways)) {
    await test.step(way, async () => {
      expect((await phone.open(base + written)).status()).toBe(200);
      await phone.expectPage("mfa_reset", "open");
    });
  }
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
});

test("a link typed from paper with a slip of the pen is unknown, and the page says what to do", async ({ world }) => {
  const link = await mailedLink(world);
  const phone = await world.newDevice();
  const slipped = link.slice(0, -3) + (link.at(-3) === "a" ? "b" : "a") + link.slice(-2);
  for (const typed of [slipped, link.slice(0, -1), `${link}a`]) {
    expect((await phone.open(typed)).status()).toBe(404);
    await phone.expectPage("mfa_reset", "unknown");
    await expect(phone.main).toContainText(/copy the whole link/i);
  }
  await phone.open(link);
  await phone.expectPage("mfa_reset", "open");
});

test.describe("by hand", () => {
  test.skip(({ scripted }) => scripted, "such a browser is asked by hand: once is enough");

  test("a browser inside a mail program that says nothing of itself can accept", async ({ world }) => {
    const link = await mailedLink(world);
    const phone = await world.newDevice();
    await phone.open(link);
    const form = phone.main.locator("form:has([name=decision])").first();
    const form_data: Record<string, string> = { decision: "accept" };
    for (const field of await form.locator("input[type=hidden]").all()) {
      form_data[(await field.getAttribute("name")) ?? ""] = await field.inputValue();
    }
    const door = (await form.getAttribute("action")) ?? "";
    await test.step("but not when another site sends it", async () => {
      const foreign = { form: form_data, headers: { "sec-fetch-site": "cross-site", origin: "https://evil.example" } };
      expect((await phone.page.request.post(door, foreign)).status()).toBe(403);
      await phone.open(link);
      await phone.expectPage("mfa_reset", "open");
    });
    expect((await phone.page.request.post(door, { form: form_data })).status()).toBeLessThan(400);
    await phone.open(link);
    await phone.expectPage("mfa_reset", "done");
  });
});

test("who opens it without a hand on it changes nothing", async ({ world }) => {
  const link = await mailedLink(world);
  const scanner = await world.newDevice();
  for (const [name, value] of [["purpose", "prefetch"], ["sec-purpose", "prefetch;prerender"], ["x-moz", "prefetch"]] as const) {
    expect((await scanner.page.request.get(link, { headers: { [name]: value } })).status()).toBe(200);
  }
  await test.step("with scripts running, scrolling and following every link on the page", async () => {
    await scanner.open(link);
    await scanner.page.mouse.wheel(0, 2_000);
    for (const href of await scanner.page.locator("a[href]").evaluateAll((links) => links.map((one) => (one as HTMLAnchorElement).href))) {
      if (href.startsWith(world.url)) expect((await scanner.page.request.get(href)).status()).toBeLessThan(500);
    }
  });
  await scanner.open(link);
  await scanner.expectPage("mfa_reset", "open");
  await (await world.asUser(world.people.the("manager"))).expectSignedIn();
});
