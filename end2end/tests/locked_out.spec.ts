// Somebody cannot give the second factor: from “Can't use any of these?” to the administrator's menu, and the way out when
// it was somebody else.
import { expect, expectAccessible, linkIn, test } from "../support/story.ts";
import { SUBJECT, UsersPage } from "../support/users_page.ts";

test("a locked-out user asks, an administrator is told and resets", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const phone = await world.newDevice();
  await phone.givePassword(manager);
  await phone.expectPage("mfa");
  await phone.page.getByRole("link", { name: "Can't use any of these?" }).click();
  await phone.expectPage("mfa_help");
  await expectAccessible(phone.page);

  let before = await world.mailbox.count();
  await phone.press("Ask an administrator");
  await expect(phone.page.getByText("The administrators have been told")).toBeVisible();
  await phone.expectPage("mfa_help");
  await expect(phone.main).not.toContainText(people.owner.email);
  for (const { email } of [people.owner, admin]) {
    const told = await world.mailbox.waitFor({ to: email, subject: /asks for help with signing in/, after: before });
    expect(told.text).toContain("number that you already have");
  }
  const own = await world.mailbox.waitFor({ to: manager.email, subject: "You asked an administrator for help", after: before });
  expect(own.text).not.toContain(admin.email);

  await test.step("the notice opens the list at that person", async () => {
    const notice = await world.mailbox.waitFor({ to: admin.email, subject: /asks for help/, after: before });
    const address = notice.text.match(/https?:\/\/\S+\/settings\/users\?q=\S+/)?.[0] ?? "";
    const desk = await world.asUser(admin);
    await desk.open(address);
    await desk.expectPage("users");
    await expect(desk.main.getByRole("row").filter({ hasText: manager.email })).toHaveCount(1);
    before = await world.mailbox.count();
    await (await UsersPage.open(desk, people.account)).resetMfaOf(manager);
  });
  await phone.open(linkIn(await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT, after: before }), "mfa-reset"));
  await phone.press("Accept");
  await phone.givePassword(manager);
  await phone.enrol();
  await phone.expectSignedIn();
});

test("it was somebody else: “This wasn't me” ends their sign-in", async ({ world }) => {
  const { people } = world;
  const manager = people.the("manager");
  const before = await world.mailbox.count();
  const thief = await world.newDevice();
  await thief.givePassword(manager);
  await thief.expectPage("mfa");
  await thief.open("/sign-in/mfa/help");
  await thief.press("Ask an administrator");
  await expect(thief.page.getByText("The administrators have been told")).toBeVisible();

  await test.step("and not again within the hour", async () => {
    await thief.open("/sign-in/mfa/help");
    await thief.press("Ask an administrator");
    await expect(thief.page.getByText("You can try again in")).toBeVisible();
  });

  const mail = await world.mailbox.waitFor({ to: manager.email, subject: "You asked an administrator for help", after: before });
  const link = mail.text.match(/https?:\/\/\S+\/sign-in\/not-me\/[A-Za-z0-9_-]{43}/)?.[0] ?? "";
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.expectPage("not_me", "open");
  await expectAccessible(phone.page);
  await thief.open("/sign-in/mfa");
  await thief.expectPage("mfa");

  await phone.press("This wasn't me");
  await phone.expectPage("not_me", "disowned");
  await expectAccessible(phone.page);
  await world.mailbox.waitFor({ to: people.owner.email, subject: /It was not .* who asked for help/, after: before });
  await thief.open("/sign-in/mfa");
  await thief.expectPage("sign_in");
  await phone.page.getByRole("link", { name: "Set a new password" }).click();
  await phone.expectPage("forgot_password");
  expect((await phone.open(`/sign-in/not-me/${"A".repeat(43)}`)).status()).toBe(404);
});

test("a stranger reads the help and is asked for the password first", async ({ world }) => {
  const phone = await world.newDevice();
  await phone.open("/sign-in/mfa/help");
  await phone.expectPage("mfa_help");
  await expect(phone.main).toContainText("give your address and password first");
  await expect(phone.page.getByRole("button", { name: "Ask an administrator" })).toHaveCount(0);
});
