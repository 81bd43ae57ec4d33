// A gateway for text messages on loopback, which speaks as Twilio's does, and can refuse or lose what it is given.
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of messages: the gateway says so once it is asked. */
export type Fate = "delivered" | "undelivered" | "refused";

type Text = { to: string; body: string; fate: Fate };

export class TextGateway {
  readonly #server: Server;
  readonly #texts: Text[] = [];
  #fate: Fate = "delivered";

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        const [status, answer] = request.method === "POST" ? this.#take(new URLSearchParams(body)) : this.#tell(request.url ?? "");
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      });
    });
  }

  static async open(): Promise<TextGateway> {
    const gateway = new TextGateway();
    await new Promise<void>((resolve) => gateway.#server.listen(0, "127.0.0.1", resolve));
    return gateway;
  }

  /** Where it is, with what signs in. */
  get url(): string {
    return `http://AC1:token@127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on this becomes of every message. */
  let(fate: Fate): void {
    this.#fate = fate;
  }

  /** How many messages were taken. */
  get count(): number {
    return this.#texts.length;
  }

  /** The code of the newest message to this number. */
  code(to: string): string {
    const text = this.#texts.findLast((one) => one.to === to);
    const code = /#(\d{6})\s*$/.exec(text?.body ?? "")?.[1];
    if (!code) throw new Error(`No code was texted to ${to}.`);
    return code;
  }

  #take(form: URLSearchParams): [number, object] {
    if (this.#fate === "refused") return [503, { code: 20503, status: 503 }];
    this.#texts.push({ to: form.get("To") ?? "", body: form.get("Body") ?? "", fate: this.#fate });
    return [201, { sid: `SM${this.#texts.length}`, status: "queued" }];
  }

  #tell(path: string): [number, object] {
    const sid = /\/Messages\/SM(\d+)\.json$/.exec(path)?.[1];
    const text = this.#texts[Number(sid) - 1];
    return text ? [200, { sid: `SM${sid}`, status: text.fate }] : [404, { code: 20404, status: 404 }];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
