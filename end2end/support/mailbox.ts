// A real SMTP server that keeps what it is sent, and can behave badly on demand.
import { simpleParser } from "mailparser";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import type { SMTPServerOptions } from "smtp-server";

export type Mail = { to: string; subject: string; text: string; html: string; id?: string };

/** Where in the conversation a mail is refused. */
export type Step = "mail" | "rcpt" | "data";

/** The subject of the mail with the code for a new device. */
export const SIGN_IN_CODE = "Your sign-in code";

/** The notice of a browser that was not seen before, which comes a few seconds after nearly every sign-in of a story. */
export const NEW_SIGN_IN = /^(New sign-in|Neue Anmeldung)$/;

type Search = { to: string; subject?: string | RegExp; after?: number };

/** What a story asks of a mailbox, whether an SMTP server or the demo's own page is behind it. */
export abstract class Mailbox {
  abstract mails(): Promise<Mail[]>;

  /** How many have come so far: pass it as `after` to wait for a newer one. */
  async count(): Promise<number> {
    return (await this.mails()).length;
  }

  /** Mails that fit; where no subject is asked for, without notices of a sign-in. */
  async find({ to, subject, after = 0 }: Search): Promise<Mail[]> {
    const fits = (said: string) => {
      if (subject === undefined) return !NEW_SIGN_IN.test(said);
      return typeof subject === "string" ? said === subject : subject.test(said);
    };
    const matches = (mail: Mail) => mail.to.toLowerCase() === to.toLowerCase() && fits(mail.subject);
    return (await this.mails()).slice(after).filter(matches);
  }

  /** The newest mail that fits; mail leaves within five seconds of the commit. */
  async waitFor(search: Search, within = 15_000): Promise<Mail> {
    const until = Date.now() + within;
    for (;;) {
      const found = (await this.find(search)).at(-1);
      if (found) return found;
      if (Date.now() > until) {
        const got = (await this.mails()).map((mail) => `${mail.to}: ${mail.subject}`).join("\n  ") || "nothing";
        throw new Error(`No mail to ${search.to} about ${search.subject ?? "anything"}. In the mailbox:\n  ${got}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The one six-digit code of a mail. */
export function codeIn(mail: Mail): string {
  const code = mail.text.match(/(?<!\d)\d{6}(?!\d)/)?.[0];
  if (!code) throw new Error(`No code in “${mail.subject}”:\n${mail.text}`);
  return code;
}

/** The one link of a mail that leads to such a page, from the plain text; the HTML must carry the same. */
export function linkIn(mail: Mail, page: "mfa-reset" | "password-reset" | "invitation" | "email-change"): string {
  const link = mail.text.match(new RegExp(`https?://\\S+/${page}/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])(\\?lang=[a-z]+)?`))?.[0];
  if (!link) throw new Error(`No ${page} link in “${mail.subject}”:\n${mail.text}`);
  if (!mail.html.includes(link)) throw new Error(`The HTML of “${mail.subject}” lacks the link of its text.`);
  return link;
}

export class SmtpMailbox extends Mailbox {
  readonly #received: Mail[] = [];
  readonly #server: SMTPServer;
  #refuse: { at: Step; code: number } | undefined;
  #delay = 0;
  /** What the servers that came used: empty until one has. */
  readonly conversations: { secure: boolean; user: string | undefined }[] = [];

  private constructor(options: SMTPServerOptions) {
    super();
    const refused = (at: Step) =>
      this.#refuse?.at === at
        ? Object.assign(new Error(`Refused at ${at.toUpperCase()}`), { responseCode: this.#refuse.code })
        : undefined;
    this.#server = new SMTPServer({
      disabledCommands: ["AUTH", "STARTTLS"],
      disableReverseLookup: true,
      logger: false,
      ...options,
      onAuth: ({ username, password }, _session, done) =>
        username === "postern" && password === "portcullis"
          ? done(null, { user: username })
          : done(new Error("Wrong name or password")),
      onMailFrom: (_address, _session, done) => done(refused("mail")),
      onRcptTo: (_address, _session, done) => done(refused("rcpt")),
      onData: (stream, session, done) => {
        void simpleParser(stream).then(async (mail) => {
          await new Promise((resolve) => setTimeout(resolve, this.#delay));
          // Who hangs up before the final dot has sent nothing.
          if (![...this.#server.connections].some(({ session: { id } }) => id === session.id)) return;
          const error = refused("data");
          if (error) return done(error);
          this.conversations.push({ secure: session.secure, user: session.user as string | undefined });
          for (const { address } of session.envelope.rcptTo) {
            this.#received.push({ to: address, subject: mail.subject ?? "", text: mail.text ?? "", html: mail.html || "", id: mail.messageId });
          }
          done();
        }, done);
      },
    });
    // A client that hangs up is not this server's trouble.
    this.#server.on("error", () => {});
  }

  static async open(options: SMTPServerOptions = {}): Promise<SmtpMailbox> {
    const mailbox = new SmtpMailbox(options);
    await new Promise<void>((resolve) => mailbox.#server.listen(0, "127.0.0.1", resolve));
    return mailbox;
  }

  /** One that offers STARTTLS and takes mail only from who has encrypted and said who it is. */
  static async openSecured(): Promise<{ mailbox: SmtpMailbox; certificate: string }> {
    const folder = mkdtempSync(join(tmpdir(), "postern-smtp-"));
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...kind, ...name, "-keyout", key, "-out", certificate], { stdio: "pipe" });
    const mailbox = await SmtpMailbox.open({
      disabledCommands: [],
      authOptional: false,
      key: readFileSync(key),
      cert: readFileSync(certificate),
    });
    return { mailbox, certificate };
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  async mails(): Promise<Mail[]> {
    return this.#received;
  }

  /** From now on every mail is refused at this step; 5xx for good, 4xx for now. */
  refuse(at: Step, code = 550): void {
    this.#refuse = { at, code };
  }

  accept(): void {
    this.#refuse = undefined;
  }

  /** From now on the answer to a mail's content comes this much later. */
  beSlow(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }
}

/** The demo keeps its mail to itself and shows it on a page. */
export class DemoMailbox extends Mailbox {
  readonly #url: string;

  constructor(base: string) {
    super();
    this.#url = `${base}/demo/mailbox`;
  }

  async mails(): Promise<Mail[]> {
    const answer = await fetch(this.#url, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`${this.#url} answers ${answer.status}`);
    const mails = (await answer.json()) as (Mail & { sent_at: string })[];
    // Oldest first, whatever the page's order.
    return mails.toSorted((a, b) => a.sent_at.localeCompare(b.sent_at));
  }
}
