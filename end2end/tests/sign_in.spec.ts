// In by address, password and what the device or the policy asks for; and what everybody else is told.
import { codeIn, expect, linkIn, SIGN_IN_CODE, test } from "../support/story.ts";
import type { Person } from "../support/story.ts";

const withoutFactor = ({ state, totp_secret }: Person) => state === "no_mfa" && totp_secret === null;

test("with a password and an authenticator, to the scope last used", async ({ world }) => {
  const { people } = world;
  const laptop = await world.asUser(people.owner);
  await expect(laptop.page).toHaveURL(/\/(a|p)\//);
  await laptop.open(`/a/${people.account.id}/settings/users`);
  await laptop.expectPage("users");
});

test("an unknown device needs the mailed code, a known one does not", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const person = people.who((one) => withoutFactor(one) && one.memberships.every(({ id }) => id === free.id));
  const laptop = await world.newDevice();
  await laptop.givePassword(person);
  await laptop.expectPage("device_code");
  await test.step("a wrong code is refused in place", async () => {
    await laptop.giveCode("000000");
    await laptop.expectPage("device_code");
    await expect(laptop.page.getByRole("alert").first()).toBeVisible();
  });
  await laptop.giveCode(codeIn(await world.mailbox.waitFor({ to: person.email, subject: SIGN_IN_CODE })));
  await expect(laptop.page).toHaveURL(/\/a\//);
  await laptop.expectSignedIn();

  await laptop.signOut();
  const before = await world.mailbox.count();
  await laptop.givePassword(person);
  await expect(laptop.page).toHaveURL(/\/a\//);
  expect(await world.mailbox.count()).toBe(before);
});

test("a mailed code is good for the session that asked, and no other", async ({ world }) => {
  const person = world.people.who(withoutFactor);
  const mine = await world.newDevice();
  await mine.givePassword(person);
  await mine.expectPage("device_code");
  const code = codeIn(await world.mailbox.waitFor({ to: person.email, subject: SIGN_IN_CODE }));
  const theirs = await world.newDevice();
  await theirs.givePassword(person);
  await theirs.expectPage("device_code");
  await theirs.giveCode(code);
  await theirs.expectPage("device_code");
});

test("who has no second factor where one is required sets one up and does nothing else", async ({ world }) => {
  const { people } = world;
  const person = people.who((one) => withoutFactor(one) && people.roleIn(one, people.account) !== undefined);
  const laptop = await world.newDevice();
  await laptop.signInToNewDevice(person);
  await laptop.expectPage("enrol");
  for (const elsewhere of ["/me/security", `/a/${people.account.id}/overview`, `/a/${people.account.id}/settings/users`]) {
    await laptop.open(elsewhere);
    await laptop.expectPage("enrol");
  }
  await laptop.enrol();
  await laptop.expectSignedIn();
});

test("an unknown address and a wrong password get one answer", async ({ world }) => {
  const { people } = world;
  const attempts: [string, string][] = [
    ["nobody@nowhere.example", "correct horse battery staple"],
    [people.owner.email, "wrong horse battery staple"],
  ];
  const answers = new Set<string>();
  for (const [email, password] of attempts) {
    const laptop = await world.newDevice();
    await laptop.givePassword({ ...people.owner, email }, password);
    await laptop.expectPage("sign_in");
    const alert = laptop.page.getByRole("alert").first();
    await expect(alert).toBeVisible();
    answers.add(await alert.innerText());
  }
  expect([...answers]).toHaveLength(1);
});

test("after five misses the next try has to wait, and is told how long", async ({ world }) => {
  const { owner } = world.people;
  const stranger = await world.newDevice();
  for (let miss = 0; miss < 6; miss++) {
    await stranger.givePassword(owner, `wrong horse ${miss}`);
    await stranger.expectPage("sign_in");
    await expect(stranger.page.getByRole("alert").first()).toBeVisible();
  }
  await stranger.givePassword(owner);
  await stranger.expectPage("sign_in");
  await expect(stranger.page.getByRole("alert").first()).toContainText(/\d+ (s|second|minute)/);
});

test("a code is accepted once", async ({ world }) => {
  const { owner } = world.people;
  const app = world.authenticatorOf(owner);
  await world.asUser(owner);
  const second = await world.newDevice();
  await second.givePassword(owner);
  await second.expectPage("mfa");
  await second.giveCode(app.again());
  await second.expectPage("mfa");
  await expect(second.page.getByRole("alert").first()).toContainText(/clock/i);
});

test("a backup code opens once, and the person is told by mail how many are left", async ({ world }) => {
  const { people } = world;
  const person = people.who(({ backup_codes, state, totp_secret }) => state === "active" && !!totp_secret && backup_codes.length > 1);
  const [code = ""] = person.backup_codes;
  const laptop = await world.newDevice();
  await laptop.givePassword(person);
  await laptop.expectPage("mfa");
  await laptop.giveBackupCode(code);
  await laptop.expectSignedIn();
  const mail = await world.mailbox.waitFor({ to: person.email, subject: /backup/i });
  expect(mail.text).toContain(String(person.backup_codes.length - 1));

  const thief = await world.newDevice();
  await thief.givePassword(person);
  await thief.expectPage("mfa");
  await thief.giveBackupCode(code);
  await thief.expectPage("mfa");
});

test("“Can't use any of these?” leads to help", async ({ world }) => {
  const laptop = await world.newDevice();
  await laptop.givePassword(world.people.owner);
  await laptop.expectPage("mfa");
  await laptop.page.getByRole("link", { name: /Can.t use any of these\?/ }).click();
  await expect(laptop.page).toHaveURL(/\/sign-in\/mfa\/help$/);
  await expect(laptop.main).toContainText(/backup code/i);
});

test("a forgotten password is set anew by a mailed link; the second factor stays", async ({ world }) => {
  const { owner } = world.people;
  const laptop = await world.newDevice();
  await laptop.open("/sign-in");
  await laptop.page.getByRole("link", { name: /forgot/i }).click();
  await expect(laptop.page).toHaveURL(/\/forgot-password$/);
  await laptop.give("email", owner.email);
  await laptop.expectPage("forgot_password", "sent");
  const link = linkIn(await world.mailbox.waitFor({ to: owner.email }), "password-reset");

  const phone = await world.newDevice();
  for (let visit = 0; visit < 3; visit++) await phone.open(link);
  const password = "a heron stands in the moat";
  await phone.give("password", password);
  await phone.expectPage("sign_in");
  await phone.givePassword(owner, password);
  await phone.expectPage("mfa");
  await phone.giveCode(await world.authenticatorOf(owner).next());
  await phone.expectSignedIn();

  await test.step("the old password is void, and so is the link", async () => {
    const other = await world.newDevice();
    await other.givePassword(owner);
    await other.expectPage("sign_in");
    expect((await other.open(link)).status()).toBe(200);
    await other.expectPage("password_reset", "used");
    await expect(other.page.locator("[name=password]")).toHaveCount(0);
  });
});

test("an address that nobody has gets the same answer to a forgotten password", async ({ world }) => {
  const ask = async (email: string) => {
    const laptop = await world.newDevice();
    await laptop.open("/forgot-password");
    await laptop.give("email", email);
    await laptop.expectPage("forgot_password", "sent");
    return (await laptop.main.innerText()).replaceAll(email, "ADDRESS");
  };
  expect(await ask("nobody@nowhere.example")).toBe(await ask(world.people.owner.email));
});

test("a person sees the own sessions and ends one", async ({ world }) => {
  const { owner } = world.people;
  const [laptop, tablet] = [await world.asUser(owner), await world.asUser(owner)];
  await laptop.open("/me/sessions");
  await expect(laptop.main.getByText("This browser", { exact: true }).first()).toBeVisible();
  await laptop.send(laptop.main.getByRole("button", { name: /^End session/ }).first());
  await tablet.expectSignedOut();
  await laptop.expectSignedIn();
});
