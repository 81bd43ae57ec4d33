// Codes by text message: a number is bound, serves as the second step, and proves identity again. The demo is the phone.
import { Authenticator } from "../support/authenticator.ts";
import { expect, test } from "../support/story.ts";
import type { DemoWorld, Device } from "../support/story.ts";

const NUMBER = "+491711234567";

/** The newest code that was texted after `before` mails. */
async function texted(demo: DemoWorld, before: number): Promise<string> {
  const text = await demo.mailbox.waitFor({ to: NUMBER, subject: "Text message", after: before });
  const code = /#(\d{6})\s*$/.exec(text.text)?.[1];
  if (!code) throw new Error(`No code in: ${text.text}`);
  return code;
}

function wrongOne(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, "0");
}

async function arrive(device: Device): Promise<void> {
  await device.page.waitForURL(({ pathname }) => /^\/(a|p|me)\//.test(pathname));
}

test("somebody binds a number and signs in by what is texted to it", async ({ demo }) => {
  const { people } = demo;
  const person = people.who((one) => one.state === "no_mfa" && people.roleIn(one, people.account) !== undefined);
  const phone = await demo.newDevice();
  await phone.signInToNewDevice(person);
  await phone.expectPage("enrol");
  await phone.page.getByRole("link", { name: "Use text messages instead" }).click();
  await phone.expectPage("enrol_sms");

  await test.step("what is typed wrong is said in place, and stays typed", async () => {
    await phone.give("phone_number", "0171 1234567");
    await expect(phone.main).toContainText("Choose the country of the number, or begin it with a plus.");
    await phone.page.getByLabel("Country").selectOption("DE");
    await phone.give("phone_number", "030 123456");
    await expect(phone.main).toContainText("This number takes no text messages");
  });

  const before = await demo.mailbox.count();
  await phone.page.getByLabel("Country").selectOption("DE");
  await phone.give("phone_number", "0171 1234567");
  await phone.expectPage("bind_sms");
  await expect(phone.main).toContainText("•••• 67");
  await expect(phone.main).not.toContainText("1234567");
  const code = await texted(demo, before);
  await phone.giveCode(wrongOne(code));
  await expect(phone.main).toContainText("Only the newest one counts");
  await phone.giveCode(code);
  await phone.expectPage("backup_codes", "open");
  await phone.press("I have saved them");
  await arrive(phone);
  await phone.open("/me/security");
  await expect(phone.main).toContainText("To •••• 67");

  await test.step("another browser is asked for a code, and one leaves only when it is asked for", async () => {
    const laptop = await demo.newDevice();
    const count = await demo.mailbox.count();
    await laptop.givePassword(person);
    await laptop.expectPage("mfa");
    await expect(laptop.main.getByRole("heading", { level: 1 })).toHaveText("Confirm by text message");
    expect(await demo.mailbox.find({ to: NUMBER, after: count })).toHaveLength(0);
    await laptop.press("Text a code to •••• 67");
    await laptop.expectPage("sms_code");
    await laptop.press("Text a new code");
    await expect(laptop.main.getByRole("alert").first()).toBeVisible();
    await laptop.giveCode(await texted(demo, count));
    await arrive(laptop);
    await laptop.expectSignedIn();
  });

  await test.step("an app is asked for before it, unless its owner wants it otherwise", async () => {
    await phone.open("/me/security");
    await phone.page.getByRole("link", { name: "Add method" }).click();
    await phone.expectPage("enrol");
    const key = (await phone.main.innerText()).match(/\b[A-Z2-7]{4}(?:[ \u00a0]?[A-Z2-7]{4}){3,}\b/)?.[0];
    await phone.giveCode(await new Authenticator((key ?? "").replace(/\s/g, "")).next());
    await phone.expectPage("my_security");
    const laptop = await demo.newDevice();
    await laptop.givePassword(person);
    await expect(laptop.main.getByRole("heading", { level: 1 })).toHaveText("Enter your code");
    await phone.open("/me/security");
    await phone.send(phone.main.getByRole("button", { name: "Ask for My phone first" }));
    await expect(phone.main).toContainText("Asked for first");
    await laptop.givePassword(person);
    await expect(laptop.main.getByRole("heading", { level: 1 })).toHaveText("Confirm by text message");
    await laptop.page.getByText("Try another way").first().click();
    await expect(laptop.page.getByLabel("Code from your app")).toBeVisible();
  });
});
