// A browser somewhere: cookies of its own, and what a person does in it, in the words of the stories.
import { expect } from "@playwright/test";
import type { BrowserContext, Locator, Page, Response } from "@playwright/test";
import { Authenticator } from "./authenticator.ts";
import { codeIn, SIGN_IN_CODE } from "./mailbox.ts";
import type { Person } from "./people.ts";
import { SecurityKey } from "./security_key.ts";
import { taken, watch } from "./watch.ts";
import type { World } from "./world.ts";

export class Device {
  readonly page: Page;
  readonly troubles: string[];
  readonly #context: BrowserContext;
  readonly #world: World;
  readonly #scripted: boolean;

  private constructor(world: World, context: BrowserContext, page: Page) {
    this.#world = world;
    this.#context = context;
    this.#scripted = world.shop.scripted;
    this.troubles = watch(context);
    this.page = page;
  }

  static async unpack(world: World, locale?: string, baseURL = world.url): Promise<Device> {
    const context = await world.shop.browser.newContext({ baseURL, ...(locale && { locale }) });
    return new Device(world, context, await context.newPage());
  }

  /** Plugs in a security key, or what takes its place in a phone. */
  async plugIn(): Promise<SecurityKey> {
    return SecurityKey.plugInto(this.#context, this.page);
  }

  get main(): Locator {
    return this.page.locator("main[data-page]");
  }

  /** Opens an address and waits until it can be used. */
  async open(address: string): Promise<Response> {
    const response = await this.page.goto(address);
    await taken(this.page, this.#scripted);
    return response as Response;
  }

  /** Which page is shown, in the words of the contract. */
  async expectPage(name: string, state?: string): Promise<void> {
    await expect(this.main).toHaveAttribute("data-page", name);
    if (state !== undefined) await expect(this.main).toHaveAttribute("data-state", state);
    await taken(this.page, this.#scripted);
  }

  /** Opens an address again and again, until what is shown there has come to this state by itself. */
  async openUntil(address: string, name: string, state: string): Promise<void> {
    await expect(async () => {
      await this.open(address);
      await expect(this.main).toHaveAttribute("data-state", state, { timeout: 500 });
    }).toPass({ timeout: 30_000 });
    await this.expectPage(name, state);
  }

  /** Clicks what sends a form, and waits for the answer: what comes next may leave the page at once. */
  async send(button: Locator): Promise<void> {
    const answer = this.page.waitForResponse((response) => response.request().method() === "POST");
    await button.click();
    await answer;
  }

  /** Presses the one button of this name, which sends its form. */
  async press(name: string | RegExp): Promise<void> {
    await this.send(this.page.getByRole("button", { name, exact: typeof name === "string" }));
  }

  /** Fills the one field of this name and sends its form. */
  async give(field: string, value: string): Promise<void> {
    await this.page.locator(`[name=${field}]`).fill(value);
    await this.send(this.page.locator(`form:has([name=${field}]) button[type=submit]`).first());
  }

  async givePassword(person: Person, password = person.password): Promise<void> {
    await this.open("/sign-in");
    await this.page.locator("[name=email]").fill(person.email);
    await this.give("password", password);
  }

  async giveCode(code: string): Promise<void> {
    await this.give("code", code);
  }

  /** Address and password, then the mailed code of a device that is not known yet. */
  async signInToNewDevice(person: Person): Promise<void> {
    const before = await this.#world.mailbox.count();
    await this.givePassword(person);
    await this.expectPage("device_code");
    const mail = await this.#world.mailbox.waitFor({ to: person.email, subject: SIGN_IN_CODE, after: before });
    await this.giveCode(codeIn(mail));
  }

  /** Address, password and second factor, as far as the scope last used. */
  async signIn(person: Person): Promise<void> {
    await this.givePassword(person);
    await this.expectPage("mfa");
    await this.giveCode(await this.#world.authenticatorOf(person).next());
    await expect(this.page).toHaveURL(/\/(a|p)\/[^/]+\/|\/me\//);
    await taken(this.page, this.#scripted);
  }

  async giveBackupCode(code: string): Promise<void> {
    const field = this.page.locator("[name=backup_code]");
    if (!(await field.isVisible())) await this.page.getByText("Try another way").first().click();
    if (!(await field.isVisible())) await this.page.getByText(/backup code/i).filter({ visible: true }).first().click();
    await this.give("backup_code", code);
  }

  async signOut(): Promise<void> {
    await this.open("/me/sessions");
    await this.send(this.main.getByRole("button", { name: "Sign out", exact: true }));
    await this.expectPage("sign_in");
  }

  /** Binds a new authenticator app on the enrolment page that is shown, and passes the backup codes. */
  async enrol(saved = "I have saved them"): Promise<Authenticator> {
    await this.expectPage("enrol");
    const key = (await this.main.innerText()).match(/\b[A-Z2-7]{4}(?:[ \u00a0]?[A-Z2-7]{4}){3,}\b/)?.[0];
    if (!key) throw new Error("The enrolment page shows no key to type.");
    const app = new Authenticator(key.replace(/\s/g, ""), this.#world.clockOffset);
    await this.giveCode(await app.next());
    await this.expectPage("backup_codes", "open");
    await expect(this.page.getByText(/\(\.txt\)/)).toBeVisible();
    await this.press(saved);
    await expect(this.main).not.toHaveAttribute("data-page", "backup_codes");
    return app;
  }

  /** Whether this browser is still signed in, asked of the server. */
  async expectSignedOut(): Promise<void> {
    await this.open("/me/security");
    await this.expectPage("sign_in");
  }

  async expectSignedIn(): Promise<void> {
    const response = await this.open("/me/security");
    expect(response.status()).toBe(200);
    await expect(this.main).not.toHaveAttribute("data-page", "sign_in");
  }

  async lose(): Promise<void> {
    await this.#context.close();
  }
}
