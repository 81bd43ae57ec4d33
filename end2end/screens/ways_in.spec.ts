// How every page looks on which somebody proves who they are, or rules how: light and dark, on a desk and on a phone. The
// pictures are for people to look at; that nothing is cut off is looked at here.
import { expect, test } from "../support/story.ts";
import type { Account, Person } from "../support/story.ts";
import type { World } from "../support/world.ts";
import { picture } from "../support/picture.ts";

function without(world: World, account: Account): Person {
  return world.people.who((one) => one.state === "no_mfa" && one.memberships.length === 1 && world.people.roleIn(one, account) !== undefined);
}

test("on the way in", async ({ texted }) => {
  const { people, gateway } = texted;
  const person = without(texted, people.account);
  const phone = await texted.newDevice();
  await phone.open("/sign-in");
  await picture(phone, "sign-in");
  await phone.open("/sign-in/passkey");
  await picture(phone, "passkey");
  await phone.givePassword(person);
  await phone.expectPage("device_code");
  await picture(phone, "device-code");
  await phone.signInToNewDevice(person);
  await phone.expectPage("enrol");
  for (const [address, page] of [["/enrol", "enrol"], ["/enrol/passkey", "enrol_passkey"], ["/enrol/sms", "enrol_sms"]] as const) {
    await phone.open(address);
    await phone.expectPage(page);
    await picture(phone, page.replace("_", "-"));
  }
  gateway.let("undelivered");
  await phone.page.getByLabel("Country").selectOption("DE");
  await phone.give("phone_number", "0171 1234567");
  await phone.expectPage("bind_sms");
  await picture(phone, "enrol-sms-code");
  await expect(phone.main.getByText("The message did not arrive")).toBeVisible({ timeout: 30_000 });
  await picture(phone, "enrol-sms-code-lost");
  await phone.giveCode(gateway.code("+491711234567"));
  await phone.expectPage("backup_codes", "open");
  await picture(phone, "backup-codes");
  await phone.press("I have saved them");
  await expect(phone.main).not.toHaveAttribute("data-page", "backup_codes");
  await phone.open("/me/security");
  await picture(phone, "security");
  await phone.open("/me/sessions");
  await picture(phone, "sessions");

  const laptop = await texted.newDevice();
  await laptop.givePassword(person);
  await laptop.expectPage("mfa");
  await picture(laptop, "challenge-sms");
  await laptop.press("Text a code to •••• 67");
  await laptop.expectPage("sms_code");
  await picture(laptop, "sms-code");
  await laptop.open("/sign-in/mfa/help");
  await picture(laptop, "challenge-help");
  await laptop.open("/help/mfa");
  await picture(laptop, "help");
});

test("in the console, and when identity is proven again", async ({ demo }) => {
  const { people } = demo;
  const desk = await demo.newDeviceByName();
  await desk.plugIn();
  await desk.givePassword(people.owner);
  await desk.expectPage("mfa");
  await picture(desk, "challenge");
  await desk.giveCode(await demo.authenticatorOf(people.owner).next());
  await desk.page.waitForURL(/\/(a|p)\//);
  const security = `/a/${people.account.id}/settings/security`;
  await desk.open(security);
  await desk.expectPage("security");
  await picture(desk, "methods-and-devices");
  await desk.open(`${security}/roll-out`);
  await desk.expectPage("roll_out");
  await picture(desk, "roll-out");
  await desk.open(`/p/${people.portfolio.id}/settings/security/roll-out`);
  await desk.expectPage("roll_out");
  await picture(desk, "roll-out-portfolio");
  await desk.open("/enrol/passkey?next=/me/security");
  await desk.page.getByRole("button", { name: "Create passkey" }).click();
  await desk.expectPage("my_security");
  await picture(desk, "security-two-methods");

  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const newcomer = await demo.newDevice();
  await newcomer.signInToNewDevice(without(demo, free));
  await newcomer.page.waitForURL(/\/a\//);
  await newcomer.open("/me/security");
  await newcomer.expectPage("my_security", "off");
  await picture(newcomer, "security-none");

  await demo.minutesPass(11);
  for (const [device, name, state] of [[desk, "step-up-passkey", "code"], [newcomer, "step-up-password", "password"]] as const) {
    await device.open("/step-up?next=/enrol%3Fnext%3D/me/security");
    await device.expectPage("step_up", state);
    await picture(device, name);
  }
});
