// The command palette: everywhere by a few letters, and what a screen reader is told of it.
import { expect, expectAccessible, test } from "../support/story.ts";
import type { Device } from "../support/story.ts";

const field = (desk: Device) => desk.page.getByRole("combobox", { name: "A page, a person, an account" });
const options = (desk: Device) => desk.page.getByRole("listbox", { name: "Everything you can go to" }).getByRole("option");
const chosen = (desk: Device) => options(desk).and(desk.page.locator("[aria-selected=true]"));

/** Opens the palette from wherever one is, and types. */
async function ask(desk: Device, text: string): Promise<void> {
  await desk.page.keyboard.press("Control+k");
  await expect(field(desk)).toBeFocused();
  await desk.page.keyboard.type(text);
}

test.describe("with scripts", () => {
  test.skip(({ scripted }) => !scripted, "opened by a key, filled while one types");

  test("a page, a person and a place are a few letters and Enter away", async ({ world }) => {
    const { people } = world;
    const scope = `/a/${people.account.id}`;
    const manager = people.the("manager");
    const desk = await world.asUser(people.owner);
    await desk.open(`${scope}/overview`);
    await desk.page.locator("[data-hydrated]").waitFor();

    await test.step("a page", async () => {
      await ask(desk, "activ");
      await expect(chosen(desk)).toHaveText(/Activity log/);
      await desk.page.keyboard.press("Enter");
      await desk.expectPage("activity");
      await expect(field(desk)).toBeHidden();
    });
    await test.step("an action", async () => {
      await ask(desk, "invite");
      await desk.page.keyboard.press("Enter");
      await desk.expectPage("invite");
    });
    await test.step("a person, by the arrow keys and past the last", async () => {
      await ask(desk, manager.email);
      await expect(options(desk)).toHaveCount(1);
      await expect(options(desk)).toContainText(manager.email);
      await desk.page.keyboard.press("ArrowDown");
      await expect(chosen(desk)).toContainText(manager.email);
      await desk.page.keyboard.press("Enter");
      await desk.expectPage("user");
      await expect(desk.main).toContainText(manager.email);
    });
    await test.step("another place, and the arrow keys go on there", async () => {
      await ask(desk, people.portfolio.name);
      await expect(chosen(desk)).toContainText(people.portfolio.name);
      await desk.page.keyboard.press("Enter");
      await expect(desk.page).toHaveURL(new RegExp(`/p/${people.portfolio.id}/overview`));
      await expect(desk.page.locator("#scopes-button")).toContainText(people.portfolio.name);
      await ask(desk, "");
      await desk.page.keyboard.press("ArrowUp");
      await expect(options(desk).last()).toHaveAttribute("aria-selected", "true");
      await desk.page.keyboard.press("ArrowDown");
      await expect(options(desk).first()).toHaveAttribute("aria-selected", "true");
    });
    await test.step("nothing, and Esc", async () => {
      await desk.page.keyboard.type("nobody-is-called-so");
      await expect(desk.page.getByRole("dialog", { name: "Go to" }).getByRole("status")).toHaveText("Nothing is called that.");
      await desk.page.keyboard.press("Escape");
      await expect(field(desk)).toBeHidden();
    });
  });

  test("whoever is faster than the answer is not led to somebody else", async ({ world }) => {
    const { people } = world;
    const [other, meant] = [people.the("admin"), people.the("manager")];
    const desk = await world.asUser(people.owner);
    await desk.open(`/a/${people.account.id}/overview`);
    await ask(desk, other.email);
    await expect(chosen(desk)).toContainText(other.email);
    // From here on no answer comes.
    await desk.page.route("**/users/api/find", () => undefined);
    await desk.page.keyboard.press("Control+a");
    await desk.page.keyboard.type(meant.email);
    await expect(options(desk)).toHaveCount(0);
    await desk.page.keyboard.press("Enter");
    await desk.expectPage("users", "list");
    await expect(desk.main.getByRole("row").filter({ hasText: meant.email })).toBeVisible();
    await desk.page.unrouteAll({ behavior: "ignoreErrors" });
  });

  test("a screen reader hears of the field, its list and the choice", async ({ world }) => {
    const { people } = world;
    const manager = people.the("manager");
    const desk = await world.asUser(people.the("admin"));
    await desk.open(`/a/${people.account.id}/settings/users`);
    await desk.page.locator("[data-hydrated]").waitFor();
    await ask(desk, manager.email);
    const palette = desk.page.getByRole("dialog", { name: "Go to" });
    await expect(options(desk)).toHaveCount(1);
    await expect(palette).toMatchAriaSnapshot(`
      - dialog "Go to":
        - combobox "A page, a person, an account" [expanded]
        - listbox "Everything you can go to":
          - group "People":
            - option /${manager.email.replace(/[.+]/g, "\\$&")}/ [selected]
        - status: 1 found
    `);
    await expectAccessible(desk.page);
    await desk.page.setViewportSize({ width: 320, height: 640 });
    await expectAccessible(desk.page);
  });

  test("who may not see the people of a place does not find them", async ({ world }) => {
    const { people } = world;
    const desk = await world.asUser(people.the("analyst"));
    await desk.open(`/a/${people.account.id}/overview`);
    await desk.page.locator("[data-hydrated]").waitFor();
    await ask(desk, people.owner.email);
    await expect(desk.page.getByRole("dialog", { name: "Go to" }).getByRole("status")).toHaveText("Nothing is called that.");
  });
});

test("the field by itself searches the people", async ({ world, scripted }) => {
  test.skip(scripted, "with scripts it goes to the one who is found");
  const { people } = world;
  const desk = await world.asUser(people.the("admin"));
  await desk.open(`/a/${people.account.id}/overview`);
  await desk.page.getByRole("button", { name: "Go to" }).click();
  await field(desk).fill(people.owner.email);
  await field(desk).press("Enter");
  await desk.expectPage("users", "list");
  await expect(desk.main.getByRole("row").filter({ hasText: people.owner.email })).toBeVisible();
});
