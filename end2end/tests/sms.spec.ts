// Codes by text message: a number is bound, serves as the second step, and proves identity again. The demo is the phone.
import { Authenticator } from "../support/authenticator.ts";
import { expect, expectAccessible, test } from "../support/story.ts";
import type { DemoWorld, Device, Person, TextedWorld } from "../support/story.ts";

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

/** Somebody of the account without a method, each another, on the page that asks for a number. */
async function aboutToBind(texted: TextedWorld, which: number): Promise<[Device, Person]> {
  const { people } = texted;
  const here = people.everybody.filter((one) => one.state === "no_mfa" && people.roleIn(one, people.account) !== undefined);
  const person = here.filter(({ memberships }) => memberships.length === 1)[which] as Person;
  const phone = await texted.newDevice();
  await phone.signInToNewDevice(person);
  await phone.expectPage("enrol");
  await phone.page.getByRole("link", { name: "Use text messages instead" }).click();
  await phone.expectPage("enrol_sms");
  return [phone, person];
}

async function askForCode(phone: Device): Promise<void> {
  await phone.page.getByLabel("Country").selectOption("DE");
  await phone.give("phone_number", "0171 1234567");
}

const lostOn = (device: Device) => device.main.getByRole("alert").filter({ hasText: "The message did not arrive" });
// Playwright looks for no text in there.
const lookAgainOn = (device: Device) => device.main.locator("noscript a");

test("a message that is lost is told of while its person waits for it", async ({ texted, scripted }) => {
  /** On the page that waits for a code: nothing is wrong yet, and after some seconds it is said what is. */
  const waitInVain = async (device: Device, page: string) => {
    const [lost, again] = [lostOn(device), lookAgainOn(device)];
    await device.expectPage(page);
    await expect(lost).toHaveCount(0);
    if (scripted) {
      await device.page.locator("[name=code]").fill("12");
      await expect(lost).toBeVisible({ timeout: 30_000 });
      await expect(device.page.locator("[name=code]")).toHaveValue("12");
      await expect(again).toBeHidden();
    } else {
      expect(await again.evaluate((link) => link.textContent)).toBe("Look again");
      await expect(async () => {
        await again.click();
        await expect(lost).toBeVisible({ timeout: 1_000 });
      }).toPass({ timeout: 30_000, intervals: [2_000] });
      await device.expectPage(page);
      await expect(again).toHaveCount(0);
    }
    await expectAccessible(device.page);
    await expect(device.main.getByRole("link", { name: "No message comes" })).toHaveAttribute("href", "/help/mfa#sms");
  };

  texted.gateway.let("undelivered");
  const [phone, person] = await aboutToBind(texted, 0);
  await askForCode(phone);
  await waitInVain(phone, "bind_sms");
  // It came after all.
  await phone.giveCode(texted.gateway.code(NUMBER));
  await phone.expectPage("backup_codes", "open");
  await phone.press("I have saved them");
  await arrive(phone);

  const laptop = await texted.newDevice();
  await laptop.givePassword(person);
  await laptop.expectPage("mfa");
  await laptop.press("Text a code to •••• 67");
  await waitInVain(laptop, "sms_code");
  await laptop.giveCode(texted.gateway.code(NUMBER));
  await arrive(laptop);
});

test("a message that does not leave is told of at once, and one that arrives not at all", async ({ texted, scripted }) => {
  const [phone] = await aboutToBind(texted, 0);
  texted.gateway.let("refused");
  await askForCode(phone);
  await phone.expectPage("enrol_sms");
  await expect(phone.main.getByRole("alert").first()).toContainText("The text message could not be sent.");

  const [other] = await aboutToBind(texted, 1);
  texted.gateway.let("delivered");
  const looked = scripted && other.page.waitForResponse((answer) => /\/binding$/.test(answer.url()), { timeout: 60_000 });
  await askForCode(other);
  await other.expectPage("bind_sms");
  if (looked) await looked;
  else await lookAgainOn(other).click();
  await other.expectPage("bind_sms");
  await expect(lostOn(other)).toHaveCount(0);
  await other.giveCode(texted.gateway.code(NUMBER));
  await other.expectPage("backup_codes", "open");
});
