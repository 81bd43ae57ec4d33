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

  await test.step("printed, they are all that is on the paper, on white", async () => {
    await laptop.page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const code of codes) await expect(laptop.main.getByText(code, { exact: true })).toBeVisible();
    await expect(laptop.page.locator(".foot")).toBeHidden();
    await expect(laptop.page.getByRole("link", { name: "Skip to the page" })).toBeHidden();
    for (const name of ["Copy codes", "Print", "I have saved them"]) {
      await expect(laptop.page.getByRole("button", { name, includeHidden: true })).toBeHidden();
    }
    await expect(laptop.page.getByText("(.txt)")).toBeHidden();
    const colour = await laptop.main.getByText(codes[0] as string, { exact: true }).evaluate((code) => getComputedStyle(code).color);
    const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    expect((red ?? 255) + (green ?? 255) + (blue ?? 255), colour).toBeLessThan(240);
    await laptop.page.emulateMedia({ media: null, colorScheme: null });
  });
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
