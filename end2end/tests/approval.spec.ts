// The guards of an MFA reset that other people have a part in: a second approver, time to call it off, and places elsewhere.
import { expect, linkIn, test } from "../support/story.ts";
import type { Account, Device, Person } from "../support/story.ts";
import { SUBJECT, UsersPage, requestReset } from "../support/users_page.ts";
import type { World } from "../support/world.ts";

/** An account with an Owner and two Admins, who is asked for, and who asks and approves. */
function cast(world: World): { account: Account; owner: Person; asker: Person; approver: Person } {
  const { people } = world;
  const admins = (account: Account) => people.everybody.filter((one) => people.roleIn(one, account) === "admin");
  const account = people.accountWhere((one) => admins(one).length === 2);
  const [asker, approver] = admins(account) as [Person, Person];
  const owner = people.everybody.find((one) => people.roleIn(one, account) === "owner") as Person;
  return { account, owner, asker, approver };
}

/** Asks, and comes to the page that says that somebody has to agree first. */
async function askForApproval(desk: Device, account: Account, person: Person): Promise<void> {
  const users = await UsersPage.open(desk, account);
  await users.choose(person, "Reset MFA");
  await expect(desk.page.getByText("a second administrator has to agree first")).toBeVisible();
  await desk.page.locator("[name=reason]").filter({ visible: true }).fill("Phone fell into the harbour");
  await desk.send(desk.page.getByRole("button", { name: "Reset", exact: true }).filter({ visible: true }));
  await desk.expectPage("reset_mfa", "awaiting_approval");
}

test("a second administrator approves before the person is asked", async ({ world }) => {
  const { account, owner, asker, approver } = cast(world);
  const [desk, other] = [await world.asUser(asker), await world.asUser(approver)];
  const before = await world.mailbox.count();
  await askForApproval(desk, account, owner);
  const wanted = await world.mailbox.waitFor({ to: approver.email, after: before });
  expect(wanted.subject).toContain("needs your approval");
  expect(wanted.text).not.toContain("/mfa-reset/");

  await test.step("it waits under Users and on the Overview", async () => {
    await other.open(`/a/${account.id}/overview`);
    await expect(other.main.getByRole("heading", { name: "Waiting for approval" })).toBeVisible();
    await other.open(`/a/${account.id}/settings/users`);
    await expect(other.main.getByRole("heading", { name: "Waiting for approval" })).toBeVisible();
    await other.page.getByRole("link", { name: "Review" }).click();
    await other.expectPage("reset_mfa", "approve");
    await expect(other.main).toContainText("Phone fell into the harbour");
  });
  await test.step("who asked cannot approve", async () => {
    await desk.open(`/a/${account.id}/settings/users`);
    await expect(desk.main).toContainText("You asked for an MFA reset");
    await expect(desk.main.getByRole("link", { name: "Review" })).toHaveCount(0);
  });

  await other.press("Approve");
  await other.expectPage("users");
  await expect(other.page.getByText("Approved. The mail is on its way.")).toBeVisible();
  const mail = await world.mailbox.waitFor({ to: owner.email, subject: SUBJECT, after: before });
  await world.mailbox.waitFor({ to: asker.email, after: before });
  const phone = await world.newDevice();
  await phone.open(linkIn(mail, "mfa-reset"));
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
});

test("a second administrator rejects, and who asked is told", async ({ world }) => {
  const { account, owner, asker, approver } = cast(world);
  const [desk, other] = [await world.asUser(asker), await world.asUser(approver)];
  await askForApproval(desk, account, owner);
  const before = await world.mailbox.count();
  await other.open(`/a/${account.id}/settings/users`);
  await other.page.getByRole("link", { name: "Review" }).click();
  await other.expectPage("reset_mfa", "approve");
  await other.press("Reject");
  await other.expectPage("users");
  const mail = await world.mailbox.waitFor({ to: asker.email, after: before });
  expect(mail.subject).toContain("not approved");
  await desk.open(`/a/${account.id}/settings/users`);
  await expect(desk.main).not.toContainText("Waiting for approval");
});

test("an Owner whom nobody can approve has a day to call it off", async ({ demo }) => {
  const { people } = demo;
  const owner = people.who((one) => people.roleIn(one, people.account) === "owner");
  const desk = await demo.asUser(people.the("admin"));
  const link = await requestReset(demo, desk, people.account, owner);
  const phone = await demo.newDevice();

  await test.step("accepted, it waits; the person cancels by the same link", async () => {
    await phone.open(link);
    await phone.press("Accept");
    await phone.expectPage("mfa_reset", "waiting");
    await expect(phone.main).toContainText(/takes effect at \d\d:\d\d tomorrow/);
    await (await demo.asUser(owner)).expectSignedIn();
    await phone.press("Cancel");
    await phone.expectPage("mfa_reset", "cancelled");
  });

  await test.step("once more; every session says so, and a day later it takes effect", async () => {
    const again = await requestReset(demo, desk, people.account, owner);
    const laptop = await demo.newDevice();
    await demo.minutesPass(1);
    await laptop.signIn(owner);
    await phone.open(again);
    await phone.press("Accept");
    await phone.expectPage("mfa_reset", "waiting");
    await laptop.open(`/a/${people.account.id}/overview`);
    await expect(laptop.page.getByText("It was accepted. If that was not you, call it off.")).toBeVisible();
    await demo.minutesPass(24 * 60 + 1);
    await phone.openUntil(again, "mfa_reset", "done");
    await laptop.expectSignedOut();
    await phone.givePassword(owner);
    await phone.expectPage("enrol");
  });
});

test("who is an administrator elsewhere is protected from there, and who asked learns nothing of it", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ plan }) => plan === "free");
  const person = people.everybody.find(
    (one) => people.roleIn(one, people.account) === "manager" && people.roleIn(one, free) === "admin",
  ) as Person;
  const elsewhere = people.the("owner", free);
  const desk = await world.asUser(people.the("admin"));
  const link = await requestReset(world, desk, people.account, person);
  const before = await world.mailbox.count();
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "waiting");

  const row = await (await UsersPage.open(desk, people.account)).find(person);
  await expect(row).toContainText("Reset accepted");
  await expect(row).not.toContainText(/· \d+ h/);
  const told = await world.mailbox.waitFor({ to: elsewhere.email, after: before });
  expect(told.text).not.toContain(people.account.name);

  const other = await world.asUser(elsewhere);
  const users = await UsersPage.open(other, free);
  await users.choose(person, "Look at the reset");
  await other.expectPage("reset_mfa", "waiting");
  await expect(other.main).toContainText("asked for elsewhere");
  await other.press("Cancel reset");
  await other.expectPage("users");
  await phone.open(link);
  await phone.expectPage("mfa_reset", "cancelled");
});

test("a guard is stricter at once and looser a day later, unless somebody calls it off", async ({ world }) => {
  const { account, asker, approver } = cast(world);
  const [desk, other] = [await world.asUser(asker), await world.asUser(approver)];
  const before = await world.mailbox.count();
  const address = `/a/${account.id}/settings/security`;
  const set = async (field: string, value: string) => {
    await desk.open(address);
    await desk.page.locator(`[name=${field}]`).selectOption(value);
    await desk.send(desk.page.locator(`form:has([name=${field}]) button[type=submit]`));
    await desk.expectPage("security");
  };
  await set("wait", "12");
  await expect(desk.main.locator("[name=wait]")).toHaveValue("12");
  await expect(desk.main).not.toContainText("To be loosened");
  await set("approver", "nobody");
  await expect(desk.main).toContainText("To be loosened");
  await expect(desk.main.locator("[name=approver]")).toHaveValue("administrators");
  const mail = await world.mailbox.waitFor({ to: approver.email, after: before });
  expect(mail.subject).toContain("will be loosened");
  await other.open(address);
  await other.press("Call it off");
  await other.expectPage("security");
  await expect(other.page.getByText("Called off. All stays as it is.")).toBeVisible();
  await desk.open(address);
  await expect(desk.main).not.toContainText("To be loosened");
});
