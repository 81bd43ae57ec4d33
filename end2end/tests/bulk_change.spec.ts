// Many people at once: a list, a file or a choice is tried line by line, reviewed, and applied once.
import { expect, expectAccessible, test } from "../support/story.ts";
import type { Device } from "../support/story.ts";

const SUBJECT = "New account invitation";

/** The result of the line about this address. */
const resultOf = (desk: Device, address: string) => desk.main.getByRole("row").filter({ hasText: address });

async function applied(desk: Device, button: string): Promise<void> {
  await desk.press(button);
  await desk.openUntil(desk.page.url(), "bulk_change", "done");
}

test("addresses that were pasted are reviewed, and invited once they are applied", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("admin"));
  const before = await world.mailbox.count();
  await desk.open(`/a/${people.account.id}/settings/users`);
  await desk.page.getByRole("link", { name: "Many at once" }).click();
  await desk.expectPage("many");
  await expectAccessible(desk.page);
  await desk.page.locator("[name=addresses]").fill(`Ann Lee <ann.lee@new.example>; zoe@new.example\nnobody\n${people.owner.email}`);
  await desk.page.getByLabel("Role", { exact: true }).first().selectOption({ label: "Analyst" });
  await desk.send(desk.page.getByRole("button", { name: "Review" }).first());
  await desk.expectPage("bulk_change", "review");
  await expectAccessible(desk.page);
  await expect(resultOf(desk, "ann.lee@new.example")).toContainText("Will be invited");
  await expect(resultOf(desk, "nobody")).toContainText("Not an e-mail address");
  await expect(resultOf(desk, people.owner.email)).toContainText("Has a higher role than you");
  await expect(desk.main).toContainText("2 changes would be made. 2 lines are left out.");
  expect(await world.mailbox.find({ to: "ann.lee@new.example", subject: SUBJECT })).toEqual([]);

  await applied(desk, "Apply 2 changes");
  for (const to of ["ann.lee@new.example", "zoe@new.example"]) {
    await expect(resultOf(desk, to)).toContainText("Invited");
    await world.mailbox.waitFor({ to, subject: SUBJECT, after: before });
  }
  await desk.open(`/a/${people.account.id}/settings/users/invite`);
  await expect(desk.main).toContainText("zoe@new.example");
});

test("a file is refused in words, or tried line by line", async ({ world }) => {
  const { people } = world;
  const coordinator = people.the("campaign_coordinator");
  const desk = await world.asUser(people.the("admin"));
  const send = async (bytes: Buffer) => {
    await desk.open(`/a/${people.account.id}/settings/users/many`);
    await desk.page.locator("[name=file]").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: bytes });
    await desk.send(desk.page.locator("#file").getByRole("button", { name: "Review" }));
  };
  await send(Buffer.from("email,role\nann@new.example,analyst\nJos\u00e9@new.example,analyst\n", "latin1"));
  await desk.expectPage("many");
  await expect(desk.main.getByRole("alert")).toContainText("The file was not read: line 3");
  await expect(desk.main.getByRole("alert")).toContainText("UTF-8");
  await expectAccessible(desk.page);
  await send(Buffer.from("name,role\nAnn,analyst\n"));
  await expect(desk.main.getByRole("alert")).toContainText("names no column");
  await send(Buffer.alloc(600 * 1024, "a"));
  await expect(desk.main.getByRole("alert")).toContainText("1,000 lines");

  await send(Buffer.from(`E-Mail;Role\r\n${coordinator.email};Analyst\r\n=cmd();support\r\nann@new.example;Root\r\n`));
  await desk.expectPage("bulk_change", "review");
  await expect(resultOf(desk, coordinator.email)).toContainText("Campaign Coordinator → Analyst");
  await expect(resultOf(desk, "=cmd()")).toContainText("Not an e-mail address");
  await expect(resultOf(desk, "ann@new.example")).toContainText("No such role");
  await applied(desk, "Apply 1 change");
  await expect(resultOf(desk, coordinator.email)).toContainText("Changed");
});

test("those who are chosen in the list get another role, and only who proposed it applies it", async ({ world }) => {
  const { people } = world;
  const chosen = [people.the("content_creator"), people.the("campaign_coordinator")];
  const desk = await world.asUser(people.the("admin"));
  await desk.open(`/a/${people.account.id}/settings/users`);
  for (const person of chosen) {
    await desk.main.getByRole("row").filter({ hasText: person.email }).getByRole("checkbox").check();
  }
  await desk.main.locator("form.choosing").getByRole("button", { name: "Change role" }).click();
  await desk.expectPage("change_roles", "ask");
  await expect(desk.main.getByRole("heading", { level: 1 })).toHaveText("Change the roles of 2 people?");
  await desk.page.getByLabel("New role").selectOption({ label: "Support" });
  await desk.press("Review");
  await desk.expectPage("bulk_change", "review");
  const address = desk.page.url();

  const other = await world.asUser(people.owner);
  await other.open(address);
  await expect(other.main).toContainText("Only who proposed this can apply it.");
  await expect(other.page.getByRole("button", { name: /^Apply/ })).toHaveCount(0);
  const manager = await world.asUser(people.the("manager"));
  expect((await manager.open(address)).status()).toBe(403);

  await applied(desk, "Apply 2 changes");
  for (const person of chosen) await expect(resultOf(desk, person.email)).toContainText("Support");
});

test("who owns a portfolio asks people into several accounts at once", async ({ world }) => {
  const { people } = world;
  const accounts = people.accounts.filter(({ portfolio_id }) => portfolio_id === people.portfolio.id).slice(0, 2);
  const before = await world.mailbox.count();
  const desk = await world.asUser(people.owner);
  await desk.open(`/p/${people.portfolio.id}/manage/users/many`);
  await desk.expectPage("many");
  await desk.page.locator("[name=addresses]").fill("ann@new.example");
  for (const { name } of accounts) await desk.page.getByLabel(name).selectOption({ label: "Support" });
  await desk.send(desk.page.getByRole("button", { name: "Review" }).first());
  await desk.expectPage("bulk_change", "review");
  for (const { name } of accounts) await expect(resultOf(desk, name)).toContainText("Will be invited");
  await applied(desk, `Apply ${accounts.length} changes`);
  await desk.open(`/a/${accounts[0]?.id}/settings/activity`);
  await expect(desk.main).toContainText("ann@new.example");
  await world.mailbox.waitFor({ to: "ann@new.example", subject: SUBJECT, after: before });
});
