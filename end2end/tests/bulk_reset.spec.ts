// Several resets at once: chosen in the list, confirmed once, with a result for each.
import { expect, test } from "../support/story.ts";
import { SUBJECT } from "../support/users_page.ts";

test("several are chosen, confirmed once, and asked one by one, over a crash", async ({ world }) => {
  const { people } = world;
  const admin = people.the("admin");
  const chosen = [people.the("manager"), people.the("content_creator"), people.the("campaign_coordinator")];
  const desk = await world.asUser(admin);
  const before = await world.mailbox.count();
  await desk.open(`/a/${people.account.id}/settings/users`);
  for (const person of chosen) {
    await desk.main.getByRole("row").filter({ hasText: person.email }).getByRole("checkbox").check();
  }
  if (await desk.page.locator("html[data-hydrated]").count()) {
    await expect(desk.main).toContainText("3 people chosen");
  }
  await desk.main.locator("form.choosing").getByRole("button", { name: "Reset MFA" }).click();
  await desk.expectPage("bulk_reset", "ask");
  await expect(desk.main.getByRole("heading", { level: 1 })).toHaveText("Reset MFA for 3 people?");
  await desk.page.locator("[name=reason]").fill("Phones replaced");
  await desk.press("Reset");
  // The question and its progress are one page by name; their addresses differ.
  await desk.page.waitForURL(/\/reset-mfa\/[\w-]+$/);
  const address = desk.page.url();

  await world.crash();
  await desk.openUntil(address, "bulk_reset", "done");
  await expect(desk.main.getByText("Asked, the mail is on its way")).toHaveCount(3);
  for (const person of chosen) await world.mailbox.waitFor({ to: person.email, subject: SUBJECT, after: before });
});

test("chosen nobody, the page says so", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("admin"));
  await desk.open(`/a/${people.account.id}/settings/users`);
  await desk.main.locator("form.choosing").getByRole("button", { name: "Reset MFA" }).click();
  await desk.expectPage("bulk_reset", "none");
  await desk.page.getByRole("link", { name: "Back to users" }).click();
  await desk.expectPage("users");
});

test("who may not reset MFA chooses nobody", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("manager"));
  await desk.open(`/a/${people.account.id}/settings/users`);
  await desk.expectPage("users");
  await expect(desk.main.getByRole("checkbox")).toHaveCount(0);
  const asked = await desk.open(`/a/${people.account.id}/settings/users/reset-mfa?user=x`);
  expect(asked.status()).toBe(403);
});
