// Help where the trouble is: each place leads to its own part of the page, which is there.
import { Authenticator } from "../support/authenticator.ts";
import { expect, test } from "../support/story.ts";
import type { Device } from "../support/story.ts";

/** The link leads to a part of the help that there is, and back comes who followed it. */
async function follow(device: Device, name: string, part: string): Promise<void> {
  const from = device.page.url();
  await device.main.getByRole("link", { name, exact: true }).click();
  await expect(device.page).toHaveURL(new RegExp(`/help/mfa#${part}$`));
  await device.expectPage("help_mfa");
  await expect(device.main.locator(`section#${part}`).getByRole("heading", { level: 2 })).toBeVisible();
  await device.open(from);
}

test("each place where something goes wrong leads to what helps", async ({ world }) => {
  const { people } = world;
  await test.step("at the door", async () => {
    const laptop = await world.newDevice();
    await laptop.open("/sign-in/passkey");
    await follow(laptop, "Trouble with your passkey?", "passkey");
    await laptop.givePassword(people.owner);
    await laptop.expectPage("mfa");
    await follow(laptop, "Why is my code refused?", "clock");
    await follow(laptop, "Why am I asked each time?", "again");
    await laptop.open("/sign-in/mfa/help");
    await follow(laptop, "I never set this up", "shared");
  });

  await test.step("at enrolment", async () => {
    const person = people.who((one) => one.state === "no_mfa" && people.roleIn(one, people.account) !== undefined);
    const laptop = await world.newDevice();
    await laptop.givePassword(person);
    await laptop.expectPage("device_code");
    await follow(laptop, "Why am I asked each time?", "again");
    await laptop.signInToNewDevice(person);
    await laptop.expectPage("enrol");
    const help = laptop.main.getByRole("link", { name: "Why is my code refused?" });
    await expect(help).toBeHidden();
    const key = (await laptop.main.innerText()).match(/\b[A-Z2-7]{4}(?:\s[A-Z2-7]{4}){3,}\b/)?.[0] ?? "";
    await laptop.giveCode(new Authenticator(key.replace(/\s/g, "")).wrong());
    await expect(help).toBeVisible();
    await expect(help).toHaveAttribute("href", "/help/mfa#clock");
    await laptop.open("/enrol/passkey");
    await follow(laptop, "Trouble with your passkey?", "passkey");
  });
});

test.describe("with scripts", () => {
  test.skip(({ scripted }) => !scripted, "a passkey speaks to script only");

  test("the last backup codes lead to what to do without, and no page speaks of an app to who has none", async ({ world }) => {
    const { people } = world;
    const person = people.who((one) => one.state === "no_mfa" && people.roleIn(one, people.account) !== undefined);
    const laptop = await world.newDeviceByName();
    const key = await laptop.plugIn();
    await laptop.signInToNewDevice(person);
    await laptop.expectPage("enrol");
    await laptop.open("/enrol/passkey");
    await laptop.page.getByRole("button", { name: "Create passkey" }).click();
    await laptop.expectPage("backup_codes", "open");
    const codes = (await laptop.main.getByRole("listitem").allInnerTexts()).map((line) => line.trim());
    await laptop.press("I have saved them");
    const phone = await world.newDeviceByName();
    await key.copyOnto(await phone.plugIn());
    for (const code of codes.slice(0, 7)) {
      await phone.givePassword(person);
      await phone.expectPage("mfa");
      await phone.giveBackupCode(code);
      await phone.expectSignedIn();
    }
    await expect(phone.main).toContainText("3 codes left");
    await expect(phone.main).toContainText("Make new ones while you can still sign in.");
    await expect(phone.main).not.toContainText("your app");
    await follow(phone, "What if none are left?", "no-codes");
  });
});
