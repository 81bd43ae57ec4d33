// Passkeys and security keys: made, asked for first, signing in alone, and refused when they may have been copied.
import { expect, test } from "../support/story.ts";
import type { Person } from "../support/story.ts";

const free = ({ state, memberships }: Person) => state === "no_mfa" && memberships.length === 1;

// Before a world is made for it.
test.skip(({ scripted }) => !scripted, "a passkey speaks to script only");

test("a first passkey opens the door, and is asked for from then on", async ({ world }) => {
  const { people } = world;
  const person = people.who((one) => free(one) && people.roleIn(one, people.account) !== undefined);
  const laptop = await world.newDeviceByName();
  const key = await laptop.plugIn();
  await laptop.signInToNewDevice(person);
  await laptop.expectPage("enrol");
  await laptop.page.getByRole("link", { name: "Use a passkey or security key instead" }).click();
  await laptop.expectPage("enrol_passkey");

  await key.verifies(false);
  await laptop.page.getByRole("button", { name: "Create passkey" }).click();
  await expect(laptop.page.getByRole("alert")).toContainText("Try again");
  await key.verifies(true);
  await laptop.page.locator("[name=name]").fill("Blue key");
  await laptop.page.getByRole("button", { name: "Create passkey" }).click();
  await laptop.expectPage("backup_codes", "open");
  await laptop.press("I have saved them");
  await laptop.open("/me/security");
  await expect(laptop.main).toContainText("Blue key");
  expect(await key.count()).toBe(1);

  const phone = await world.newDeviceByName();
  const carried = await phone.plugIn();
  await key.copyOnto(carried);
  await phone.givePassword(person);
  await phone.expectPage("mfa");
  await expect(phone.main.getByRole("heading", { level: 1 })).toHaveText("Use your passkey");
  await phone.page.getByRole("button", { name: "Use passkey" }).click();
  await phone.page.waitForURL(/\/(a|p)\/|\/me\//);
  await phone.expectSignedIn();
});

test("who chose so signs in by a passkey alone, and no copy of it gets in", async ({ world }) => {
  const { people } = world;
  const person = people.the("manager");
  const laptop = await world.newDeviceByName();
  const key = await laptop.plugIn();
  await laptop.signIn(person);
  await laptop.open("/enrol/passkey?next=/me/security");
  await laptop.page.getByRole("switch", { name: "Sign in with it alone" }).check();
  await laptop.page.getByRole("button", { name: "Create passkey" }).click();
  await laptop.expectPage("my_security");
  await expect(laptop.main).toContainText("Signs in without a password");
  await laptop.signOut();
  await laptop.page.getByRole("link", { name: "Sign in with a passkey" }).click();
  await laptop.page.waitForURL(/\/(a|p)\//);
  await laptop.expectSignedIn();

  // Somebody with the password and a key that was copied before.
  const thief = await world.newDeviceByName();
  const theirs = await thief.plugIn();
  await key.copyOnto(theirs, 0);
  const before = await world.mailbox.count();
  await thief.givePassword(person);
  await thief.expectPage("mfa");
  await thief.page.getByRole("button", { name: "Use passkey" }).click();
  await expect(thief.page.getByRole("alert")).toContainText("may have been copied");
  await world.mailbox.waitFor({ to: person.email, subject: "A passkey may have been copied", after: before });
  await thief.open("/me/security");
  await thief.expectPage("mfa");
});

test("the app is behind “Try another way” where there is a passkey", async ({ world }) => {
  const person = world.people.the("manager");
  const laptop = await world.newDeviceByName();
  await laptop.plugIn();
  await laptop.signIn(person);
  await laptop.open("/enrol/passkey?next=/me/security");
  await laptop.page.getByRole("button", { name: "Create passkey" }).click();
  await laptop.expectPage("my_security");
  // By its number the server has no passkeys: the browser says where they are.
  const phone = await world.newDevice();
  await phone.givePassword(person);
  await phone.expectPage("mfa");
  await phone.page.getByRole("button", { name: "Use passkey" }).click();
  await expect(phone.page.getByRole("alert")).toContainText("http://localhost:");
  await phone.page.getByText("Try another way").click();
  await phone.giveCode(await world.authenticatorOf(person).next());
  await phone.expectSignedIn();
});

test("without script each page says what else there is", async ({ world }) => {
  const laptop = await world.newDevice();
  await laptop.open("/sign-in/passkey");
  await laptop.expectPage("passkey_sign_in");
  // Playwright looks for no text in there.
  const said = laptop.main.locator("noscript p");
  if (world.shop.scripted) {
    await expect(said).toBeHidden();
  } else {
    await expect(said).toBeVisible();
    expect(await said.evaluate((line) => line.textContent)).toContain("Passkeys need JavaScript");
    await expect(laptop.page.getByRole("button", { name: "Use a passkey" })).toBeHidden();
  }
  await laptop.page.getByRole("link", { name: "Sign in with address and password" }).click();
  await laptop.expectPage("sign_in");
});
