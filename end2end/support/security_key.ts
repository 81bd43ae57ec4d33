// A security key that the browser takes for a real one (CDP, WebAuthn domain). It can be carried to another browser.
import type { BrowserContext, CDPSession, Page } from "@playwright/test";

export class SecurityKey {
  readonly #session: CDPSession;
  readonly #id: string;

  private constructor(session: CDPSession, id: string) {
    this.#session = session;
    this.#id = id;
  }

  static async plugInto(context: BrowserContext, page: Page): Promise<SecurityKey> {
    const session = await context.newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new SecurityKey(session, authenticatorId);
  }

  async #credentials() {
    return (await this.#session.send("WebAuthn.getCredentials", { authenticatorId: this.#id })).credentials;
  }

  async count(): Promise<number> {
    return (await this.#credentials()).length;
  }

  /** All that is on it goes onto another too; a `signCount` of its own makes that a copy that fell behind. */
  async copyOnto(other: SecurityKey, signCount?: number): Promise<void> {
    for (const credential of await this.#credentials()) {
      const copy = { ...credential, ...(signCount !== undefined && { signCount }) };
      await other.#session.send("WebAuthn.addCredential", { authenticatorId: other.#id, credential: copy });
    }
  }

  /** Whether its person gives their finger. */
  async verifies(isUserVerified: boolean): Promise<void> {
    await this.#session.send("WebAuthn.setUserVerified", { authenticatorId: this.#id, isUserVerified });
  }
}
