// One's own password, changed in a session.
import { expect, test } from "../support/story.ts";

const NEW = "seven loaves before dawn";

test("a person changes the own password and goes on, and the old one is worth nothing", async ({ world }) => {
  const person = world.people.the("manager");
  const laptop = await world.asUser(person);
  await laptop.open("/me/security");
  await laptop.page.getByRole("link", { name: "Change password" }).click();
  await laptop.expectPage("change_password");
  const field = laptop.page.locator("[name=password]");
  if (world.shop.scripted) {
    // While it is typed, how hard it is to guess, and why.
    const strength = laptop.main.locator("[data-part=strength]");
    await field.pressSequentially("abcdefghijkl");
    await expect(strength).toContainText("Sequences as abc or 6543 are tried first.");
    await field.fill("harbour violet lantern quince");
    await expect(strength).toContainText("Strong.");
    await field.fill("");
    await expect(strength).toContainText("Very weak.");
  }
  await laptop.give("password", "password1234");
  await expect(laptop.main).toContainText("This password is too common");
  await laptop.give("password", NEW);
  await laptop.expectPage("my_security");
  await expect(laptop.page.getByText("Your password was changed.")).toBeVisible();
  await world.mailbox.waitFor({ to: person.email, subject: "Your password was changed" });

  const phone = await world.newDevice();
  await phone.givePassword(person);
  await phone.expectPage("sign_in");
  await phone.givePassword(person, NEW);
  await phone.expectPage("mfa");
});
