// What stands before several servers: each request goes to the next one of them, so no step of a story may count on the
// server that took the step before.
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export class Proxy {
  readonly url: string;
  /** How many requests each server got. */
  readonly asked: number[];
  readonly #close: () => Promise<void>;

  private constructor(url: string, asked: number[], close: () => Promise<void>) {
    this.url = url;
    this.asked = asked;
    this.#close = close;
  }

  static async before(targets: () => string[]): Promise<Proxy> {
    const asked: number[] = [];
    let next = 0;
    const server = createServer((incoming, answer) => {
      const urls = targets();
      const turn = next++ % urls.length;
      asked[turn] = (asked[turn] ?? 0) + 1;
      const target = new URL(incoming.url ?? "/", urls[turn]);
      const outgoing = request(target, { method: incoming.method, headers: incoming.headers, agent: false }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      outgoing.on("error", () => answer.writeHead(502).end());
      incoming.pipe(outgoing);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const close = () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    return new Proxy(`http://127.0.0.1:${port}`, asked, close);
  }

  close(): Promise<void> {
    return this.#close();
  }
}
