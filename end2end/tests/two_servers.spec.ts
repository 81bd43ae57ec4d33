// Several servers share one PostgreSQL, and nobody notices which of them was asked.
import { expect, test } from "../support/story.ts";
import { requestReset, SUBJECT } from "../support/users_page.ts";

test("the main job, each step on the other server than the last", async ({ twins: world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const laptop = await world.asUser(manager);
  const link = await requestReset(world, await world.asUser(admin), people.account, manager);
  expect(link.startsWith(`${world.url}/mfa-reset/`)).toBe(true);

  const phone = await world.newDevice();
  await phone.open(link);
  await phone.expectPage("mfa_reset", "open");
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
  await laptop.expectSignedOut();
  await phone.givePassword(manager);
  await phone.enrol();
  await phone.expectSignedIn();

  await test.step("each mail left once, though both servers send", async () => {
    expect(await world.mailbox.find({ to: manager.email, subject: SUBJECT })).toHaveLength(1);
    expect(await world.mailbox.find({ to: admin.email })).toHaveLength(1);
  });
  for (const asked of world.proxy.asked) expect(asked).toBeGreaterThan(10);
});

test("misses are counted together", async ({ twins: world }) => {
  const { owner } = world.people;
  const thief = await world.newDevice();
  for (let miss = 0; miss < 6; miss++) await thief.givePassword(owner, `a wrong guess number ${miss}`);
  await thief.givePassword(owner);
  await expect(thief.page.getByText("Too many attempts").first()).toBeVisible();
});
