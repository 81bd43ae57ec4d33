// A second address for notices: proven by its code, told of what becomes of the sign-in.
import { expect, test } from "../support/story.ts";

const SECOND = "home@elsewhere.example";

test("a second address is proven, gets copies, and is removed again", async ({ world }) => {
  const person = world.people.the("manager");
  const laptop = await world.asUser(person);
  await laptop.open("/me/personal");
  await laptop.page.getByRole("link", { name: "Second address for notices" }).click();
  await laptop.expectPage("notice_email", "open");
  await laptop.give("email", person.email.toUpperCase());
  await expect(laptop.main).toContainText("This is the address you have.");
  await laptop.give("email", SECOND);
  await laptop.expectPage("notice_email", "waiting");
  const mail = await world.mailbox.waitFor({ to: SECOND, subject: "Your code for this address" });
  const code = /\b\d{6}\b/.exec(mail.text)![0];
  await laptop.give("code", String((Number(code) + 1) % 1_000_000).padStart(6, "0"));
  await expect(laptop.main).toContainText("This is not the code.");
  await laptop.give("code", code);
  await laptop.expectPage("personal");
  await expect(laptop.main).toContainText(SECOND);
  await world.mailbox.waitFor({ to: person.email, subject: "Security notices go to a second address too" });

  // Somebody else's browser: both mailboxes hear of it.
  await world.asUser(person);
  await world.mailbox.waitFor({ to: SECOND, subject: "New sign-in" });

  await laptop.open("/me/personal/notices");
  await laptop.press("Remove second address");
  await laptop.expectPage("personal");
  await expect(laptop.main).toContainText("Your second address is removed.");
  await world.mailbox.waitFor({ to: SECOND, subject: "Security notices go to one address only" });
});

test("another address is taken instead of one that was mistyped", async ({ world }) => {
  const laptop = await world.asUser(world.people.the("manager"));
  await laptop.open("/me/personal/notices");
  await laptop.give("email", "mistyped@elsewhere.example");
  await laptop.expectPage("notice_email", "waiting");
  await laptop.press("Use another address");
  await laptop.expectPage("notice_email", "open");
});
