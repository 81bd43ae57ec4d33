// Portfolios: made from a paid account, joined when its Owner agrees, left from either side.
import { expect, expectAccessible, test } from "../support/story.ts";
import type { Device, ServedWorld } from "../support/story.ts";

const LINKED = / are linked$/;
const UNLINKED = / are no longer linked$/;

const security = ({ people }: ServedWorld) => `/a/${people.account.id}/settings/security`;

/** The demo's account is in the demo's portfolio: its Owner or an Admin takes it out, in two presses. */
async function leaveThePortfolio(world: ServedWorld, device: Device): Promise<void> {
  await device.open(`${security(world)}/portfolio`);
  await device.expectPage("portfolio", "linked");
  await device.main.locator("summary").filter({ hasText: "End the link" }).click();
  await device.press("End the link now");
  await device.page.waitForURL(/done=unlinked/);
  await device.expectPage("portfolio", "none");
}

async function makePortfolio(world: ServedWorld, device: Device, name: string): Promise<void> {
  await device.open(security(world));
  await device.page.getByRole("link", { name: "Make a portfolio" }).click();
  await device.expectPage("new_portfolio");
  await expectAccessible(device.page);
  await device.page.locator("[name=name]").fill(name);
  await device.press("Make it");
  await device.page.waitForURL(/\/p\/[^/]+\/manage\/accounts\?done=made/);
  await device.expectPage("accounts", "none");
}

test("an Owner makes a portfolio, links the account to it knowing what that means, and ends it again", async ({ world }) => {
  const { people } = world;
  const owner = await world.asUser(people.owner);
  const admin = people.the("admin");

  await test.step("everybody with reach stands on the Security page", async () => {
    await owner.open(security(world));
    const section = owner.main.locator("#portfolio");
    await expect(section).toContainText(people.portfolio.name);
    for (const role of ["Portfolio Owner", "Portfolio Admin"]) await expect(section.getByText(role, { exact: true })).toBeVisible();
    await expectAccessible(owner.page);
  });

  await test.step("taken out of one portfolio, from the portfolio", async () => {
    await owner.open(`/p/${people.portfolio.id}/manage/accounts`);
    await owner.expectPage("accounts", "linked");
    await expectAccessible(owner.page);
    await owner.main.locator("summary").filter({ hasText: `End the link of ${people.account.name}` }).click();
    const row = owner.main.locator("li").filter({ hasText: people.account.name });
    await owner.send(row.getByRole("button", { name: "End the link now" }));
    await owner.page.waitForURL(/done=unlinked/);
    await world.mailbox.waitFor({ to: admin.email, subject: UNLINKED });
    // Somebody who is in no other account of it.
    const { email } = people.the("campaign_coordinator");
    await owner.open(`/p/${people.portfolio.id}/manage/users?q=${encodeURIComponent(email)}`);
    await expect(owner.main.getByRole("row").filter({ hasText: email })).toHaveCount(0);
  });

  await test.step("another is made, and stands in the switcher", async () => {
    await makePortfolio(world, owner, "Aurora Group");
    await expect(owner.page.getByRole("button", { name: /Aurora Group/ })).toBeVisible();
    await expectAccessible(owner.page);
  });

  await test.step("who owns both is shown what they agree to", async () => {
    await owner.send(owner.main.getByRole("button", { name: `Link ${people.account.name}` }));
    await owner.expectPage("link_consent", "open");
    await expect(owner.main).toContainText("Ask for the MFA reset of anybody here, the Owner included.");
    await expect(owner.main).toContainText("Portfolio Owner");
    await expectAccessible(owner.page);
    await owner.press("Agree");
    await owner.page.waitForURL(/done=linked/);
    await owner.expectPage("portfolio", "linked");
    await expect(owner.main).toContainText("Aurora Group");
    await expectAccessible(owner.page);
    await world.mailbox.waitFor({ to: admin.email, subject: LINKED });
  });

  await test.step("an Admin ends it from inside", async () => {
    const desk = await world.asUser(admin);
    await leaveThePortfolio(world, desk);
    await desk.open(`/a/${people.account.id}/settings/activity?action=account_unlinked`);
    await expect(desk.main).toContainText("ended the link with Aurora Group");
  });
});

test("an Admin asks, and the Owner declines, then agrees", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("admin"));
  const owner = await world.asUser(people.owner);
  await leaveThePortfolio(world, owner);
  await makePortfolio(world, desk, "Borealis Group");
  const accounts = new URL(desk.page.url()).pathname;

  for (const answer of ["Decline", "Agree"]) {
    const before = await world.mailbox.count();
    await desk.open(accounts);
    await desk.send(desk.main.getByRole("button", { name: `Ask the Owner of ${people.account.name}` }));
    await desk.page.waitForURL(/done=asked/);
    const mail = await world.mailbox.waitFor({ to: people.owner.email, subject: / asks .* to join$/, after: before });
    expect(mail.text).toContain("/settings/security/portfolio/requests/");

    await owner.open(`/a/${people.account.id}/overview`);
    await owner.expectPage("overview", "waiting");
    await expectAccessible(owner.page);
    await owner.page.getByRole("link", { name: "Show Borealis Group" }).click();
    await owner.expectPage("link_consent", "open");
    await owner.press(answer);
    await owner.page.waitForURL(answer === "Agree" ? /done=linked/ : /done=declined/);
    await owner.expectPage("portfolio", answer === "Agree" ? "linked" : "none");
  }
  await desk.open(accounts);
  await desk.expectPage("accounts", "linked");
  await expect(desk.main).toContainText(people.account.name);
});

test("a request is called off, and its page says so", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("admin"));
  await leaveThePortfolio(world, desk);
  await makePortfolio(world, desk, "Cirrus Group");
  await desk.send(desk.main.getByRole("button", { name: `Ask the Owner of ${people.account.name}` }));
  await desk.page.waitForURL(/done=asked/);
  const owner = await world.asUser(people.owner);
  await owner.open(`/a/${people.account.id}/overview`);
  await owner.page.getByRole("link", { name: "Show Cirrus Group" }).click();
  await owner.expectPage("link_consent", "open");
  await desk.send(desk.main.getByRole("button", { name: `Call off the request to ${people.account.name}` }));
  await desk.page.waitForURL(/done=called_off/);
  await owner.open(owner.page.url());
  await owner.expectPage("link_consent", "cancelled");
  await expectAccessible(owner.page);
  await expect(owner.page.getByRole("button", { name: "Agree" })).toHaveCount(0);
});

test("who may not is told why, or is not there", async ({ world }) => {
  const { people } = world;
  const manager = await world.asUser(people.the("manager"));
  expect((await manager.open(`${security(world)}/portfolio`)).status()).toBe(403);
  expect((await manager.open(`/p/${people.portfolio.id}/manage/accounts`)).status()).toBe(404);

  const free = people.accountWhere(({ plan }) => plan === "free");
  const owner = await world.asUser(people.who((one) => people.roleIn(one, free) === "owner"));
  await owner.open(`/a/${free.id}/settings/security`);
  await expect(owner.page.getByRole("link", { name: "Make a portfolio" })).toHaveCount(0);
  await owner.open(`/a/${free.id}/settings/security/portfolio/new`);
  await expect(owner.main).toContainText("This takes a paid plan.");

  const below = await world.asUser(people.ofPortfolio("portfolio_admin"));
  await below.open(`/p/${people.portfolio.id}/manage/accounts`);
  await below.expectPage("accounts", "linked");
  await expect(below.main.locator("form")).toHaveCount(0);
});
