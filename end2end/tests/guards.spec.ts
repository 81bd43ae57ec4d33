// What an MFA reset takes besides “Accept”, and what is said on the way.
import { expect, linkIn, test } from "../support/story.ts";
import { SUBJECT, UsersPage } from "../support/users_page.ts";

test("a password from the mailbox, then a reset: the number is told by voice", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const password = "a heron stands in the moat";
  let before = await world.mailbox.count();
  const stranger = await world.newDevice();
  await test.step("somebody sets a password by the mailed link", async () => {
    await stranger.open("/forgot-password");
    await stranger.give("email", manager.email);
    await stranger.expectPage("forgot_password", "sent");
    await stranger.open(linkIn(await world.mailbox.waitFor({ to: manager.email, after: before }), "password-reset"));
    await stranger.give("password", password);
    await stranger.expectPage("sign_in");
  });

  const desk = await world.asUser(admin);
  before = await world.mailbox.count();
  const users = await UsersPage.open(desk, people.account);
  await users.choose(manager, "Reset MFA");
  await expect(desk.page.getByText("set by a mailed link within the last three days")).toBeVisible();
  await desk.page.locator("[name=reason]").filter({ visible: true }).fill("Lost the phone");
  await desk.send(desk.page.getByRole("button", { name: "Reset", exact: true }).filter({ visible: true }));
  await desk.expectPage("reset_mfa", "requested");
  const number = await desk.page.locator(".number").innerText();
  expect(number).toMatch(/^\d{4}$/);
  await expect(desk.page.getByText("which I tell you by phone or in person")).toBeVisible();

  const mail = await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT, after: before });
  expect(mail.text).toContain("four digits");
  expect(mail.text).not.toMatch(new RegExp(`(?<!\\d)${number}(?!\\d)`));
  const link = linkIn(mail, "mfa-reset");

  await test.step("who reads the mailbox, and guesses, ends it", async () => {
    await stranger.open(link);
    await stranger.press("Accept");
    await expect(stranger.main).toContainText("Enter something here.");
    const wrong = String((Number(number) + 1) % 10_000).padStart(4, "0");
    for (const said of ["You have 2 tries left", "You have one try left"]) {
      await stranger.page.getByLabel("The number you were told").fill(wrong);
      await stranger.press("Accept");
      await expect(stranger.main).toContainText(said);
    }
    await stranger.page.getByLabel("The number you were told").fill(wrong);
    await stranger.press("Accept");
    await stranger.expectPage("mfa_reset", "cancelled");
    await expect(stranger.main).toContainText("Three wrong numbers");
    await world.mailbox.waitFor({ to: admin.email, subject: "MFA reset ended: wrong numbers", after: before });
    await (await world.asUser({ ...manager, password })).expectSignedIn();
  });

  await test.step("the person, who was called, accepts", async () => {
    before = await world.mailbox.count();
    await (await UsersPage.open(desk, people.account)).resetMfaOf(manager);
    const said = await desk.page.locator(".number").innerText();
    const phone = await world.newDevice();
    await phone.open(linkIn(await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT, after: before }), "mfa-reset"));
    await phone.page.getByLabel("The number you were told").fill(`${said.slice(0, 2)} ${said.slice(2)}`);
    await phone.press("Accept");
    await phone.expectPage("mfa_reset", "done");
    await phone.givePassword(manager, password);
    await phone.enrol();
    await phone.expectSignedIn();
  });
});

test("a number for everybody, where it is set", async ({ world }) => {
  const { people } = world;
  const manager = people.the("manager");
  const office = await world.asUser(people.owner);
  await office.open(`/a/${people.account.id}/settings/security`);
  await office.page.getByRole("switch", { name: "Number match" }).check();
  await office.send(office.page.locator("form:has([name=approver]) button[type=submit]"));
  await expect(office.page.getByRole("switch", { name: "Number match" })).toBeChecked();

  const desk = await world.asUser(people.the("admin"));
  const before = await world.mailbox.count();
  await (await UsersPage.open(desk, people.account)).resetMfaOf(manager);
  await desk.expectPage("reset_mfa", "requested");
  const number = await desk.page.locator(".number").innerText();
  const mail = await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT, after: before });
  const phone = await world.newDevice();
  await phone.open(linkIn(mail, "mfa-reset"));
  await phone.press("Accept");
  await expect(phone.main).toContainText("Enter something here.");
  await phone.page.getByLabel("The number you were told").fill(number);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
});
