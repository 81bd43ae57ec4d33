// Settings > Activity log: what happened here, in the same moment as it happened.
import { expect, test } from "../support/story.ts";
import { requestReset } from "../support/users_page.ts";

test("a reset is told from the question to the answer", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const desk = await world.asUser(admin);
  const link = await requestReset(world, desk, people.account, manager);
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");

  await desk.open(`/a/${people.account.id}/settings/activity`);
  await desk.expectPage("activity");
  const text = await desk.main.innerText();
  const [asked, accepted, signedIn] = [/asked for the MFA reset of/, /accepted the MFA reset/, /signed in/].map((line) =>
    text.search(line),
  );
  for (const place of [asked, accepted, signedIn]) expect(place).toBeGreaterThan(-1);
  expect(accepted, "newest first").toBeLessThan(asked as number);
  expect(text).toContain("Lost the phone");
  expect(text).not.toContain(link.split("/").at(-1));
  await expect(desk.main.locator("time[datetime]").first()).toBeVisible();
});

test("who may not read it does not", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("analyst"));
  const response = await desk.open(`/a/${people.account.id}/settings/activity`);
  expect([403, 404]).toContain(response.status());
  await expect(desk.page.getByText("signed in", { exact: false })).toHaveCount(0);
});
