// One member, as a page: another role, shut out and let in again, taken out; felt at once in pages that are open.
import { expect, expectAccessible, test } from "../support/story.ts";

test("an administrator changes a member's role, shuts them out, lets them in, and removes them", async ({ world }) => {
  const { people } = world;
  const member = people.the("manager");
  const list = `/a/${people.account.id}/settings/users`;
  const desk = await world.asUser(people.the("admin"));
  const phone = await world.asUser(member);
  await phone.open(list);
  await phone.expectPage("users");

  await desk.open(`${list}?q=${encodeURIComponent(member.email)}`);
  await desk.main.getByRole("row").filter({ hasText: member.email }).getByRole("link").first().click();
  await desk.expectPage("user", "active");
  await expect(desk.main).toContainText(member.email);
  await expect(desk.main.getByText("Manager", { exact: true }).first()).toBeVisible();
  await expectAccessible(desk.page);
  const page = desk.page.url();

  await test.step("another role holds at once", async () => {
    await desk.page.locator("[name=role]").selectOption("support");
    await desk.press("Change role");
    await desk.page.waitForURL(/done=role_changed/);
    await expect(desk.page.getByText("The role is changed.")).toBeVisible();
    await expect(desk.main).toContainText("Manager → Support");
    const answer = await phone.open(list);
    expect(answer.status()).toBe(403);
  });

  await test.step("shut out, and let in again", async () => {
    await desk.open(page);
    await desk.press("Deactivate");
    await desk.page.waitForURL(/done=deactivated/);
    await desk.expectPage("user", "deactivated");
    expect((await phone.open(list)).status()).toBe(404);
    await desk.open(page);
    await desk.press("Reactivate");
    await desk.page.waitForURL(/done=reactivated/);
    await desk.expectPage("user", "active");
    expect((await phone.open(list)).status()).toBe(403);
  });

  await test.step("taken out, in two presses", async () => {
    await desk.open(page);
    await desk.main.locator("summary").filter({ hasText: "Remove from here" }).click();
    await desk.press("Remove now");
    await desk.page.waitForURL(/done=removed/);
    await desk.expectPage("users");
    await expect(desk.page.getByText("Removed.", { exact: true })).toBeVisible();
    expect((await desk.open(page)).status()).toBe(404);
    await desk.open(`/a/${people.account.id}/settings/activity`);
    await expect(desk.main).toContainText("removed");
  });
});

test("an Owner stays, nobody changes themselves, and who only looks is offered nothing", async ({ world }) => {
  const { people } = world;
  const list = `/a/${people.account.id}/settings/users`;
  const open = async (desk: Awaited<ReturnType<typeof world.asUser>>, email: string) => {
    await desk.open(`${list}?q=${encodeURIComponent(email)}`);
    await desk.main.getByRole("row").filter({ hasText: email }).getByRole("link").first().click();
    await desk.expectPage("user");
  };
  const admin = people.the("admin");
  const desk = await world.asUser(admin);
  await open(desk, people.owner.email);
  await expect(desk.main).toContainText("This member has a higher role than you.");
  await open(desk, admin.email);
  await expect(desk.main).toContainText("You cannot change your own membership.");
  await expect(desk.page.locator("[name=role]")).toHaveCount(0);

  const manager = await world.asUser(people.the("manager"));
  await open(manager, admin.email);
  await expect(manager.page.locator("main form")).toHaveCount(0);
});

test("a member leaves, and has to be invited to come back", async ({ world }) => {
  const { people } = world;
  const phone = await world.asUser(people.the("manager"));
  await phone.open(`/a/${people.account.id}/overview`);
  await phone.page.getByRole("link", { name: "Leave this account" }).click();
  await phone.expectPage("leave");
  await expectAccessible(phone.page);
  await phone.press("Leave now");
  await phone.page.waitForURL((url) => !url.pathname.endsWith("/leave"));
  expect((await phone.open(`/a/${people.account.id}/overview`)).status()).toBe(404);

  const desk = await world.asUser(people.owner);
  await desk.open(`/a/${people.account.id}/leave`);
  await expect(desk.main).toContainText("An Owner stays until ownership moves to somebody else.");
  await expect(desk.page.getByRole("button", { name: "Leave now" })).toHaveCount(0);
});

test("an Owner hands the account over, in two presses, and is an Admin", async ({ world }) => {
  const { people } = world;
  const [heir, admin] = [people.the("manager"), people.the("admin")];
  const desk = await world.asUser(people.owner);
  await desk.open(`/a/${people.account.id}/settings/users?q=${encodeURIComponent(heir.email)}`);
  await desk.main.getByRole("row").filter({ hasText: heir.email }).getByRole("link").first().click();
  await desk.expectPage("user", "active");
  await desk.main.locator("summary").filter({ hasText: "Make Owner" }).click();
  await desk.press("Hand over now");
  await desk.page.waitForURL(/done=handed_over/);
  await expect(desk.main).toContainText("This member has a higher role than you.");
  await expect(desk.main.locator("summary").filter({ hasText: "Make Owner" })).toHaveCount(0);
  await world.mailbox.waitFor({ to: admin.email, subject: / is the Owner of / });
});

test("who is signed out of an account signs in again to enter", async ({ world }) => {
  const { people } = world;
  const member = people.the("manager");
  const list = `/a/${people.account.id}/settings/users`;
  const phone = await world.asUser(member);
  await phone.open(list);
  await phone.expectPage("users");
  const desk = await world.asUser(people.the("admin"));
  await desk.open(`${list}?q=${encodeURIComponent(member.email)}`);
  await desk.main.getByRole("row").filter({ hasText: member.email }).getByRole("link").first().click();
  await desk.expectPage("user", "active");
  await desk.press("Sign out of here");
  await desk.page.waitForURL(/done=signed_out/);
  expect((await phone.open(list)).status()).toBe(403);
  await expect(phone.main).toContainText("An administrator signed you out of this place.");
  await expectAccessible(phone.page);
  await phone.press("Sign in again");
  await phone.expectPage("sign_in");
});
