// “Require MFA for all users”: what turning it on means, for whom, and from when.
import { expect, test } from "../support/story.ts";
import type { Account, Person } from "../support/story.ts";
import type { People } from "../support/people.ts";

test("turning it on says how many are affected, and acts on sessions that are open", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const without = people.everybody.filter((one) => one.state === "no_mfa" && people.roleIn(one, free) !== undefined);
  const person = without.find(({ memberships }) => memberships.length === 1) as Person;
  const laptop = await world.newDevice();
  await laptop.signInToNewDevice(person);
  await laptop.expectSignedIn();

  const desk = await world.asUser(people.the("owner", free));
  await desk.open(`/a/${free.id}/settings/security`);
  await expect(desk.main).toContainText(`${without.length} people here have no second factor`);
  const toggle = desk.main.getByRole("switch", { name: "Require MFA for all users" });
  await expect(toggle).not.toBeChecked();
  await toggle.check();
  await desk.send(desk.page.locator("form:has([name=required]) button[type=submit]"));
  await desk.open(`/a/${free.id}/settings/security`);
  await expect(toggle).toBeChecked();

  await test.step("who has none can do nothing but enrol, in the session that was open", async () => {
    await laptop.open(`/a/${free.id}/overview`);
    await laptop.expectPage("enrol");
    await laptop.enrol();
    await laptop.open(`/a/${free.id}/overview`);
    await expect(laptop.main).not.toHaveAttribute("data-page", "enrol");
  });

  await test.step("turning it off takes nothing from anybody, and can be called off for a day", async () => {
    await desk.open(`/a/${free.id}/settings/security`);
    await toggle.uncheck();
    await desk.send(desk.page.locator("form:has([name=required]) button[type=submit]"));
    await desk.open(`/a/${free.id}/settings/security`);
    await expect(toggle).toBeChecked();
    await expect(desk.main).toContainText("MFA will no longer be required here.");
    const again = await world.newDevice();
    await again.givePassword(person);
    await again.expectPage("mfa");
  });
});

test("a paid account keeps it on, and says why", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  await desk.open(`/a/${people.account.id}/settings/security`);
  const toggle = desk.main.getByRole("switch", { name: "Require MFA for all users" });
  await expect(toggle).toBeChecked();
  await expect(toggle).toBeDisabled();
  await expect(desk.main).toContainText(/paid/i);
});

/** Somebody of this account alone, who has no second factor. */
function without(people: People, account: Account): Person {
  return people.who((one) => one.state === "no_mfa" && one.memberships.length === 1 && people.roleIn(one, account) !== undefined);
}

test("who never had a method has days to set one up, and is told on every page until then", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const person = without(people, free);
  const desk = await world.asUser(people.the("owner", free));
  await desk.open(`/a/${free.id}/settings/security`);
  const time = desk.main.getByLabel("Time to set up a first method");
  await time.selectOption({ label: "7 days" });
  await desk.send(desk.page.locator("form:has([name=grace_days]) button[type=submit]"));
  await expect(desk.page.getByText("Saved. What is stricter holds now.")).toBeVisible();
  await desk.open(`/a/${free.id}/settings/security`);
  await expect(time).toHaveValue("7");
  await expect(desk.main).toContainText(/have no second factor, and have 7 days to set one up/);
  await desk.main.getByRole("switch", { name: "Require MFA for all users" }).check();
  await desk.send(desk.page.locator("form:has([name=required]) button[type=submit]"));
  await desk.open(`/a/${free.id}/settings/security`);
  await expect(desk.main.getByRole("switch", { name: "Require MFA for all users" })).toBeChecked();

  const phone = await world.newDevice();
  await phone.signInToNewDevice(person);
  await phone.expectSignedIn();
  const banner = phone.page.getByRole("complementary", { name: "Second factor" });
  for (const address of [`/a/${free.id}/overview`, "/me/sessions"]) {
    await phone.open(address);
    await expect(banner).toContainText(/You can go on without for another (7 d 0 h|6 d 23 h)/);
  }
  await banner.getByRole("link", { name: "Set it up" }).click();
  await phone.expectPage("my_security");
  await phone.page.getByRole("link", { name: "Add method" }).click();
  await phone.expectPage("enrol");
  await phone.enrol();
  await phone.open(`/a/${free.id}/overview`);
  await expect(banner).toHaveCount(0);
});

test("what a portfolio asks of its accounts at least holds in each, and is shown there", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const person = without(people, free);
  const desk = await world.asUser(people.owner);
  const security = `/p/${people.portfolio.id}/settings/security`;
  await desk.open(security);
  await desk.main.getByRole("switch", { name: "Require MFA for all users" }).check();
  await desk.send(desk.page.locator("form:has([name=required]) button[type=submit]"));
  await desk.open(security);
  await desk.main.getByRole("switch", { name: "Nothing laxer in linked accounts" }).check();
  await desk.main.getByLabel(/Don't ask again on this device/).selectOption({ label: "For up to 7 days" });
  await desk.send(desk.page.locator("form:has([name=floor]) button[type=submit]"));
  await expect(desk.page.getByText("Saved. What is stricter holds now.")).toBeVisible();

  const owner = await world.asUser(people.the("owner", free));
  await owner.open(`/a/${free.id}/settings/security`);
  const toggle = owner.main.getByRole("switch", { name: "Require MFA for all users" });
  await expect(toggle).toBeChecked();
  await expect(toggle).toBeDisabled();
  await expect(owner.main).toContainText(`Set by ${people.portfolio.name}`);
  await expect(owner.main).toContainText(`${people.portfolio.name} asks for at least this`);
  await expect(owner.main.getByLabel(/Don't ask again on this device/).getByRole("option")).toHaveText(["Not allowed", "For 1 day", "For up to 7 days"]);

  const phone = await world.newDevice();
  await phone.signInToNewDevice(person);
  await phone.expectPage("enrol");
});
