// Pages of a working day, to look at: both themes, wide and on a phone.
import { test } from "../support/story.ts";
import { picture } from "../support/picture.ts";

test("a working day", async ({ world }) => {
  const { people } = world;
  const scope = `/a/${people.account.id}`;
  const desk = await world.asUser(people.owner);
  for (const [name, address] of [
    ["overview", `${scope}/overview`],
    ["personal", "/me/personal"],
    ["leave-owner", `${scope}/leave`],
    ["close", `${scope}/close`],
    ["close-portfolio", `/p/${people.portfolio.id}/close`],
    ["users", `${scope}/settings/users`],
    ["users-none", `${scope}/settings/users?q=nobody-is-called-so`],
    ["many", `${scope}/settings/users/many`],
    ["roles", `${scope}/settings/roles`],
    ["role-new", `${scope}/settings/roles/new`],
    ["portfolio-of", `${scope}/settings/security/portfolio`],
    ["accounts", `/p/${people.portfolio.id}/manage/accounts`],
    ["portfolio-users", `/p/${people.portfolio.id}/manage/users`],
    ["activity", `${scope}/settings/activity`],
  ] as const) {
    await desk.open(address);
    await picture(desk, name);
  }
  await desk.open(`${scope}/settings/users/many`);
  const wrong = "nobody\n=cmd()\n";
  await desk.page.locator("[name=addresses]").fill(`Ann Lee <ann.lee@new.example>; zoe@new.example\n${wrong}${people.owner.email}\n${people.the("manager").email}`);
  await desk.page.getByLabel("Role", { exact: true }).first().selectOption({ label: "Analyst" });
  await desk.send(desk.page.getByRole("button", { name: "Review" }).first());
  await desk.expectPage("bulk_change", "review");
  await picture(desk, "many-review");
});

test("the palette", async ({ world, scripted }) => {
  test.skip(!scripted);
  const { people } = world;
  const desk = await world.asUser(people.owner);
  for (const [name, text] of [["palette", ""], ["palette-found", "har"], ["palette-none", "nobody-is-called-so"]] as const) {
    await desk.open(`/a/${people.account.id}/overview`);
    await desk.page.keyboard.press("Control+k");
    await desk.page.keyboard.type(text);
    await desk.page.waitForTimeout(500);
    await picture(desk, name);
  }
});
