// Invitations: sent, sent again, called off, accepted by somebody new and by somebody known, declined.
import { expect, linkIn, test } from "../support/story.ts";
import type { Account, Device } from "../support/story.ts";

const SUBJECT = "New account invitation";

async function invite(desk: Device, account: Account, email: string, role = "analyst"): Promise<void> {
  await desk.open(`/a/${account.id}/settings/users`);
  await desk.page.getByRole("link", { name: "Invite", exact: true }).click();
  await desk.expectPage("invite");
  await desk.page.locator("[name=email]").fill(email);
  await desk.page.locator("[name=role]").selectOption(role);
  await desk.press("Send invitation");
  await desk.expectPage("invite");
}

test("somebody new accepts, gets a sign-in, and enrols", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  const before = await world.mailbox.count();
  const email = "nina.novak@new.example";
  await invite(desk, people.account, email);
  await desk.expectPage("invite", "pending");
  await expect(desk.page.getByText("The invitation is on its way.")).toBeVisible();
  const pending = desk.main.getByRole("listitem").filter({ hasText: email });
  await expect(pending).toContainText("Pending");
  await expect(pending).not.toContainText("Nina");
  const link = linkIn(await world.mailbox.waitFor({ to: email, subject: SUBJECT, after: before }), "invitation");

  const laptop = await world.newDevice();
  await laptop.open(link);
  await laptop.expectPage("invitation", "open");
  await expect(laptop.main).toContainText(people.account.name);
  await test.step("what is wrong is said beside the field, and nothing is lost", async () => {
    await laptop.page.locator("[name=name]").fill("Nina Novak");
    await laptop.page.locator("[name=password]").fill("short");
    await laptop.press("Accept");
    await expect(laptop.main).toContainText("At least 12 characters");
  });
  await laptop.page.locator("[name=name]").fill("Nina Novak");
  await laptop.page.locator("[name=password]").fill("a lantern under the arch");
  await laptop.press("Accept");
  await laptop.expectPage("invitation", "accepted");

  const nina = { ...people.owner, email, password: "a lantern under the arch", totp_secret: null, memberships: [] };
  await laptop.signInToNewDevice(nina);
  await laptop.enrol();
  await laptop.expectSignedIn();
  await desk.open(`/a/${people.account.id}/settings/users?q=${encodeURIComponent(email)}`);
  await expect(desk.main.getByRole("row").filter({ hasText: "Nina Novak" })).toBeVisible();
});

test("somebody with a sign-in elsewhere joins with it", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ plan }) => plan === "free");
  const stranger = people.who((one) =>
    one.state === "active" && one.totp_secret !== null && one.memberships.length === 1 && people.roleIn(one, people.account) !== undefined);
  const desk = await world.asUser(people.the("owner", free));
  const before = await world.mailbox.count();
  await invite(desk, free, stranger.email, "support");
  await expect(desk.main).not.toContainText("already");
  const link = linkIn(await world.mailbox.waitFor({ to: stranger.email, subject: SUBJECT, after: before }), "invitation");
  const phone = await world.newDevice();
  await phone.open(link);
  await expect(phone.main).toContainText("You have a sign-in already.");
  await phone.press("Accept");
  await phone.expectPage("invitation", "accepted");
  await phone.signIn(stranger);
  await phone.open(`/a/${free.id}/overview`);
  await phone.expectPage("overview");
});

test("sent again, called off, declined: the link says what became of it", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  const before = await world.mailbox.count();
  const email = "otto@new.example";
  await invite(desk, people.account, email);
  const first = linkIn(await world.mailbox.waitFor({ to: email, subject: SUBJECT, after: before }), "invitation");
  const again = await world.mailbox.count();
  await desk.press("Resend");
  const second = linkIn(await world.mailbox.waitFor({ to: email, subject: SUBJECT, after: again }), "invitation");
  expect(second).toBe(first);
  await desk.press("Cancel invitation");
  await desk.expectPage("invite", "none");
  const phone = await world.newDevice();
  await phone.open(first);
  await phone.expectPage("invitation", "cancelled");

  const anew = await world.mailbox.count();
  await invite(desk, people.account, email);
  const third = linkIn(await world.mailbox.waitFor({ to: email, subject: SUBJECT, after: anew }), "invitation");
  await phone.open(third);
  await phone.press("Decline");
  await phone.expectPage("invitation", "declined");
  const unknown = await phone.open(`/invitation/${"A".repeat(43)}`);
  expect(unknown.status()).toBe(404);
  await phone.expectPage("invitation", "unknown");
});

test("an address that does not do is refused in words", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  await invite(desk, people.account, people.the("manager").email);
  await expect(desk.main).toContainText("is a member here already");
  await invite(desk, people.account, "otto@new.example");
  await invite(desk, people.account, "OTTO@new.example");
  await expect(desk.main).toContainText("An invitation to this address is pending");
});
