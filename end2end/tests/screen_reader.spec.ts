// What a screen reader is told of the list, its menu and its dialog: names, roles, states and their order.
import { expect, test } from "../support/story.ts";
import { UsersPage } from "../support/users_page.ts";

test("the list, the menu of a row, and asking for a reset", async ({ world, scripted }) => {
  const { people } = world;
  const manager = people.the("manager");
  const desk = await world.asUser(people.the("admin"));
  const users = await UsersPage.open(desk, people.account);
  const row = await users.find(manager);
  const name = (await row.getByRole("link").first().innerText()).trim();

  await test.step("the list", async () => {
    await expect(desk.main).toMatchAriaSnapshot(`
      - main:
        - paragraph: Settings
        - heading "Users" [level=1]
        - paragraph: /\\d+ people\\. \\d+ use a second factor, \\d+ do not yet\\./
        - link "Many at once"
        - link "Invite"
        - search:
          - searchbox "Search name or address": ${manager.email}
        - button "Role"
        - button "MFA"
        - button "Status"
        - link "Clear"
        - table "Users":
          - rowgroup:
            - row:
              - columnheader "Name":
                - link "Name"
              - columnheader "Role"
              - columnheader "MFA"
              - columnheader "Last active":
                - link "Last active"
              - columnheader "Actions"
          - rowgroup:
            - row:
              - cell:
                - checkbox "Choose ${name}"
                - link "${name}"
                - text: ${manager.email}
              - cell "Manager"
              - cell "App"
              - cell /ago|today|yesterday/:
                - time
              - cell:
                - button "Actions for ${name}"
        - text: 1 person found
        - paragraph:
          - link "Export as CSV"
    `);
    await expect(desk.main.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
  });
  await test.step("a menu is a named list of what can be done", async () => {
    const menu = await users.actionsFor(manager);
    await expect(menu).toMatchAriaSnapshot(`
      - group "Actions for ${name}":
        - list:
          - listitem:
            - link "Reset MFA"
    `);
  });
  await test.step(scripted ? "the dialog" : "the page in place of the dialog", async () => {
    await desk.page.getByRole("link", { name: "Reset MFA", exact: true }).filter({ visible: true }).click();
    const asks = scripted ? desk.page.getByRole("dialog", { name: "Reset MFA" }) : desk.main;
    await expect(asks.getByRole("button", { name: "Reset", exact: true })).toBeVisible();
    await expect(asks).toMatchAriaSnapshot(`
      - heading "Reset MFA for ${name}?"
      - paragraph: /12 hours to accept/
      - term: Methods
      - definition: Authenticator app, 10 backup codes left
      - textbox /^Reason/
      - button "Reset"
    `);
    if (!scripted) return;
    await desk.page.keyboard.press("Escape");
    await expect(asks).toBeHidden();
    await expect(row.getByRole("button", { name: `Actions for ${name}` })).toBeFocused();
  });
});
