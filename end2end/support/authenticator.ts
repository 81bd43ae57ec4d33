// Codes by another hand than ours: Debian's oathtool.
import { execFileSync } from "node:child_process";

const STEP = 30_000;

/** How long a page may take to send a code that was just given out. */
const IN_USE = 12_000;

/**
 * An authenticator app that holds one seed. A code is accepted once and only newer ones after it, with one step of drift
 * each way: so each `next()` is of a later step, begins with the oldest that still does, and waits where the next would lie
 * too far ahead.
 */
export class Authenticator {
  readonly #secret: string;
  readonly #offset: number;
  #last = 0;

  constructor(secret: string, clockOffset = 0) {
    this.#secret = secret;
    this.#offset = clockOffset;
  }

  /** A code that was not given out before. */
  async next(): Promise<string> {
    const present = () => Math.floor((Date.now() + this.#offset) / STEP);
    const oldest = Math.floor((Date.now() + this.#offset + IN_USE) / STEP) - 1;
    const step = Math.max(this.#last + 1, oldest);
    while (step > present() + 1) await new Promise((resolve) => setTimeout(resolve, 250));
    this.#last = step;
    return this.#at(step);
  }

  /** The code that `next()` gave out last. */
  again(): string {
    return this.#at(this.#last);
  }

  /** A code that no step near the present has. */
  wrong(): string {
    const present = Math.floor((Date.now() + this.#offset) / STEP);
    const near = new Set([-2, -1, 0, 1, 2].map((drift) => this.#at(present + drift)));
    return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.has(code)) ?? "666666";
  }

  #at(step: number): string {
    const now = `@${(step * STEP) / 1000}`;
    return execFileSync("oathtool", ["--totp", "--base32", "--now", now, this.#secret], { encoding: "utf8" }).trim();
  }
}
