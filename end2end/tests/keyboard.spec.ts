// Every story once without a mouse, and every stop of the focus seen.
import { expect, linkIn, test } from "../support/story.ts";
import { follow, pressEnterOn, tabTo, typeInto } from "../support/keyboard.ts";
import { SUBJECT } from "../support/users_page.ts";

test("a reset, from signing in to enrolling again, by keyboard alone", async ({ world, scripted }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const desk = await world.newDevice();

  await test.step("sign in", async () => {
    await desk.open(`/a/${people.account.id}/settings/users?q=${encodeURIComponent(manager.email)}`);
    await desk.expectPage("sign_in");
    await typeInto(desk, "E-mail address", admin.email);
    await typeInto(desk, "Password", admin.password);
    const sent = desk.page.waitForResponse((response) => response.request().method() === "POST");
    await desk.page.keyboard.press("Enter");
    await sent;
    await desk.expectPage("mfa");
    await typeInto(desk, "Code from your app", await world.authenticatorOf(admin).next());
    await desk.page.keyboard.press("Enter");
    await desk.expectPage("users");
  });

  const before = await world.mailbox.count();
  await test.step("ask, from the menu", async () => {
    await follow(desk, /^Actions for /);
    await follow(desk, "Reset MFA");
    await expect(desk.page.locator("[name=reason]").filter({ visible: true })).toBeVisible();
    await typeInto(desk, /^Reason/, "Lost the phone");
    await pressEnterOn(desk, "Reset");
    await expect(desk.page.getByText(/spam/i)).toBeVisible();
    await follow(desk, "Back to users");
    await desk.expectPage("users");
  });

  const link = linkIn(await world.mailbox.waitFor({ to: manager.email, subject: SUBJECT, after: before }), "mfa-reset");
  const phone = await world.newDevice();
  await test.step("accept", async () => {
    await phone.open(link);
    await phone.expectPage("mfa_reset", "open");
    await pressEnterOn(phone, "Accept");
    await phone.expectPage("mfa_reset", "done");
    await follow(phone, "Sign in");
    await phone.expectPage("sign_in");
  });

  await test.step("sign in and enrol again", async () => {
    await typeInto(phone, "E-mail address", manager.email);
    await typeInto(phone, "Password", manager.password);
    await pressEnterOn(phone, "Sign in");
    await phone.expectPage("enrol");
    if (scripted) await tabTo(phone, "Copy key");
    await tabTo(phone, /^Code from your app/);
    await phone.enrol();
    await phone.expectSignedIn();
  });
});

test("the other stories of a day, by keyboard alone", async ({ world, scripted }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  const scope = `/a/${people.account.id}`;

  await test.step("past the side to the page, by the skip link", async () => {
    await desk.open(`${scope}/overview`);
    await follow(desk, "Skip to the page");
    await expect(desk.page).toHaveURL(/#main$/);
  });
  await test.step("filter the list, page by page of the choices", async () => {
    await desk.open(`${scope}/settings/users`);
    await follow(desk, "Role");
    await follow(desk, "Manager");
    await expect(desk.page).toHaveURL(/role=manager/);
  });
  await test.step("look for something in the activity log", async () => {
    await desk.open(`${scope}/settings/activity`);
    await typeInto(desk, "Search by name", "nobody is called so");
    await desk.page.keyboard.press("Enter");
    await expect(desk.page.getByText("Nothing like that happened here")).toBeVisible();
  });
  await test.step("set the language and set it back", async () => {
    await desk.open("/me/personal");
    await tabTo(desk, "Language");
    await desk.page.keyboard.type("Deu");
    await pressEnterOn(desk, "Save");
    await expect(desk.page.locator("html")).toHaveAttribute("lang", "de");
    await desk.expectPage("personal");
    await tabTo(desk, "Sprache");
    await desk.page.keyboard.type("Eng");
    await pressEnterOn(desk, "Speichern");
    await expect(desk.page.locator("html")).toHaveAttribute("lang", "en");
  });
  await test.step("make new backup codes", async () => {
    await desk.open("/me/security");
    await follow(desk, "Make new codes");
    await desk.expectPage("new_backup_codes");
    await pressEnterOn(desk, "Make new codes");
    await desk.expectPage("backup_codes", "open");
    if (scripted) await tabTo(desk, "Copy codes");
    await pressEnterOn(desk, "I have saved them");
    await desk.expectPage("my_security");
  });
  await test.step("end the other sessions, and sign out", async () => {
    await world.asUser(people.owner);
    await desk.open("/me/sessions");
    await pressEnterOn(desk, "End all other sessions");
    await expect(desk.page.getByText("All other sessions were ended.")).toBeVisible();
    await pressEnterOn(desk, "Sign out");
    await desk.expectPage("sign_in");
  });
  await test.step("ask for a new password", async () => {
    await follow(desk, "Forgot your password?");
    await desk.expectPage("forgot_password");
    await typeInto(desk, "E-mail address", people.the("analyst").email);
    await pressEnterOn(desk, "Send link");
    await desk.expectPage("forgot_password", "sent");
  });
});
