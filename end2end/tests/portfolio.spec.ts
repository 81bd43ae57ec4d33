// Manage > Users: a portfolio's own people and those of its accounts; and going from one place to another.
import { expect, linkIn, test } from "../support/story.ts";
import type { Person, ServedWorld } from "../support/story.ts";
import { SUBJECT, UsersPage } from "../support/users_page.ts";

/** A Manager who belongs to several accounts of the portfolio. */
function ofSeveral({ people }: ServedWorld): Person {
  return people.who(({ memberships, state, totp_secret }) =>
    state === "active" && totp_secret !== null && memberships.length > 2 && memberships.every(({ kind }) => kind === "account"));
}

test("a Portfolio Admin resets somebody of several accounts, and every one of them can read it", async ({ world }) => {
  const { people } = world;
  const person = ofSeveral(world);
  const desk = await world.asUser(people.ofPortfolio("portfolio_admin"));

  await test.step("one person with three accounts is one row", async () => {
    const row = await (await UsersPage.open(desk, people.portfolio)).find(person);
    for (const { name } of person.memberships) await expect(row).toContainText(name);
    await expect(desk.main.getByRole("row").filter({ hasText: person.email })).toHaveCount(1);
  });

  const before = await world.mailbox.count();
  const owner = await world.asUser(people.owner);
  await test.step("one of the accounts asks for a second approver, and so it takes one from here too", async () => {
    await (await UsersPage.open(desk, people.portfolio)).choose(person, "Reset MFA");
    await desk.send(desk.page.getByRole("button", { name: "Reset", exact: true }).filter({ visible: true }));
    await desk.expectPage("reset_mfa", "awaiting_approval");
    await expect(await (await UsersPage.open(desk, people.portfolio)).find(person)).toContainText("Waiting for approval");
    await owner.open(`/p/${people.portfolio.id}/manage/users`);
    await owner.page.getByRole("link", { name: "Review" }).click();
    await owner.expectPage("reset_mfa", "approve");
    await owner.press("Approve");
    await owner.expectPage("users");
  });
  const link = linkIn(await world.mailbox.waitFor({ to: person.email, subject: SUBJECT, after: before }), "mfa-reset");

  const phone = await world.newDevice();
  await phone.open(link);
  await expect(phone.main).toContainText(people.portfolio.name);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
  await phone.givePassword(person);
  await phone.enrol();
  await phone.expectSignedIn();

  const place = person.memberships[0];
  for (const log of [`/p/${people.portfolio.id}/settings/activity`, `/a/${place?.id}/settings/activity`]) {
    await owner.open(`${log}?action=mfa_reset_done`);
    await expect(owner.main).toContainText("accepted the MFA reset");
  }
  await expect(owner.main).toContainText(people.portfolio.name);
});

test("who manages a portfolio without that permission is offered nothing and refused at the door", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.ofPortfolio("portfolio_manager"));
  const row = await (await UsersPage.open(desk, people.portfolio)).find(people.owner);
  await expect(row.getByRole("button", { name: /^Actions for/ })).toHaveCount(0);
});

test("a portfolio is filtered by the roles that its people have in their accounts", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.ofPortfolio("portfolio_admin"));
  await desk.open(`/p/${people.portfolio.id}/manage/users?role=owner`);
  const owners = people.everybody.filter(({ memberships }) => memberships.some(({ kind, role }) => kind === "account" && role === "owner"));
  const shown = desk.main.getByRole("row").filter({ hasText: "@" });
  await expect(shown).toHaveCount(owners.length);
  for (const { email } of owners) await expect(shown.filter({ hasText: email })).toHaveCount(1);
});

test("the account switcher goes from place to place by keyboard alone", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  await desk.open(`/a/${people.account.id}/overview`);
  const opener = desk.page.getByRole("button", { name: new RegExp(people.account.name) });
  await opener.focus();
  await desk.page.keyboard.press("Enter");
  const there = desk.page.getByRole("link", { name: new RegExp(people.portfolio.name) }).or(
    desk.page.getByRole("menuitem", { name: new RegExp(people.portfolio.name) })).filter({ visible: true }).first();
  await expect(there).toBeVisible();
  await expect(there).toContainText("Portfolio Owner");
  for (let step = 0; step < 10 && !(await there.evaluate((one) => one === document.activeElement)); step++) {
    await desk.page.keyboard.press("Tab");
  }
  await expect(there).toBeFocused();
  await desk.page.keyboard.press("Enter");
  await expect(desk.page).toHaveURL(new RegExp(`/p/${people.portfolio.id}/overview$`));
  await expect(desk.page.getByRole("button", { name: new RegExp(people.portfolio.name) })).toBeVisible();
});

test("two tabs work in two places", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  const users = await UsersPage.open(desk, people.account);
  const tab = await desk.page.context().newPage();
  await tab.goto(`/p/${people.portfolio.id}/manage/users`);
  await expect(tab.locator("main[data-page=users]")).toContainText("Accounts");

  const analyst = people.the("analyst");
  const before = await world.mailbox.count();
  await users.resetMfaOf(analyst);
  const mail = await world.mailbox.waitFor({ to: analyst.email, after: before });
  expect(mail.text).toContain(people.account.name);
  await tab.reload();
  await expect(tab.getByRole("button", { name: new RegExp(people.portfolio.name) })).toBeVisible();
  await expect(desk.page.getByRole("button", { name: new RegExp(people.account.name) })).toBeVisible();
});

test("a portfolio that one is not in is a page that says so", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("manager"));
  for (const address of [`/p/${people.portfolio.id}/manage/users`, `/p/${people.portfolio.id}/overview`, "/p/not-an-id/overview"]) {
    expect((await desk.open(address)).status(), address).toBe(404);
    await expect(desk.page.getByText(people.portfolio.name)).toHaveCount(0);
    await expect(desk.main.getByRole("link", { name: "Go to the start" })).toBeVisible();
  }
});
