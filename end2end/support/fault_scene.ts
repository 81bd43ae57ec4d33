// Where faults are tried: a server that can die at any step, what is behind it, and people who act through their forms.
import { expect } from "@playwright/test";
import type { TestInfo } from "@playwright/test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Authenticator } from "./authenticator.ts";
import { Client } from "./client.ts";
import type { Sheet } from "./client.ts";
import { Cut } from "./cut.ts";
import { linkIn, NEW_SIGN_IN, SmtpMailbox } from "./mailbox.ts";
import { People } from "./people.ts";
import type { Demo, Person } from "./people.ts";
import { Postgres } from "./postgres.ts";
import { freePort, postern, Server, settings } from "./postern.ts";
import { copyOf } from "./seed.ts";
import { SUBJECT } from "./users_page.ts";

type Parts = { folder: string; people: People; smtp: SmtpMailbox; toMail: Cut; postgres?: Postgres; toPostgres?: Cut; more: Record<string, string> };

/** What came of a fault, for the table. */
export function outcome(info: TestInfo, what: string): void {
  info.annotations.push({ type: "outcome", description: what });
}

/** Settings > Users, searched for this person. */
function listOf(admin: Client, people: People, person: Person): Promise<Sheet> {
  return admin.open(`/a/${people.account.id}/settings/users?q=${encodeURIComponent(person.email)}`);
}

/** The page with the form “Reset MFA” for this person. */
export async function askPage(admin: Client, people: People, person: Person): Promise<Sheet> {
  const id = (await listOf(admin, people, person)).html.match(/users\/([0-9a-f-]{36})\/reset-mfa/)?.[1];
  if (!id) throw new Error(`The list offers no reset of ${person.email}`);
  return admin.open(`/a/${people.account.id}/settings/users/${id}/reset-mfa`);
}

export class Scene {
  readonly people: People;
  readonly smtp: SmtpMailbox;
  readonly toMail: Cut;
  readonly admin: Client;
  readonly folder: string;
  server: Server;
  readonly #parts: Parts;
  readonly #targets: Person[];

  private constructor(parts: Parts, server: Server) {
    this.#parts = parts;
    this.folder = parts.folder;
    this.people = parts.people;
    this.smtp = parts.smtp;
    this.toMail = parts.toMail;
    this.server = server;
    this.admin = new Client(server.url);
    const { people } = this;
    this.#targets = people.everybody.filter((one) =>
      one.state === "active" && one.totp_secret && one.memberships.length === 1
      && ["analyst", "support", "content_creator", "campaign_coordinator", "manager"].includes(people.roleIn(one, people.account) ?? ""));
  }

  static async onSqlite(more: Record<string, string> = {}): Promise<Scene> {
    return Scene.#begin({ ...copyOf("served"), more });
  }

  static async onPostgres(): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), "postern-faults-"));
    const postgres = await Postgres.start();
    const run = async (...args: string[]) => {
      const done = await postern(args, settings(folder, { POSTERN_DATABASE_URL: postgres.url }), folder);
      if (done.code !== 0) throw new Error(`postern ${args[0]} ended with ${done.code}:\n${done.stderr}`);
      return done.stdout;
    };
    await run("migrate");
    const seeded = await run("seed", "--users", "300");
    const people = new People(JSON.parse(seeded.trimEnd().split("\n").at(-1) ?? "") as Demo);
    const toPostgres = await Cut.before({ path: postgres.socket });
    const more = { POSTERN_DATABASE_URL: `postgres://postern@127.0.0.1:${toPostgres.port}/postgres?sslmode=disable` };
    return Scene.#begin({ folder, people, postgres, toPostgres, more });
  }

  static async #begin(parts: Omit<Parts, "smtp" | "toMail">): Promise<Scene> {
    const smtp = await SmtpMailbox.open();
    const toMail = await Cut.before({ host: "127.0.0.1", port: smtp.port });
    const more = { ...parts.more, PORT: String(await freePort()) };
    const whole = { ...parts, smtp, toMail, more };
    const scene = new Scene(whole, await Server.serve(parts.folder, `smtp://127.0.0.1:${toMail.port}`, more));
    const admin = scene.people.the("admin");
    await scene.admin.signIn(admin);
    // What was seeded and the notice of this sign-in leave first, so that the next mail is the story's.
    await smtp.waitFor({ to: scene.people.who(({ state }) => state === "reset_pending").email, subject: SUBJECT });
    await smtp.waitFor({ to: admin.email, subject: NEW_SIGN_IN });
    return scene;
  }

  get toPostgres(): Cut {
    if (!this.#parts.toPostgres) throw new Error("This scene is on SQLite.");
    return this.#parts.toPostgres;
  }

  get postgres(): Postgres {
    if (!this.#parts.postgres) throw new Error("This scene is on SQLite.");
    return this.#parts.postgres;
  }

  /** Somebody nobody acted upon yet, with an authenticator app. */
  target(): Person {
    const person = this.#targets.shift();
    if (!person) throw new Error("Everybody was acted upon already: seed more people");
    return person;
  }

  /** The server, if it still runs, dies as in a power cut, and comes back at the same address. */
  async crash(more: Record<string, string> = {}): Promise<void> {
    this.server.kill();
    const { folder, toMail } = this.#parts;
    this.server = await Server.serve(folder, `smtp://127.0.0.1:${toMail.port}`, { ...this.#parts.more, ...more });
  }


  async isPending(person: Person): Promise<boolean> {
    return (await listOf(this.admin, this.people, person)).row(person.email).includes("Reset pending");
  }

  askPage(person: Person): Promise<Sheet> {
    return askPage(this.admin, this.people, person);
  }

  async ask(person: Person): Promise<boolean> {
    return this.admin.post(await this.askPage(person), "reason", { reason: "Lost the phone" });
  }

  /** The path of the link that this person was mailed. */
  async linkOf(person: Person, within = 15_000): Promise<string> {
    const mail = await this.smtp.waitFor({ to: person.email, subject: SUBJECT }, within);
    return new URL(linkIn(mail, "mfa-reset")).pathname;
  }

  /** An open request, and the phone on which its link was opened. */
  async opened(): Promise<{ person: Person; link: string; phone: Client; sheet: Sheet }> {
    const person = this.target();
    expect(await this.ask(person)).toBe(true);
    const link = await this.linkOf(person);
    const phone = new Client(this.server.url);
    const sheet = await phone.open(link);
    expect(sheet.page).toBe("mfa_reset open");
    return { person, link, phone, sheet };
  }

  /** Which page password alone leads to: `mfa` while there is a second factor. */
  async afterPassword(person: Person): Promise<string> {
    return (await new Client(this.server.url).givePassword(person)).page.split(" ")[0] ?? "";
  }

  appOf(key: string): Authenticator {
    return new Authenticator(key);
  }

  async end(): Promise<void> {
    this.server.kill();
    await this.toMail.close();
    await this.#parts.toPostgres?.close();
    await this.smtp.close();
    await this.#parts.postgres?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
