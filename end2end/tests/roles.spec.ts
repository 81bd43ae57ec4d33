// Roles of a place's own: made, given, edited for whoever has them at once, and done away with when nobody has them.
import { expect, expectAccessible, test } from "../support/story.ts";

test("an administrator makes a help desk, gives it to somebody, and takes a permission away again", async ({ world }) => {
  const { people } = world;
  const member = people.the("analyst");
  const users = `/a/${people.account.id}/settings/users`;
  const roles = `/a/${people.account.id}/settings/roles`;
  const desk = await world.asUser(people.the("admin"));
  const phone = await world.asUser(member);
  expect((await phone.open(users)).status()).toBe(403);

  await test.step("made", async () => {
    await desk.open(roles);
    await desk.expectPage("roles");
    await expect(desk.main).toContainText("No roles of your own yet");
    await expectAccessible(desk.page);
    await desk.main.getByRole("link", { name: "New role" }).click();
    await desk.expectPage("new_role", "open");
    await desk.page.getByRole("textbox", { name: "Name" }).fill("Help Desk");
    await desk.page.getByRole("textbox", { name: /What it is for/ }).fill("Gets people back in.");
    await desk.main.getByRole("group", { name: "Users and roles" }).getByRole("radio", { name: /^View See/ }).check();
    await desk.main.getByRole("group", { name: "MFA reset" }).getByRole("radio", { name: /^Edit/ }).check();
    await expectAccessible(desk.page);
    await desk.press("Make role");
    await desk.page.waitForURL(/done=made/);
    await expect(desk.main.getByRole("link", { name: "Help Desk" })).toBeVisible();
  });

  await test.step("a name is given once", async () => {
    await desk.open(`${roles}/new`);
    await desk.page.getByRole("textbox", { name: "Name" }).fill("help desk");
    await desk.press("Make role");
    await expect(desk.page.getByText("Another role has this name. Choose another.")).toBeVisible();
    await expect(desk.page.getByRole("textbox", { name: "Name" })).toHaveAttribute("aria-invalid", "true");
  });

  await test.step("given", async () => {
    await desk.open(`${users}?q=${encodeURIComponent(member.email)}`);
    await desk.main.getByRole("row").filter({ hasText: member.email }).getByRole("link").first().click();
    await desk.page.locator("[name=role]").selectOption({ label: "Help Desk" });
    await desk.press("Change role");
    await desk.page.waitForURL(/done=role_changed/);
    await expect(desk.main).toContainText("Analyst → Help Desk");
    expect((await phone.open(users)).status()).toBe(200);
  });

  await test.step("in use, it stays; edited, it holds at once", async () => {
    await desk.open(roles);
    await desk.main.getByRole("link", { name: "Help Desk" }).click();
    await desk.expectPage("role");
    await expect(desk.main).toContainText("1 person has this role");
    await expectAccessible(desk.page);
    await desk.main.getByRole("group", { name: "Users and roles" }).getByRole("radio", { name: /^None/ }).check();
    await desk.press("Save");
    await desk.page.waitForURL(/done=edited/);
    expect((await phone.open(users)).status()).toBe(403);
    await desk.open(`/a/${people.account.id}/settings/activity`);
    await expect(desk.main).toContainText("edited a role");
    await expect(desk.main).toContainText("Users and roles: View → None");
  });

  await test.step("who only looks is offered nothing", async () => {
    const manager = await world.asUser(people.the("manager"));
    await manager.open(roles);
    await manager.expectPage("roles");
    await expect(manager.main.getByRole("link", { name: "New role" })).toHaveCount(0);
    await manager.main.getByRole("link", { name: "Help Desk" }).click();
    await manager.expectPage("role");
    await expect(manager.main.getByRole("button", { name: "Save" })).toHaveCount(0);
    await expectAccessible(manager.page);
  });

  await test.step("done away with", async () => {
    await desk.open(`${users}?q=${encodeURIComponent(member.email)}`);
    await desk.main.getByRole("row").filter({ hasText: member.email }).getByRole("link").first().click();
    await desk.page.locator("[name=role]").selectOption("analyst");
    await desk.press("Change role");
    await desk.page.waitForURL(/done=role_changed/);
    await desk.open(roles);
    await desk.main.getByRole("link", { name: "Help Desk" }).click();
    await desk.main.locator("summary").filter({ hasText: "Delete this role" }).click();
    await desk.press("Delete role");
    await desk.page.waitForURL(/done=deleted/);
    await expect(desk.main.getByRole("link", { name: "Help Desk" })).toHaveCount(0);
  });
});
