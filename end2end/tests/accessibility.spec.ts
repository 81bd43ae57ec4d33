// Every page, in both themes, wide and on a phone: axe finds nothing, and nothing is cut off.
import { expect, expectAccessible, linkIn, test } from "../support/story.ts";
import type { Account, Device, Person } from "../support/story.ts";
import { requestReset, UsersPage } from "../support/users_page.ts";

async function look(device: Device): Promise<void> {
  // Without scripts it is the same document: looked at where it is narrow.
  const scripted = await device.page.evaluate(() => document.documentElement.hasAttribute("data-hydrated"));
  for (const width of scripted ? [1280, 320] : [320]) {
    await device.page.setViewportSize({ width, height: 800 });
    await expectAccessible(device.page);
    const overflow = await device.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, `${device.page.url()} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0);
  }
  await device.page.setViewportSize({ width: 1280, height: 860 });
}

test("pages that a stranger meets", async ({ world }) => {
  const visitor = await world.newDevice();
  const addresses = ["/sign-in", "/sign-in/passkey", "/forgot-password", "/help/mfa", `/mfa-reset/${"A".repeat(43)}`, `/password-reset/${"A".repeat(43)}`, `/invitation/${"A".repeat(43)}`, `/email-change/${"A".repeat(43)}`, "/no-such-page"];
  for (const address of addresses) {
    await visitor.open(address);
    await look(visitor);
  }
  await visitor.givePassword(world.people.owner, "wrong horse battery staple");
  await expect(visitor.page.getByRole("alert").first()).toBeVisible();
  await look(visitor);
});

test("pages on the way in", async ({ world }) => {
  const { people } = world;
  const laptop = await world.newDevice();
  await laptop.givePassword(people.owner);
  await laptop.expectPage("mfa");
  await look(laptop);
  await laptop.open("/sign-in/mfa/help");
  await look(laptop);

  const newcomer = await world.newDevice();
  const person = people.who((one) => one.state === "no_mfa" && people.roleIn(one, people.account) !== undefined);
  await newcomer.givePassword(person);
  await newcomer.expectPage("device_code");
  await look(newcomer);
  await newcomer.signInToNewDevice(person);
  await newcomer.expectPage("enrol");
  await look(newcomer);
  await newcomer.open("/enrol/passkey");
  await look(newcomer);
  await newcomer.open("/enrol");
  await newcomer.enrol();
  await look(newcomer);
});

test("pages of the console", async ({ world }) => {
  const { people } = world;
  const scope = `/a/${people.account.id}`;
  const desk = await world.asUser(people.owner);
  for (const address of [`${scope}/overview`, `${scope}/settings/users`, `${scope}/settings/users?q=nobody-is-called-so`,
    `${scope}/close`, `${scope}/settings/security`, `${scope}/settings/security/roll-out`, `${scope}/settings/security/portfolio`, `${scope}/settings/security/portfolio/new`, `/p/${people.portfolio.id}/manage/accounts`, `${scope}/settings/roles`, `${scope}/settings/roles/new`, `${scope}/settings/roles/manager`, `${scope}/settings/activity`, "/me/security", "/me/security/password", "/me/sessions", "/me/personal", "/me/personal/email", "/me/personal/notices", "/me/personal/time-zone", `${scope}/no-such-page`]) {
    await desk.open(address);
    await look(desk);
  }
  for (const person of [people.owner, people.the("manager")]) {
    await desk.open(`${scope}/settings/users?q=${encodeURIComponent(person.email)}`);
    await desk.main.getByRole("row").filter({ hasText: person.email }).getByRole("link").first().click();
    await desk.expectPage("user");
    await look(desk);
  }
  await desk.open("/me/security");
  await desk.page.getByRole("link", { name: /^Rename / }).click();
  await desk.expectPage("rename_method");
  await look(desk);
});

test("pages of text messages", async ({ texted }) => {
  const { people, gateway } = texted;
  const person = people.who((one) => one.state === "no_mfa" && people.roleIn(one, people.account) !== undefined);
  const phone = await texted.newDevice();
  await phone.signInToNewDevice(person);
  await phone.expectPage("enrol");
  await phone.open("/enrol/sms");
  await look(phone);
  await phone.give("phone_number", "0171 1234567");
  await expect(phone.main).toContainText("Choose the country of the number");
  await look(phone);
  await phone.page.getByLabel("Country").selectOption("DE");
  await phone.give("phone_number", "0171 1234567");
  await phone.expectPage("bind_sms");
  await look(phone);
  await phone.giveCode(gateway.code("+491711234567"));
  await phone.expectPage("backup_codes", "open");

  const laptop = await texted.newDevice();
  await laptop.givePassword(person);
  await laptop.expectPage("mfa");
  await look(laptop);
  await laptop.press("Text a code to •••• 67");
  await laptop.expectPage("sms_code");
  await look(laptop);
});

test("pages on which identity is proven again, and a method removed", async ({ demo }) => {
  const { people } = demo;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const alone = (state: Person["state"]) => (one: Person) => one.state === state && one.memberships.length === 1 && people.roleIn(one, free) !== undefined;
  const laptop = await demo.asUser(people.who(alone("active")));
  await laptop.open("/me/security");
  await laptop.main.getByRole("link", { name: /^Remove / }).click();
  await laptop.expectPage("remove_method");
  await look(laptop);
  const phone = await demo.newDevice();
  await phone.signInToNewDevice(people.who(alone("no_mfa")));
  await phone.expectSignedIn();

  await demo.minutesPass(11);
  for (const [device, state] of [[laptop, "code"], [phone, "password"]] as const) {
    await device.open("/step-up?next=/enrol%3Fnext%3D/me/security");
    await device.expectPage("step_up", state);
    await look(device);
  }
});

test("a reset, from the menu to the outcome", async ({ world }) => {
  const { people } = world;
  const manager = people.the("manager");
  const desk = await world.asUser(people.the("admin"));
  const users = await UsersPage.open(desk, people.account);
  await users.actionsFor(manager);
  await look(desk);
  await users.choose(manager, "Reset MFA");
  await look(desk);
  const link = await requestReset(world, desk, people.account, manager);
  await look(desk);
  await users.find(manager);
  await look(desk);
  const phone = await world.newDevice();
  await phone.open(link);
  await look(phone);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
  await look(phone);
});

test("a second approver, an invitation, several at once", async ({ world }) => {
  const { people } = world;
  const admins = (account: Account) => people.everybody.filter((one) => people.roleIn(one, account) === "admin");
  const account = people.accountWhere((one) => admins(one).length === 2);
  const [asker, approver] = admins(account) as [Person, Person];
  const owner = people.everybody.find((one) => people.roleIn(one, account) === "owner") as Person;
  const [desk, other] = [await world.asUser(asker), await world.asUser(approver)];
  const list = `/a/${account.id}/settings/users`;
  const users = await UsersPage.open(desk, account);
  await users.choose(owner, "Reset MFA");
  await look(desk);
  await desk.send(desk.page.getByRole("button", { name: "Reset", exact: true }).filter({ visible: true }));
  await desk.expectPage("reset_mfa", "awaiting_approval");
  await look(desk);
  for (const address of [`/a/${account.id}/overview`, list]) {
    await other.open(address);
    await look(other);
  }
  await other.page.getByRole("link", { name: "Review" }).click();
  await other.expectPage("reset_mfa", "approve");
  await look(other);

  await desk.open(`/a/${account.id}/settings/security`);
  await desk.page.locator("[name=approver]").selectOption("nobody");
  await desk.send(desk.page.locator("form:has([name=approver]) button[type=submit]"));
  await expect(desk.main).toContainText("To be loosened");
  await look(desk);

  await desk.open(`${list}/invite`);
  await look(desk);
  const before = await world.mailbox.count();
  const email = `${"nina".repeat(12)}@${"new".repeat(12)}.example`;
  await desk.page.locator("[name=email]").fill(email);
  await desk.press("Send invitation");
  await desk.expectPage("invite", "pending");
  await look(desk);
  const visitor = await world.newDevice();
  await visitor.open(linkIn(await world.mailbox.waitFor({ to: email, subject: "New account invitation", after: before }), "invitation"));
  await look(visitor);
  await visitor.press("Decline");
  await visitor.expectPage("invitation", "declined");
  await look(visitor);

  await desk.open(list);
  for (const box of (await desk.main.getByRole("row").getByRole("checkbox").all()).slice(0, 4)) await box.check();
  await look(desk);
  await desk.main.locator("form.choosing").getByRole("button", { name: "Reset MFA" }).click();
  await desk.expectPage("bulk_reset", "ask");
  await look(desk);
  await desk.press("Reset");
  await desk.page.waitForURL(/\/reset-mfa\/[\w-]+$/);
  // Until then its page loads itself again, and would take the rules away from under it.
  await expect(desk.main.getByRole("heading", { level: 1, name: "Done" })).toBeVisible({ timeout: 20_000 });
  await look(desk);
});

test("pages of a portfolio, and names of every kind", async ({ world }) => {
  const { people } = world;
  // As long as a name may be, without a place to break it; and from the right to the left.
  const names = { long: "Wilhelmina".repeat(8), hebrew: "שירה בן־דוד־לוינשטיין", arabic: "عبد الرحمن بن محمد الأنصاري" };
  for (const [local, name] of Object.entries(names)) {
    const place = ["--account", people.account.id, "--role", "analyst"];
    const { code, stderr } = await world.command("user", "create", "--email", `${local}@${"names".repeat(10)}.example`, "--name", name, ...place);
    expect(code, stderr).toBe(0);
  }
  const desk = await world.asUser(people.owner);
  for (const [scope, list] of [[`/a/${people.account.id}`, "settings/users"], [`/p/${people.portfolio.id}`, "manage/users"]] as const) {
    for (const query of ["", "?q=names"]) {
      await desk.open(`${scope}/${list}${query}`);
      if (query) await expect(desk.main.getByRole("row").filter({ hasText: "@" })).toHaveCount(Object.keys(names).length);
      await look(desk);
    }
    await desk.open(`${scope}/overview`);
    await look(desk);
  }
  for (const page of ["security", "security/roll-out", "activity"]) {
    await desk.open(`/p/${people.portfolio.id}/settings/${page}`);
    await look(desk);
  }
});
