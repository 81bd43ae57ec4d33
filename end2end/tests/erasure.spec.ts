// Deleting one's own sign-in, and what is left of it.
import { expect, expectAccessible, test } from "../support/story.ts";

test("a person deletes their sign-in, and the address is free again", async ({ world }) => {
  const { people } = world;
  const member = people.the("manager");
  const phone = await world.asUser(member);
  const laptop = await world.asUser(member);
  await laptop.open("/me/personal");
  await laptop.page.getByRole("link", { name: "Delete my sign-in" }).click();
  await laptop.expectPage("delete_sign_in", "open");
  await expectAccessible(laptop.page);

  await test.step("another address than theirs deletes nothing", async () => {
    await laptop.give("email", people.owner.email);
    await expect(laptop.main).toContainText("This is not the address you sign in with.");
    await phone.expectSignedIn();
  });

  await laptop.give("email", member.email);
  await laptop.expectPage("deleted");
  await expect(laptop.main).toContainText("Your sign-in is deleted");
  await expectAccessible(laptop.page);
  const last = await world.mailbox.waitFor({ to: member.email, subject: "Your sign-in is deleted" });
  expect(last.text).not.toContain("://");
  await laptop.expectSignedOut();
  await phone.expectSignedOut();
  await phone.givePassword(member);
  await phone.expectPage("sign_in");

  await test.step("administrators read that they left, and no more", async () => {
    const desk = await world.asUser(people.the("admin"));
    await desk.open(`/a/${people.account.id}/settings/users?q=${encodeURIComponent(member.email)}`);
    await expect(desk.main.getByRole("row").filter({ hasText: member.email })).toHaveCount(0);
    await desk.open(`/a/${people.account.id}/settings/activity`);
    await expect(desk.main).toContainText("left");
  });

  const made = await world.command("user", "create", "--email", member.email, "--name", "Somebody New");
  expect(made.code, made.stderr).toBe(0);
});

test("an Owner is told what to hand over first", async ({ world }) => {
  const desk = await world.asUser(world.people.owner);
  await desk.open("/me/personal/delete");
  await desk.expectPage("delete_sign_in", "owner");
  await expect(desk.main).toContainText("An Owner stays until ownership moves to somebody else.");
  await expect(desk.main.getByRole("link", { name: world.people.owner.memberships[0]!.name })).toBeVisible();
  await expect(desk.page.locator("main [name=email]")).toHaveCount(0);
  await expectAccessible(desk.page);
});
