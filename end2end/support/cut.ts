// What stands between two programs and can cut in at any step: a step is whatever one side sends at a time.
import { connect, createServer } from "node:net";
import type { NetConnectOpts, Socket } from "node:net";
import type { AddressInfo } from "node:net";

export type Verdict = "pass" | "drop";

export class Cut {
  readonly port: number;
  readonly #close: () => Promise<void>;
  readonly #pairs: Set<[Socket, Socket]>;
  /** Asked before each step towards the target; `drop` cuts every connection there and then. */
  asked: (chunk: Buffer) => Verdict = () => "pass";
  /** Asked before each step back. */
  answered: (chunk: Buffer) => Verdict = () => "pass";

  private constructor(port: number, pairs: Set<[Socket, Socket]>, close: () => Promise<void>) {
    this.port = port;
    this.#pairs = pairs;
    this.#close = close;
  }

  static async before(target: NetConnectOpts): Promise<Cut> {
    let cut: Cut | undefined;
    const pairs = new Set<[Socket, Socket]>();
    const server = createServer((near) => {
      const far = connect(target);
      const pair: [Socket, Socket] = [near, far];
      const pass = (from: Socket, to: Socket, verdict: (chunk: Buffer) => Verdict) => {
        from.on("data", (chunk: Buffer) => (verdict(chunk) === "drop" ? cut?.drop() : to.write(chunk)));
        from.on("error", () => {});
        from.on("close", () => {
          to.destroy();
          pairs.delete(pair);
        });
      };
      pass(near, far, (chunk) => cut?.asked(chunk) ?? "pass");
      pass(far, near, (chunk) => cut?.answered(chunk) ?? "pass");
      pairs.add(pair);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const close = () => new Promise<void>((done) => server.close(() => done()));
    cut = new Cut((server.address() as AddressInfo).port, pairs, close);
    return cut;
  }

  /** Every connection is gone. */
  drop(): void {
    for (const pair of this.#pairs) for (const end of pair) end.destroy();
  }

  /**
   * When the given step from now is done, counted over all connections, `then` happens before anybody hears of it: the
   * answer is what is counted and withheld. Says how to tell whether it did.
   */
  arm(step: number, then: () => Verdict): { struck: () => boolean } {
    let [count, struck] = [0, false];
    this.answered = () => {
      if (struck || ++count < step) return "pass";
      struck = true;
      return then();
    };
    return { struck: () => struck };
  }

  disarm(): void {
    this.asked = this.answered = () => "pass";
  }

  async close(): Promise<void> {
    this.drop();
    await this.#close();
  }
}
