import { linkIn, test } from "../support/story.ts";
import type { Device } from "../support/story.ts";
async function shot(device: Device, name: string) {
  for (const [scheme, width] of [["light", 1280], ["dark", 375]] as const) {
    await device.page.emulateMedia({ colorScheme: scheme });
    await device.page.setViewportSize({ width, height: 900 });
    await device.page.screenshot({ path: `/tmp/shots/${name}-${scheme}.png`, fullPage: true });
  }
  await device.page.setViewportSize({ width: 1280, height: 860 });
}
test("shots", async ({ world, scripted }) => {
  if (!scripted) return;
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const desk = await world.asUser(people.owner);
  const security = `/p/${people.portfolio.id}/settings/security`;
  await desk.open(security);
  await shot(desk, "portfolio");
  await desk.main.getByRole("switch", { name: "Require MFA for all users" }).check();
  await desk.send(desk.page.locator("form:has([name=required]) button[type=submit]"));
  await desk.open(security);
  await desk.main.getByRole("switch", { name: "Nothing laxer in linked accounts" }).check();
  await desk.main.getByLabel(/Don't ask again on this device/).selectOption({ label: "For up to 7 days" });
  await desk.send(desk.page.locator("form:has([name=floor]) button[type=submit]"));
  await desk.page.waitForTimeout(800);
  await desk.open(security);
  await desk.main.getByLabel("Time to set up a first method").selectOption({ label: "7 days" });
  await desk.send(desk.page.locator("form:has([name=floor]) button[type=submit]"));
  await desk.page.waitForTimeout(800);
  await desk.open(security);
  await shot(desk, "portfolio-set");
  const owner = await world.asUser(people.the("owner", free));
  await owner.open(`/a/${free.id}/settings/security`);
  await shot(owner, "account-floor");
  await owner.open("/me/personal/email");
  await shot(owner, "ask");
  await owner.give("email", "lena.new@elsewhere.example");
  await owner.expectPage("personal");
  await shot(owner, "personal");
  const mail = await world.mailbox.waitFor({ to: "lena.new@elsewhere.example", subject: "Confirm this address" });
  const phone = await world.newDevice();
  await phone.open(linkIn(mail, "email-change"));
  await shot(phone, "confirm");
  await phone.press("Confirm");
  await phone.expectPage("email_change", "confirmed");
  await shot(phone, "confirmed");
});
test("grace", async ({ world, scripted }) => {
  if (!scripted) return;
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const person = people.who((one) => one.state === "no_mfa" && one.memberships.length === 1 && people.roleIn(one, free) !== undefined);
  const desk = await world.asUser(people.the("owner", free));
  await desk.open(`/a/${free.id}/settings/security`);
  await desk.main.getByLabel("Time to set up a first method").selectOption({ label: "7 days" });
  await desk.send(desk.page.locator("form:has([name=grace_days]) button[type=submit]"));
  await desk.page.waitForTimeout(800);
  await desk.open(`/a/${free.id}/settings/security`);
  await desk.main.getByRole("switch", { name: "Require MFA for all users" }).check();
  await desk.send(desk.page.locator("form:has([name=required]) button[type=submit]"));
  await desk.page.waitForTimeout(800);
  const phone = await world.newDevice();
  await phone.signInToNewDevice(person);
  await phone.open(`/a/${free.id}/overview`);
  await shot(phone, "grace");
});
