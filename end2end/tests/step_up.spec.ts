// Step-up: what matters is asked for again after ten minutes, by whatever method somebody has, and leads where they wanted to go.
import { Authenticator } from "../support/authenticator.ts";
import { expect, test } from "../support/story.ts";
import type { DemoWorld, Device, Person } from "../support/story.ts";

const NUMBER = "+491711234567";
const NEW_CODES = "/me/security/backup-codes/new";

/** Longer than a proof is fresh. */
const LATER = 11;

/** Straight in where identity was proven a moment ago, asked again where it was not. */
async function isAsked(device: Device, address: string, state: "code" | "password"): Promise<void> {
  await device.open(address);
  await device.expectPage("step_up", state);
  await expect(device.main.getByRole("link", { name: "Why am I asked again?" })).toHaveAttribute("href", "/help/mfa#again");
  await expect(device.page.getByRole("checkbox", { name: /Don't ask again/ })).toHaveCount(0);
}

/** Somebody who has no method yet, in the account that requires one or in the one that does not. */
function without(demo: DemoWorld, required: boolean): Person {
  const account = demo.people.accountWhere(({ require_mfa }) => require_mfa === required);
  return demo.people.who((one) => one.state === "no_mfa" && demo.people.roleIn(one, account) !== undefined && one.memberships.length === 1);
}

async function arrive(device: Device): Promise<void> {
  await device.page.waitForURL(({ pathname }) => /^\/(a|p|me)\//.test(pathname));
}

test("by an authenticator app, and for ten minutes no more", async ({ demo, scripted }) => {
  const { owner } = demo.people;
  const laptop = await demo.asUser(owner);
  await laptop.open(NEW_CODES);
  await laptop.expectPage("new_backup_codes");

  await demo.minutesPass(LATER);
  await test.step("a form that was open says so, and leads there and back", async () => {
    await laptop.press("Make new codes");
    // Without script the answer is the page itself, which leads there at once.
    if (scripted) await laptop.page.getByRole("link", { name: "Prove it's you" }).click();
    await laptop.expectPage("step_up", "code");
  });
  const app = demo.authenticatorOf(owner);
  await laptop.giveCode(app.wrong());
  await laptop.expectPage("step_up", "code");
  await expect(laptop.page.getByRole("alert").first()).toContainText(/clock/i);
  await laptop.giveCode(await app.next());
  await laptop.expectPage("new_backup_codes");
  await laptop.press("Make new codes");
  await laptop.expectPage("backup_codes", "open");
  await laptop.press("I have saved them");
  await laptop.expectPage("my_security");

  await demo.minutesPass(9);
  await laptop.open(NEW_CODES);
  await laptop.expectPage("new_backup_codes");
  await demo.minutesPass(2);
  await isAsked(laptop, NEW_CODES, "code");
});

test("by a backup code, for methods alone", async ({ demo }) => {
  const person = demo.people.who(({ state, totp_secret, backup_codes }) => state === "active" && !!totp_secret && backup_codes.length > 0);
  const laptop = await demo.asUser(person);
  await demo.minutesPass(LATER);
  await isAsked(laptop, NEW_CODES, "code");
  await expect(laptop.page.locator("[name=backup_code]")).toHaveCount(0);
  await laptop.open("/me/security");
  await laptop.page.getByRole("link", { name: "Add method" }).click();
  await laptop.expectPage("step_up", "code");
  await laptop.giveBackupCode(person.backup_codes[0] as string);
  await laptop.expectPage("enrol");
  await isAsked(laptop, NEW_CODES, "code");
});

test("by a text message", async ({ demo }) => {
  const person = without(demo, true);
  const phone = await demo.newDevice();
  const texted = async (before: number) => {
    const { text } = await demo.mailbox.waitFor({ to: NUMBER, subject: "Text message", after: before });
    return /#(\d{6})\s*$/.exec(text)?.[1] ?? "";
  };
  await phone.signInToNewDevice(person);
  await phone.expectPage("enrol");
  await phone.open("/enrol/sms");
  const first = await demo.mailbox.count();
  await phone.page.getByLabel("Country").selectOption("DE");
  await phone.give("phone_number", "0171 1234567");
  await phone.expectPage("bind_sms");
  await phone.giveCode(await texted(first));
  await phone.expectPage("backup_codes", "open");
  await phone.press("I have saved them");
  await arrive(phone);

  await demo.minutesPass(LATER);
  await isAsked(phone, NEW_CODES, "code");
  const second = await demo.mailbox.count();
  await phone.press("Text a code to •••• 67");
  await phone.expectPage("sms_code");
  await phone.giveCode(await texted(second));
  await phone.expectPage("new_backup_codes");
  await phone.press("Make new codes");
  await phone.expectPage("backup_codes", "open");
});

test.describe("with scripts", () => {
  test.skip(({ scripted }) => !scripted, "a passkey speaks to script only");

  test("by a passkey", async ({ demo }) => {
    const person = demo.people.the("manager");
    const laptop = await demo.newDeviceByName();
    await laptop.plugIn();
    await laptop.signIn(person);
    await laptop.open("/enrol/passkey?next=/me/security");
    await laptop.page.getByRole("button", { name: "Create passkey" }).click();
    await laptop.expectPage("my_security");

    await demo.minutesPass(LATER);
    await isAsked(laptop, NEW_CODES, "code");
    // The strongest first, the app behind it.
    await expect(laptop.page.locator("[name=code]")).toBeHidden();
    await laptop.page.getByRole("button", { name: "Use passkey" }).click();
    await laptop.expectPage("new_backup_codes");
  });
});

test("by the password, for who has no method, and by no other means once there is one", async ({ demo }) => {
  const person = without(demo, false);
  const laptop = await demo.newDevice();
  await laptop.signInToNewDevice(person);
  await arrive(laptop);

  await demo.minutesPass(LATER);
  await laptop.open("/me/security");
  await laptop.page.getByRole("link", { name: "Add method" }).first().click();
  await laptop.expectPage("step_up", "password");
  await laptop.give("password", "wrong horse battery staple");
  await laptop.expectPage("step_up", "password");
  await expect(laptop.page.getByRole("alert").first()).toContainText("This password was not accepted.");
  await laptop.give("password", person.password);
  await laptop.expectPage("enrol");
  const key = (await laptop.main.innerText()).match(/\b[A-Z2-7]{4}(?:[ \u00a0]?[A-Z2-7]{4}){3,}\b/)?.[0] ?? "";
  await laptop.giveCode(await new Authenticator(key.replace(/\s/g, ""), demo.clockOffset).next());
  await laptop.expectPage("backup_codes", "open");
  await laptop.press("I have saved them");
  await laptop.expectPage("my_security", "on");

  await demo.minutesPass(LATER);
  await isAsked(laptop, NEW_CODES, "code");
  await expect(laptop.page.locator("[name=password]")).toHaveCount(0);
});
