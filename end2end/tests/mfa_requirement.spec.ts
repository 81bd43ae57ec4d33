// “Require MFA for all users”: what turning it on means, for whom, and from when.
import { expect, test } from "../support/story.ts";
import type { Person } from "../support/story.ts";

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
