// The mail of a reset leaves, whatever the mail server and the power supply do, and never twice.
import { expect, linkIn, test } from "../support/story.ts";
import { SUBJECT, UsersPage } from "../support/users_page.ts";

for (const at of ["mail", "rcpt", "data"] as const) {
  test(`a refusal at ${at.toUpperCase()} is shown to the administrator`, async ({ world }) => {
    const { people } = world;
    const manager = people.the("manager");
    const desk = await world.asUser(people.the("admin"));
    world.smtp.refuse(at);
    const users = await UsersPage.open(desk, people.account);
    await users.resetMfaOf(manager);
    await expect(async () => {
      await expect(await users.find(manager)).toContainText(/refused/i, { timeout: 500 });
    }).toPass({ timeout: 30_000 });
    expect(await world.mailbox.find({ to: manager.email })).toEqual([]);
  });
}

test("a mail server that is busy is asked again", async ({ world }) => {
  const { people } = world;
  const manager = people.the("manager");
  const desk = await world.asUser(people.the("admin"));
  world.smtp.refuse("rcpt", 451);
  await (await UsersPage.open(desk, people.account)).resetMfaOf(manager);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  world.smtp.accept();
  await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT }, 45_000);
});

test("a slow mail server keeps nobody waiting", async ({ world }) => {
  const { people } = world;
  const manager = people.the("manager");
  const desk = await world.asUser(people.the("admin"));
  world.smtp.beSlow(10_000);
  const began = Date.now();
  await (await UsersPage.open(desk, people.account)).resetMfaOf(manager);
  expect(Date.now() - began).toBeLessThan(10_000);
  await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT }, 45_000);
});

test("a mail server that insists on TLS and a name gets both", async ({ securedWorld: world }) => {
  const { people } = world;
  const manager = people.the("manager");
  await (await UsersPage.open(await world.asUser(people.the("admin")), people.account)).resetMfaOf(manager);
  await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT });
  expect(world.smtp.conversations[0]).toEqual({ secure: true, user: "postern" });
});

test("a server that dies before the mail has left sends it after its restart, once", async ({ world }) => {
  const { people } = world;
  const manager = people.the("manager");
  const desk = await world.asUser(people.the("admin"));
  world.smtp.refuse("mail", 451);
  await (await UsersPage.open(desk, people.account)).resetMfaOf(manager);
  await world.crash();
  world.smtp.accept();
  const mail = await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT }, 45_000);
  const phone = await world.newDevice();
  await phone.open(linkIn(mail, "mfa-reset"));
  await phone.expectPage("mfa_reset", "open");
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await world.mailbox.find({ to: manager.email, subject: SUBJECT })).toHaveLength(1);
});
