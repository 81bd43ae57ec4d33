// One's own second factor: bound with a code, backed by codes on paper, removed only with proof.
import { Authenticator } from "../support/authenticator.ts";
import { expect, test } from "../support/story.ts";
import type { Person } from "../support/story.ts";

const free = ({ state, memberships }: Person) => state === "no_mfa" && memberships.length === 1;

test("a wrong code binds nothing, and says to check the clock", async ({ world }) => {
  const { people } = world;
  const person = people.who((one) => free(one) && people.roleIn(one, people.account) !== undefined);
  const laptop = await world.newDevice();
  await laptop.signInToNewDevice(person);
  await laptop.expectPage("enrol");
  const key = (await laptop.main.innerText()).match(/\b[A-Z2-7]{4}(?:\s[A-Z2-7]{4}){3,}\b/)?.[0] ?? "";
  await laptop.giveCode(new Authenticator(key.replace(/\s/g, "")).wrong());
  await laptop.expectPage("enrol");
  await expect(laptop.page.getByRole("alert").first()).toContainText(/clock/i);
  await laptop.enrol();
});

test("a method gets another name; backup codes are shown once, and new ones void the old", async ({ world }) => {
  const { people } = world;
  const person = people.who(({ state, backup_codes }) => state === "active" && backup_codes.length > 0);
  const laptop = await world.asUser(person);
  await laptop.open("/me/security");
  await laptop.page.getByRole("link", { name: /^Rename / }).click();
  await laptop.expectPage("rename_method");
  await laptop.give("name", "The old tablet");
  await laptop.expectPage("my_security");
  await expect(laptop.main).toContainText("The old tablet");
  await laptop.page.getByRole("link", { name: "Make new codes" }).click();
  await laptop.press("Make new codes");
  await laptop.expectPage("backup_codes", "open");
  const codes = (await laptop.main.getByRole("listitem").allInnerTexts()).map((line) => line.trim());
  expect(new Set(codes).size).toBe(10);
  await laptop.press("I have saved them");
  await laptop.open("/me/security/backup-codes");
  await laptop.expectPage("backup_codes", "none");

  const phone = await world.newDevice();
  await phone.givePassword(person);
  await phone.expectPage("mfa");
  await phone.giveBackupCode(person.backup_codes[0] as string);
  await phone.expectPage("mfa");
  await phone.giveBackupCode(codes[0] as string);
  await phone.expectSignedIn();
});

test("the last method stays where one is required, and goes where none is", async ({ world }) => {
  const { people } = world;
  const open = people.accountWhere(({ require_mfa }) => !require_mfa);
  const bound = await world.asUser(people.owner);
  await bound.open("/me/security");
  await expect(bound.main).toContainText("A second factor is required where you work");

  const person = people.who((one) => one.state === "active" && one.memberships.length === 1 && people.roleIn(one, open) !== undefined);
  const laptop = await world.asUser(person);
  const elsewhere = await world.asUser(person);
  await laptop.open("/me/security");
  await laptop.main.getByRole("link", { name: /^Remove / }).click();
  await laptop.expectPage("remove_method");
  await laptop.press("Remove method");
  await laptop.expectSignedIn();
  await elsewhere.expectSignedOut();
});
