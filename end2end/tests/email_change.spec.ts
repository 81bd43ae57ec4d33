// Another address to sign in with: asked for by the person, and nothing without both mailboxes.
import { expect, linkIn, test } from "../support/story.ts";
import type { Device, Person, ServedWorld } from "../support/story.ts";

const NEW = "lena.new@elsewhere.example";

/** Asks for the new address, and takes the links out of both mailboxes. */
async function ask(world: ServedWorld, laptop: Device, person: Person): Promise<{ present: string; fresh: string }> {
  await laptop.open("/me/personal");
  await laptop.page.getByRole("link", { name: "Change e-mail address" }).click();
  await laptop.expectPage("change_email");
  const after = await world.mailbox.count();
  await laptop.give("email", NEW);
  await laptop.expectPage("personal");
  await expect(laptop.main).toContainText(`To be changed to ${NEW}`);
  const present = await world.mailbox.waitFor({ to: person.email, subject: "Change of the address you sign in with", after });
  const fresh = await world.mailbox.waitFor({ to: NEW, subject: "Confirm this address", after });
  return { present: linkIn(present, "email-change"), fresh: linkIn(fresh, "email-change") };
}

test("the address changes once both mailboxes said yes, and everybody signs in again", async ({ world }) => {
  const person = world.people.the("manager");
  const laptop = await world.asUser(person);
  await laptop.open("/me/personal/email");
  await laptop.give("email", person.email.toUpperCase());
  await expect(laptop.main).toContainText("This is the address you have.");
  const { present, fresh } = await ask(world, laptop, person);

  const phone = await world.newDevice();
  await phone.open(fresh);
  await phone.open(fresh);
  await phone.expectPage("email_change", "open");
  await expect(phone.main).toContainText(NEW);
  await phone.press("Confirm");
  await phone.expectPage("email_change", "confirmed");
  await laptop.open("/me/personal");
  await expect(laptop.main).toContainText("Not yet confirmed");
  await phone.open(present);
  await phone.press("Confirm");
  await phone.expectPage("email_change", "done");
  await world.mailbox.waitFor({ to: person.email, subject: "You sign in with another address now" });

  await laptop.open("/me/personal");
  await laptop.expectPage("sign_in");
  await laptop.givePassword(person);
  await laptop.expectPage("sign_in");
  await laptop.givePassword({ ...person, email: NEW });
  await laptop.expectPage("mfa");
  await laptop.giveCode(await world.authenticatorOf(person).next());
  await laptop.expectSignedIn();
  await laptop.open("/me/personal");
  await expect(laptop.main).toContainText(NEW);
});

test("the present mailbox says no, and the address stays", async ({ world }) => {
  const person = world.people.the("manager");
  const laptop = await world.asUser(person);
  const { present, fresh } = await ask(world, laptop, person);
  const phone = await world.newDevice();
  await phone.open(fresh);
  await phone.press("Confirm");
  await phone.expectPage("email_change", "confirmed");
  await phone.open(present);
  await phone.press("This wasn't me");
  await phone.expectPage("email_change", "declined");
  await expect(phone.main).toContainText("somebody is signed in as you");
  await expect(phone.page.getByRole("link", { name: "Set a new password" })).toBeVisible();
  await laptop.open("/me/personal");
  await expect(laptop.main).toContainText(person.email);
  await expect(laptop.main).not.toContainText("To be changed");
});

test("who asked calls it off, and the links say so", async ({ world }) => {
  const person = world.people.the("manager");
  const laptop = await world.asUser(person);
  const { fresh } = await ask(world, laptop, person);
  await laptop.press("Call it off");
  await expect(laptop.main).toContainText("Called off. Your address stays.");
  const phone = await world.newDevice();
  await phone.open(fresh);
  await phone.expectPage("email_change", "cancelled");
});
