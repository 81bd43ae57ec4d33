// Settings > Users: who is here, found and paged by addresses that can be kept and sent to a colleague.
import { expect, test } from "../support/story.ts";
import type { Device, ServedWorld } from "../support/story.ts";
import { UsersPage } from "../support/users_page.ts";

const shown = (desk: Device) => desk.main.getByRole("row").filter({ hasText: "@" });

async function addresses(desk: Device): Promise<string[]> {
  const rows = await shown(desk).allInnerTexts();
  return rows.map((row) => row.match(/\S+@\S+/)?.[0] ?? "");
}

function members(world: ServedWorld): string[] {
  const { people } = world;
  return people.everybody.filter((person) => people.roleIn(person, people.account) !== undefined).map(({ email }) => email);
}

test("everybody is on exactly one page, forwards and backwards", async ({ world }) => {
  const desk = await world.asUser(world.people.the("admin"));
  await UsersPage.open(desk, world.people.account);
  const first = await addresses(desk);
  const pages = [first];
  const turn = async (name: "Next" | "Previous") => {
    const link = desk.main.getByRole("link", { name, exact: true });
    if ((await link.getAttribute("aria-disabled")) === "true") return false;
    const before = await addresses(desk);
    await link.click();
    await expect.poll(() => addresses(desk)).not.toEqual(before);
    return true;
  };
  while (await turn("Next")) pages.push(await addresses(desk));
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.flat().toSorted()).toEqual(members(world).toSorted());
  while (await turn("Previous"));
  expect(await addresses(desk)).toEqual(first);
});

test("search finds any part of a name or an address, and the address of the page says so", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("admin"));
  await UsersPage.open(desk, people.account);
  const part = people.owner.email.slice(1, 5);
  await desk.main.getByRole("searchbox").fill(part);
  await desk.main.getByRole("searchbox").press("Enter");
  await expect(desk.page).toHaveURL(new RegExp(`[?&]q=${part}`));
  await expect(shown(desk).filter({ hasText: people.owner.email })).toHaveCount(1);
  expect((await addresses(desk)).length).toBeLessThan(members(world).length);

  const colleague = await world.asUser(people.owner);
  await colleague.open(desk.page.url());
  expect(await addresses(colleague)).toEqual(await addresses(desk));

  await desk.open(`/a/${people.account.id}/settings/users?q=nobody-is-called-so`);
  await expect(shown(desk)).toHaveCount(0);
  await expect(desk.main).toContainText("nobody-is-called-so");
});

test("a filter is an address, and says that it is set", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("admin"));
  await UsersPage.open(desk, people.account);
  await desk.main.getByRole("button", { name: "MFA", exact: true }).click();
  await desk.page.getByRole("link", { name: "Off", exact: true }).filter({ visible: true }).click();
  await expect(desk.page).toHaveURL(/[?&]mfa=off/);
  await expect(desk.main.getByRole("button", { name: /MFA.*Off/ })).toBeVisible();
  const off = await addresses(desk);
  const without = people.everybody.filter((one) => one.state === "no_mfa" && people.roleIn(one, people.account) !== undefined);
  expect(off.toSorted()).toEqual(without.map(({ email }) => email).toSorted());
});

test("a method in the roll-out leads to everybody who has it, and the list says so", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  await desk.open(`/a/${people.account.id}/settings/security/roll-out`);
  await desk.main.locator("dl").getByRole("link", { name: "Authenticator app" }).click();
  await desk.expectPage("users", "list");
  await expect(desk.page).toHaveURL(/[?&]mfa=totp/);
  await expect(desk.main.getByRole("button", { name: "MFA: App" })).toBeVisible();
  const have = people.everybody.filter((one) => people.roleIn(one, people.account) !== undefined && !["no_mfa", "deactivated"].includes(one.state));
  await expect(desk.main).toContainText(`${have.length} people found`);
  const without = people.everybody.filter(({ state }) => state === "no_mfa").map(({ email }) => email);
  expect((await addresses(desk)).filter((email) => without.includes(email))).toEqual([]);

  await desk.main.getByRole("button", { name: "MFA: App" }).click();
  await desk.page.getByRole("link", { name: "Passkey", exact: true }).filter({ visible: true }).click();
  await desk.expectPage("users", "none");
  await expect(desk.page).toHaveURL(/[?&]mfa=passkey/);
});

test("a page of an account that one is not in is not there", async ({ world }) => {
  const { people } = world;
  const foreign = people.accountWhere((account) => people.roleIn(people.the("admin"), account) === undefined);
  const desk = await world.asUser(people.the("admin"));
  for (const page of ["overview", "settings/users", "settings/security", "settings/activity"]) {
    expect((await desk.open(`/a/${foreign.id}/${page}`)).status(), page).toBe(404);
    await expect(desk.page.getByText(foreign.name)).toHaveCount(0);
  }
  expect((await desk.open("/a/not-an-id/settings/users")).status()).toBe(404);
});
