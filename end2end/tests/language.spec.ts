// A second language: one whole story in German, mails included, and nothing of it in English.
import { readdirSync, readFileSync } from "node:fs";
import { expect, expectAccessible, test } from "../support/story.ts";
import type { Device } from "../support/story.ts";
import { requestReset } from "../support/users_page.ts";

/** What Postern says in English and otherwise in German, from its message files. */
const ENGLISH = onlyIn("en", "de");
const GERMAN = onlyIn("de", "en");

function onlyIn(language: string, other: string): string[] {
  const spoken = new Set(texts(other));
  // Texts with places differ by what is put in, and a short one may be part of another word.
  return texts(language).filter((text) => !spoken.has(text) && text.length > 3 && !text.includes("{"));
}

function texts(language: string): string[] {
  const folder = new URL(`../../app/locales/${language}/`, import.meta.url);
  // The names of languages and roles are the same in every language.
  return readdirSync(folder).filter((file) => !["language.toml", "roles.toml"].includes(file)).flatMap((file) => {
    const lines = readFileSync(new URL(file, folder), "utf8").split("\n");
    return lines.flatMap((line) => line.match(/^\w+ = (".*")$/)?.slice(1).map((text) => JSON.parse(text) as string) ?? []);
  });
}

/** Texts that stand on the page by themselves. */
async function said(device: Device, texts: string[]): Promise<string[]> {
  const pieces = await device.page.locator("body").evaluate((body) => {
    const pieces = new Set<string>();
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) pieces.add((walker.currentNode.textContent ?? "").trim());
    for (const element of body.querySelectorAll("[aria-label], [placeholder], [alt], [title]"))
      for (const name of ["aria-label", "placeholder", "alt", "title"]) pieces.add(element.getAttribute(name) ?? "");
    return [...pieces];
  });
  return texts.filter((text) => pieces.includes(text));
}

async function expectGerman(device: Device): Promise<void> {
  await expect(device.page.locator("html")).toHaveAttribute("lang", "de");
  expect(await said(device, ENGLISH), `English on ${device.page.url()}`).toEqual([]);
  expect((await said(device, GERMAN)).length, `German on ${device.page.url()}`).toBeGreaterThan(1);
}

test("a reset in German, chosen by the person's setting", async ({ world }) => {
  const { people } = world;
  const manager = people.the("manager");
  const overview = `/a/${people.account.id}/overview`;

  await test.step("the setting changes every page from there on", async () => {
    const laptop = await world.asUser(manager);
    await laptop.open("/me/personal");
    await expect(laptop.page.locator("html")).toHaveAttribute("lang", "en");
    await laptop.page.getByLabel("Language").selectOption("Deutsch");
    await laptop.press("Save");
    await laptop.expectPage("personal", "open");
    await expect(laptop.page.getByText("Ihre Sprache ist eingestellt.")).toBeVisible();
    await expectGerman(laptop);
    await expectAccessible(laptop.page);
    for (const address of [overview, "/me/security", "/me/security/password", "/me/sessions"]) {
      await laptop.open(address);
      await expectGerman(laptop);
    }
    await laptop.open("/me/sessions");
    await laptop.send(laptop.main.getByRole("button", { name: "Abmelden", exact: true }));
    await laptop.expectPage("sign_in");
    await expectGerman(laptop);
  });

  await test.step("another browser, in English, is answered in German as soon as it is known who signs in", async () => {
    const other = await world.newDevice();
    const before = await world.mailbox.count();
    await other.givePassword(manager);
    await other.expectPage("mfa");
    await expectGerman(other);
    await other.giveCode("000000");
    await expect(other.main).toContainText("nicht angenommen");
    await expectGerman(other);
    await other.giveCode(await world.authenticatorOf(manager).next());
    await expect(other.page).toHaveURL(/\/a\//);
    await expectGerman(other);
    await world.mailbox.waitFor({ to: manager.email, subject: "Neue Anmeldung", after: before });
  });

  const desk = await world.asUser(people.the("admin"));
  const link = await requestReset(world, desk, people.account, manager, "Anfrage: MFA zurücksetzen");
  await expect(desk.page.locator("html")).toHaveAttribute("lang", "en");

  const phone = await world.newDevice();
  const before = await world.mailbox.count();
  await test.step("the accept page speaks as the mail that led there", async () => {
    await phone.open(link);
    await phone.expectPage("mfa_reset", "open");
    await expect(phone.page.getByRole("heading", { level: 1 })).toHaveText("Zweiten Faktor abschalten?");
    await expectGerman(phone);
    await expectAccessible(phone.page);
    await phone.press("Annehmen");
    await phone.expectPage("mfa_reset", "done");
    await expectGerman(phone);
  });

  await test.step("and so does all that follows: sign-in, enrolment, backup codes, mails", async () => {
    await phone.main.getByRole("link", { name: "Anmelden", exact: true }).click();
    await phone.expectPage("sign_in");
    await expectGerman(phone);
    await phone.givePassword(manager);
    await phone.expectPage("enrol");
    await expectGerman(phone);
    await phone.giveCode("000000");
    await expect(phone.main).toContainText("Prüfen Sie, ob die Uhr Ihres Geräts richtig geht");
    await phone.enrol("Ich habe sie gespeichert");
    await phone.open(overview);
    await phone.expectPage("overview");
    await expectGerman(phone);
    const subjects = async () => (await world.mailbox.find({ to: manager.email, after: before })).map(({ subject }) => subject);
    // A second apart: they may leave together.
    await expect.poll(async () => (await subjects()).sort()).toEqual([
      "Ein zweiter Faktor wurde hinzugefügt",
      "Ihre zweiten Faktoren wurden entfernt",
    ]);
    await world.mailbox.waitFor({ to: people.the("admin").email, subject: "MFA reset accepted", after: before });
  });
});

test("a stranger is met in the language of the browser", async ({ world }) => {
  const phone = await world.newDevice("de-AT");
  for (const address of ["/sign-in", "/forgot-password", "/help/mfa", "/help/account-security", "/help/phishing", "/no-such-page", "/mfa-reset/cut-off"]) {
    await phone.open(address);
    await expectGerman(phone);
  }
  await phone.open("/sign-in");
  await phone.page.locator("[name=email]").fill("nobody@postern.example");
  await phone.give("password", "not the right one");
  await expect(phone.main).toContainText("Adresse und Passwort passen nicht zusammen");
  await expectGerman(phone);
});
