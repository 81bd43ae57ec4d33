// One story's world: a server with a database of its own, the mailbox behind it, the people and their authenticators.
import type { Browser } from "@playwright/test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Authenticator } from "./authenticator.ts";
import { Device } from "./device.ts";
import { DemoMailbox, SmtpMailbox } from "./mailbox.ts";
import type { Mailbox } from "./mailbox.ts";
import { People } from "./people.ts";
import type { Demo, Person } from "./people.ts";
import { Postgres } from "./postgres.ts";
import { postern, Server, settings } from "./postern.ts";
import { Proxy } from "./proxy.ts";
import { copyOf } from "./seed.ts";
import { TextGateway } from "./text_gateway.ts";
import { CUT } from "./watch.ts";

/** Where devices come from: the browser of the run, and whether scripts run in it. */
export type Shop = { browser: Browser; scripted: boolean };

export class World {
  readonly people: People;
  readonly shop: Shop;
  protected readonly folder: string;
  readonly #apps = new Map<string, Authenticator>();
  readonly #devices: Device[] = [];
  server: Server;
  mailbox: Mailbox;
  clockOffset = 0;

  protected constructor(shop: Shop, folder: string, people: People, server: Server, mailbox: Mailbox) {
    this.shop = shop;
    this.folder = folder;
    this.people = people;
    this.server = server;
    this.mailbox = mailbox;
  }

  get url(): string {
    return this.server.url;
  }

  /** What was written by whatever serves this world. */
  get log(): string {
    return this.server.log;
  }

  /** The app in which this person's seed is; the same all through the story, so that no code is used twice. */
  authenticatorOf(person: Person): Authenticator {
    let app = this.#apps.get(person.email);
    if (!app) {
      if (!person.totp_secret) throw new Error(`${person.email} has no authenticator`);
      app = new Authenticator(person.totp_secret, this.clockOffset);
      this.#apps.set(person.email, app);
    }
    return app;
  }

  protected forgetAuthenticators(): void {
    this.#apps.clear();
  }

  /** A browser that this server has never seen; it asks for English unless said otherwise. */
  async newDevice(locale?: string): Promise<Device> {
    const device = await Device.unpack(this, locale);
    this.#devices.push(device);
    return device;
  }

  /** The same, which opens the server by its name: passkeys belong to one. */
  async newDeviceByName(): Promise<Device> {
    const device = await Device.unpack(this, undefined, this.url.replace("127.0.0.1", "localhost"));
    this.#devices.push(device);
    return device;
  }

  /** A browser in which this person has just signed in. */
  async asUser(person: Person): Promise<Device> {
    const device = await this.newDevice();
    await device.signIn(person);
    return device;
  }

  /** What went wrong on any page beside the story. */
  get troubles(): string[] {
    return this.#devices.flatMap(({ troubles }) => troubles);
  }

  async end(): Promise<void> {
    for (const device of this.#devices) await device.lose();
    const code = await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`postern ended with ${code}:\n${this.server.log}`);
  }
}

type Served = [shop: Shop, folder: string, people: People, server: Server, smtp: SmtpMailbox, smtpUrl: string, more: Record<string, string>];

/** `postern serve`, its mail received by a real SMTP server. */
export class ServedWorld extends World {
  readonly smtp: SmtpMailbox;
  readonly #smtpUrl: string;
  readonly #more: Record<string, string>;
  #crashed = false;

  protected constructor(...[shop, folder, people, server, smtp, smtpUrl, more]: Served) {
    super(shop, folder, people, server, smtp);
    this.smtp = smtp;
    this.#smtpUrl = smtpUrl;
    this.#more = more;
  }

  static async begin(shop: Shop): Promise<ServedWorld> {
    const smtp = await SmtpMailbox.open();
    return ServedWorld.#begin(shop, smtp, `smtp://127.0.0.1:${smtp.port}`, {});
  }

  /** The same, with a mail server that insists on encryption and on a name. */
  static async beginSecured(shop: Shop): Promise<ServedWorld> {
    const { mailbox, certificate } = await SmtpMailbox.openSecured();
    const url = `smtp://postern:portcullis@127.0.0.1:${mailbox.port}`;
    return ServedWorld.#begin(shop, mailbox, url, { SSL_CERT_FILE: certificate });
  }

  static async #begin(shop: Shop, smtp: SmtpMailbox, url: string, more: Record<string, string>): Promise<ServedWorld> {
    const { folder, people } = copyOf("served");
    return new ServedWorld(shop, folder, people, await Server.serve(folder, url, more), smtp, url, more);
  }

  /** A command on the host, beside the running server. */
  command(...args: string[]) {
    const env = settings(this.folder, { POSTERN_PUBLIC_URL: this.url, POSTERN_SMTP_URL: this.#smtpUrl });
    return postern(args, env, this.folder);
  }

  /** The server is gone from one moment to the next and comes back at the same address. */
  async crash(): Promise<void> {
    const { port } = this.server;
    await this.server.die();
    this.#crashed = true;
    this.server = await Server.serve(this.folder, this.#smtpUrl, { ...this.#more, PORT: String(port) });
  }

  /** The same, save for what the server was answering when the story took it away. */
  override get troubles(): string[] {
    return super.troubles.filter((trouble) => !(this.#crashed && CUT.test(trouble)));
  }

  override async end(): Promise<void> {
    await super.end();
    await this.smtp.close();
  }
}

/** The same, with a gateway for text messages that can lose them. */
export class TextedWorld extends ServedWorld {
  readonly gateway: TextGateway;

  private constructor(gateway: TextGateway, ...served: Served) {
    super(...served);
    this.gateway = gateway;
  }

  static override async begin(shop: Shop): Promise<TextedWorld> {
    const [smtp, gateway] = [await SmtpMailbox.open(), await TextGateway.open()];
    const { folder, people } = copyOf("served");
    const url = `smtp://127.0.0.1:${smtp.port}`;
    const more = { POSTERN_SMS_URL: gateway.url, POSTERN_SMS_FROM: "+15005550006" };
    return new TextedWorld(gateway, shop, folder, people, await Server.serve(folder, url, more), smtp, url, more);
  }

  override async end(): Promise<void> {
    await super.end();
    await this.gateway.close();
  }
}

/** Two servers on one PostgreSQL, each request taken by the other one than the last. */
export class TwinWorld extends World {
  readonly proxy: Proxy;
  readonly #parts: { postgres: Postgres; smtp: SmtpMailbox; twin: Server };

  private constructor(shop: Shop, folder: string, people: People, server: Server, proxy: Proxy, parts: { postgres: Postgres; smtp: SmtpMailbox; twin: Server }) {
    super(shop, folder, people, server, parts.smtp);
    this.proxy = proxy;
    this.#parts = parts;
  }

  static async begin(shop: Shop): Promise<TwinWorld> {
    const folder = mkdtempSync(join(tmpdir(), "postern-twins-"));
    const [postgres, smtp] = [await Postgres.start(), await SmtpMailbox.open()];
    const onHost = async (...args: string[]) => {
      const done = await postern(args, settings(folder, { POSTERN_DATABASE_URL: postgres.url }), folder);
      if (done.code !== 0) throw new Error(`postern ${args[0]} ended with ${done.code}:\n${done.stderr}`);
      return done.stdout;
    };
    await onHost("migrate");
    const seeded = await onHost("seed", "--users", "40");
    const people = new People(JSON.parse(seeded.trimEnd().split("\n").at(-1) ?? "") as Demo);
    const servers: Server[] = [];
    const proxy = await Proxy.before(() => servers.map(({ url }) => url));
    const more = { POSTERN_DATABASE_URL: postgres.url, POSTERN_PUBLIC_URL: proxy.url };
    const smtpUrl = `smtp://127.0.0.1:${smtp.port}`;
    servers.push(await Server.serve(folder, smtpUrl, more), await Server.serve(folder, smtpUrl, more));
    const [server, twin] = servers as [Server, Server];
    return new TwinWorld(shop, folder, people, server, proxy, { postgres, smtp, twin });
  }

  override get url(): string {
    return this.proxy.url;
  }

  override get log(): string {
    return this.server.log + this.#parts.twin.log;
  }

  override async end(): Promise<void> {
    const { postgres, smtp, twin } = this.#parts;
    await super.end();
    const code = await twin.stop();
    await this.proxy.close();
    await smtp.close();
    await postgres.stop();
    if (code !== 0) throw new Error(`the other postern ended with ${code}:\n${twin.log}`);
  }
}

/** `postern demo`: the only one whose clock can be moved. */
export class DemoWorld extends World {
  static async begin(shop: Shop): Promise<DemoWorld> {
    const { folder, people } = copyOf("demo");
    const server = await Server.demo(folder);
    return new DemoWorld(shop, folder, people, server, new DemoMailbox(server.url));
  }

  /** So many minutes pass. */
  async minutesPass(minutes: number): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    this.clockOffset += minutes * 60_000;
    this.server = await Server.demo(this.folder, `${this.clockOffset / 60_000}m`, port);
    this.mailbox = new DemoMailbox(this.server.url);
    this.forgetAuthenticators();
  }
}
