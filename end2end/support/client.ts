// Somebody without a browser: follows the same forms, by HTTP alone. Quick enough to try a fault at every single step.
import { Authenticator } from "./authenticator.ts";
import type { Person } from "./people.ts";

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };
const decode = (text: string) => text.replace(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole);

function attribute(tag: string, name: string): string | undefined {
  const value = tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1];
  return value === undefined ? undefined : decode(value);
}

/** A page as it came: where it is, its status, and what stands in it. */
export class Sheet {
  readonly url: string;
  readonly status: number;
  readonly html: string;

  constructor(url: string, status: number, html: string) {
    this.url = url;
    this.status = status;
    this.html = html;
  }

  /** Which page it is and in which state, in the words of the contract. */
  get page(): string {
    const main = this.html.match(/<main\b[^>]*>/)?.[0] ?? "";
    return `${attribute(main, "data-page") ?? "?"} ${attribute(main, "data-state") ?? ""}`.trim();
  }

  /** The words in it. */
  get text(): string {
    return decode(this.html.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, " ").replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ");
  }

  /** The key of the enrolment page that is to be typed into an app. */
  get key(): string {
    const key = this.text.match(/\b[A-Z2-7]{4}(?:[ \u00a0]?[A-Z2-7]{4}){3,}\b/)?.[0];
    if (!key) throw new Error(`${this.url} shows no key: ${this.text.slice(0, 300)}`);
    return key.replace(/\s/g, "");
  }

  /** The words in the row that has this in it. */
  row(part: string): string {
    const row = (this.html.match(/<tr\b[\s\S]*?<\/tr>/g) ?? []).find((one) => one.includes(part));
    if (!row) throw new Error(`No row with ${part} on ${this.url} (${this.status}, ${this.page})`);
    return new Sheet(this.url, this.status, row).text;
  }

  /** The form that has this in it: where it goes, and what is in it before anybody types. */
  form(part: string | RegExp): { action: string; fields: Record<string, string> } {
    const forms = this.html.match(/<form\b[\s\S]*?<\/form>/g) ?? [];
    const form = forms.find((one) => (typeof part === "string" ? one.includes(`name="${part}"`) : part.test(one)));
    if (!form) throw new Error(`No form with ${part} on ${this.url} (${this.status}, ${this.page}): ${this.text.slice(0, 300)}`);
    const fields: Record<string, string> = {};
    for (const input of form.match(/<input\b[^>]*>/g) ?? []) {
      const name = attribute(input, "name");
      const untouched = !["checkbox", "radio", "submit"].includes(attribute(input, "type") ?? "text");
      if (name && untouched) fields[name] = attribute(input, "value") ?? "";
    }
    return { action: attribute(form.match(/<form\b[^>]*>/)?.[0] ?? "", "action") ?? "", fields };
  }
}

/** No answer came: whether it was done is not known. */
export class Unanswered extends Error {}

export class Client {
  #base: string;
  readonly #cookies = new Map<string, string>();

  constructor(base: string) {
    this.#base = base;
  }

  /** From now on it talks to the server that took over. */
  moveTo(base: string): void {
    this.#base = base;
  }

  open(path: string): Promise<Sheet> {
    return this.#ask(path, {});
  }

  /** Sends the form that has this in it. */
  send(sheet: Sheet, part: string | RegExp, given: Record<string, string> = {}): Promise<Sheet> {
    const { action, fields } = sheet.form(part);
    const body = new URLSearchParams({ ...fields, ...given });
    return this.#ask(action, { method: "POST", body, headers: { origin: this.#base, referer: sheet.url } });
  }

  /** The same, but goes nowhere afterwards: whether the server said that it is done. */
  async post(sheet: Sheet, part: string | RegExp, given: Record<string, string> = {}): Promise<boolean> {
    const { action, fields } = sheet.form(part);
    const body = new URLSearchParams({ ...fields, ...given });
    const headers = { origin: this.#base, referer: sheet.url };
    try {
      const { status, location } = await this.#step(new URL(action, this.#base), { method: "POST", body, headers });
      return status >= 300 && status < 400 && !location?.includes("__err=");
    } catch (error) {
      if (error instanceof Unanswered) return false;
      throw error;
    }
  }

  async #ask(path: string, init: RequestInit): Promise<Sheet> {
    let [url, asked] = [new URL(path, this.#base), init];
    for (let hop = 0; hop < 6; hop++) {
      const { status, location, html } = await this.#step(url, asked);
      if (!location) return new Sheet(url.href, status, html);
      [url, asked] = [new URL(location, this.#base), {}];
    }
    throw new Error(`${path} sends in circles`);
  }

  async #step(url: URL, asked: RequestInit): Promise<{ status: number; location: string | null; html: string }> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html", cookie, connection: "close", ...(asked.headers as Record<string, string>) };
    const silent = (error: Error) => {
      throw new Unanswered(`${asked.method ?? "GET"} ${url.pathname}: ${error.message}`);
    };
    const answer = await fetch(url, { ...asked, headers, redirect: "manual", signal: AbortSignal.timeout(30_000) }).catch(silent);
    for (const line of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
      this.#cookies.set(name, value);
    }
    const html = await answer.text().catch(silent);
    return { status: answer.status, location: answer.headers.get("location"), html };
  }

  async givePassword(person: Person): Promise<Sheet> {
    return this.send(await this.open("/sign-in"), "password", { email: person.email, password: person.password });
  }

  async signIn(person: Person, app = new Authenticator(person.totp_secret ?? "")): Promise<void> {
    const challenge = await this.givePassword(person);
    const inside = await this.send(challenge, "code", { code: await app.next() });
    if (!/\/(a|p)\//.test(inside.url)) throw new Error(`Signing in ended at ${inside.url}: ${inside.text.slice(0, 200)}`);
  }
}
