// What counts as a second factor, and “Don't ask again on this device”: ticked, listed, ended, and ruled by the account.
import { expect, test } from "../support/story.ts";
import type { Account, Device } from "../support/story.ts";

const AGAIN = /Don't ask again on this device/;

async function openSecurity(desk: Device, account: Account): Promise<void> {
  await desk.open(`/a/${account.id}/settings/security`);
  await expect(desk.main.getByRole("heading", { name: "Methods and devices" })).toBeVisible();
}

/** Saves what was chosen, and waits until the page says so, or why not. */
async function save(desk: Device): Promise<void> {
  await desk.send(desk.page.locator("form:has([name=trust_days]) button[type=submit]"));
  await expect(desk.page.getByText(/^(Saved\. What is stricter holds now\.|Add a passkey or security key)/).first()).toBeVisible();
}

async function arrive(device: Device): Promise<void> {
  await device.page.waitForURL(({ pathname }) => /^\/(a|p|me)\//.test(pathname));
  await device.expectSignedIn();
}

async function enter(device: Device, code: string): Promise<void> {
  await device.giveCode(code);
  await arrive(device);
}

test("somebody is not asked again on a device, sees that, and has it asked again", async ({ world }) => {
  const person = world.people.the("manager");
  const laptop = await world.newDevice();
  await laptop.givePassword(person);
  await laptop.expectPage("mfa");
  await laptop.page.getByRole("checkbox", { name: "Don't ask again on this device for 14 days" }).check();
  await enter(laptop, await world.authenticatorOf(person).next());
  await laptop.signOut();
  await laptop.givePassword(person);
  await arrive(laptop);

  await test.step("another device is asked", async () => {
    const phone = await world.newDevice();
    await phone.givePassword(person);
    await phone.expectPage("mfa");
  });

  await test.step("a sensitive step still asks", async () => {
    await laptop.open("/me/security/backup-codes/new");
    await laptop.expectPage("step_up");
    await expect(laptop.page.getByRole("checkbox", { name: AGAIN })).toHaveCount(0);
  });

  await test.step("it is listed, and asked again", async () => {
    await laptop.open("/me/sessions");
    await expect(laptop.main).toContainText("Trusted");
    await laptop.send(laptop.main.getByRole("button", { name: /^Ask for the second factor again/ }));
    // The session that was entered by it is asked at once.
    await laptop.expectPage("mfa");
    await enter(laptop, await world.authenticatorOf(person).next());
    await laptop.open("/me/sessions");
    await expect(laptop.main.getByRole("button", { name: /^Ask for the second factor again/ })).toHaveCount(0);
  });
});

test("an administrator allows it no more, which holds at once, and again, which holds a day later", async ({ world }) => {
  const { people } = world;
  const person = people.the("manager");
  const laptop = await world.newDevice();
  await laptop.givePassword(person);
  await laptop.page.getByRole("checkbox", { name: AGAIN }).check();
  await enter(laptop, await world.authenticatorOf(person).next());
  await laptop.signOut();
  await laptop.givePassword(person);
  await arrive(laptop);

  const desk = await world.asUser(people.owner);
  await openSecurity(desk, people.account);
  await desk.main.getByLabel(AGAIN).selectOption({ label: "Not allowed" });
  await save(desk);
  await expect(desk.page.getByText("Saved. What is stricter holds now.")).toBeVisible();
  await laptop.open("/me/sessions");
  await laptop.expectPage("mfa");
  await expect(laptop.page.getByRole("checkbox", { name: AGAIN })).toHaveCount(0);

  await openSecurity(desk, people.account);
  await expect(desk.main.getByLabel(AGAIN)).toHaveValue("0");
  await desk.main.getByLabel(AGAIN).selectOption({ label: "For up to 30 days" });
  await save(desk);
  await openSecurity(desk, people.account);
  const notice = desk.main.locator("section", { has: desk.page.getByRole("heading", { name: "Methods and devices" }) });
  await expect(notice).toContainText("To be loosened");
  await expect(notice).toContainText("For up to 30 days");
  await expect(desk.main.getByLabel(AGAIN)).toHaveValue("0");
  await desk.send(notice.getByRole("button", { name: "Call it off" }));
  await expect(desk.page.getByText("Called off. All stays as it is.")).toBeVisible();
  await openSecurity(desk, people.account);
  await expect(desk.main).not.toContainText("To be loosened");
});

test("who accepts only passkeys has one, and everybody else adds one on the way in", async ({ world }) => {
  const { people } = world;
  const [owner, person] = [people.owner, people.the("manager")];
  if (!world.shop.scripted) {
    const desk = await world.asUser(owner);
    await openSecurity(desk, people.account);
    await desk.main.getByRole("switch", { name: "Accept only passkeys and security keys" }).check();
    await save(desk);
    await expect(desk.page.getByRole("alert").first()).toContainText("Add a passkey or security key of your own first");
    return;
  }
  const desk = await world.newDeviceByName();
  await desk.plugIn();
  await desk.signIn(owner);
  await desk.open("/enrol/passkey?next=/me/security");
  await desk.page.getByRole("button", { name: "Create passkey" }).click();
  await desk.expectPage("my_security");
  await openSecurity(desk, people.account);
  await desk.main.getByRole("switch", { name: "Accept only passkeys and security keys" }).check();
  await save(desk);
  await expect(desk.page.getByText("Saved. What is stricter holds now.")).toBeVisible();

  const laptop = await world.newDeviceByName();
  await laptop.plugIn();
  await laptop.givePassword(person);
  await laptop.expectPage("mfa");
  await laptop.giveCode(await world.authenticatorOf(person).next());
  await laptop.expectPage("enrol_passkey");
  await expect(laptop.main).toContainText("only passkeys and security keys are accepted");
  await expect(laptop.page.getByRole("link", { name: "Use an authenticator app instead" })).toHaveCount(0);
  await laptop.page.getByRole("button", { name: "Create passkey" }).click();
  await arrive(laptop);

  await laptop.signOut();
  await laptop.givePassword(person);
  await laptop.expectPage("mfa");
  await expect(laptop.page.locator("[name=code]")).toHaveCount(0);
  await laptop.page.getByRole("button", { name: "Use passkey" }).click();
  await arrive(laptop);
});
