// An account, and then its portfolio, closed by their Owner.
import { expect, expectAccessible, test } from "../support/story.ts";

test("an Owner closes an account, and a portfolio once nothing is in it", async ({ world }) => {
  const { people } = world;
  const { account, portfolio } = people;
  const desk = await world.asUser(people.owner);
  const member = people.the("manager");
  const phone = await world.asUser(member);
  await phone.open(`/a/${account.id}/overview`);
  await phone.expectPage("overview");

  await test.step("from “Leave this account”, which an Owner cannot", async () => {
    await desk.open("/me/personal");
    await desk.main.getByRole("link", { name: `Leave this account: ${account.name}` }).click();
    await desk.expectPage("leave");
    await desk.main.getByRole("link", { name: "Close this account" }).click();
    await desk.expectPage("close");
    await expectAccessible(desk.page);
  });

  await test.step("another name closes nothing", async () => {
    await desk.give("name", "Something else");
    await expect(desk.main).toContainText("This is not its name.");
    await phone.open(`/a/${account.id}/overview`);
    await phone.expectPage("overview");
  });

  await test.step("its name does, also for pages that are open", async () => {
    await desk.give("name", account.name);
    await expect(desk.page).not.toHaveURL(/\/close$/);
    const told = await world.mailbox.waitFor({ to: people.owner.email, subject: `${account.name} is closed` });
    expect(told.text).toContain("Nobody can enter it any more");
    expect((await phone.open(`/a/${account.id}/overview`)).status()).toBe(404);
    expect((await desk.open(`/a/${account.id}/overview`)).status()).toBe(404);
  });

  await test.step("a portfolio says what is still in it", async () => {
    await desk.open(`/p/${portfolio.id}/close`);
    await desk.expectPage("close");
    await expect(desk.main).toContainText("linked to it. Unlink");
    await expect(desk.page.locator("main [name=name]")).toHaveCount(0);
    await expectAccessible(desk.page);
    await desk.main.getByRole("link", { name: "To the accounts" }).click();
    await desk.expectPage("accounts");
  });
});

test("nobody else closes it", async ({ world }) => {
  const desk = await world.asUser(world.people.the("admin"));
  await desk.open(`/a/${world.people.account.id}/close`);
  await desk.expectPage("close");
  await expect(desk.page.locator("main [name=name]")).toHaveCount(0);
  await expect(desk.main.getByRole("link", { name: "Keep it" })).toBeVisible();
});
