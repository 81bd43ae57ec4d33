// Settings > Users and Manage > Users, in the words of an administrator.
import { expect } from "@playwright/test";
import type { Locator } from "@playwright/test";
import type { Device } from "./device.ts";
import { linkIn } from "./mailbox.ts";
import type { Listed, Person } from "./people.ts";
import type { World } from "./world.ts";

export const SUBJECT = "MFA reset request";

/** The address of the list. */
const addressOf = (scope: Listed) =>
  "kind" in scope && scope.kind === "portfolio" ? `/p/${scope.id}/manage/users` : `/a/${scope.id}/settings/users`;

export class UsersPage {
  readonly #device: Device;
  readonly #address: string;

  private constructor(device: Device, address: string) {
    this.#device = device;
    this.#address = address;
  }

  static async open(device: Device, scope: Listed): Promise<UsersPage> {
    const address = addressOf(scope);
    await device.open(address);
    await device.expectPage("users");
    return new UsersPage(device, address);
  }

  /** The row of this person, searched for: the account may have more people than a page shows. */
  async find(person: Person): Promise<Locator> {
    await this.#device.open(`${this.#address}?q=${encodeURIComponent(person.email)}`);
    const row = this.#device.main.getByRole("row").filter({ hasText: person.email });
    await expect(row).toBeVisible();
    return row;
  }

  /** Opens the menu with three dots at the end of the row. */
  async actionsFor(person: Person): Promise<Locator> {
    const row = await this.find(person);
    await row.getByRole("button", { name: /^Actions for / }).click();
    return this.#device.page.getByRole("menu").or(row.locator("[popover]")).filter({ visible: true }).first();
  }

  async choose(person: Person, action: string): Promise<void> {
    await (await this.#action(person, action)).click();
  }

  /** Chooses what is done at once, and waits until it is. */
  async carryOut(person: Person, action: string): Promise<void> {
    await this.#device.send(await this.#action(person, action));
  }

  async #action(person: Person, action: string): Promise<Locator> {
    const menu = await this.actionsFor(person);
    const item = (role: "menuitem" | "link" | "button") => menu.getByRole(role, { name: action, exact: true });
    return item("menuitem").or(item("link")).or(item("button")).first();
  }

  /** Chooses “Reset MFA”, gives a reason, presses “Reset”; leaves the page that says what to tell the person. */
  async resetMfaOf(person: Person, reason = "Lost the phone"): Promise<void> {
    await this.choose(person, "Reset MFA");
    await this.#device.page.locator("[name=reason]").filter({ visible: true }).fill(reason);
    await this.#device.send(this.#device.page.getByRole("button", { name: "Reset", exact: true }).filter({ visible: true }));
    await expect(this.#device.page.getByText(/spam/i)).toBeVisible();
  }
}

/** An administrator asks for it; what comes back is the link in the mail that the person got. */
export async function requestReset(world: World, asker: Device, scope: Listed, person: Person, subject = SUBJECT): Promise<string> {
  const before = await world.mailbox.count();
  const users = await UsersPage.open(asker, scope);
  await users.resetMfaOf(person);
  return linkIn(await world.mailbox.waitFor({ to: person.email, subject, after: before }), "mfa-reset");
}
