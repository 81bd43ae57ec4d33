// The release binary, started and stopped as an operator would.
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";

export const binary = resolve(process.env.POSTERN_BINARY ?? new URL("../../target/release/postern", import.meta.url).pathname);

/** 32 bytes that guard nothing. */
const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");

/** Only what is named here: the settings of whoever runs the tests stay out. */
const plain = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR };

let next = 20_000 + 1_000 * Number(process.env.TEST_PARALLEL_INDEX ?? 0);

/** A loopback port that nobody has: each worker begins a thousand further, below those the system gives out. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next++;
    const probe = createServer();
    const free = await new Promise<boolean>((done) => {
      probe.once("error", () => done(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => done(true)));
    });
    if (free) return port;
  }
}

/** A command that ends: its exit code and what it wrote. */
export async function postern(args: string[], env: Record<string, string> = {}, cwd?: string) {
  const options = { env: { ...plain, ...env }, cwd, maxBuffer: 1 << 26 };
  try {
    const { stdout, stderr } = await promisify(execFile)(binary, args, options);
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    if (typeof code !== "number") throw error;
    return { code, stdout, stderr };
  }
}

/** What `serve` and the commands beside it need for a database in this folder. */
export function settings(folder: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    POSTERN_DATABASE_URL: `sqlite:${folder}/postern.db`,
    POSTERN_MASTER_KEY: MASTER_KEY,
    POSTERN_MAIL_FROM: "Postern <postern@postern.example>",
    ...more,
  };
}

export class Server {
  readonly url: string;
  #process: ChildProcess;
  #log = "";
  #ended: Promise<number | null>;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
    process.stdout?.on("data", (chunk) => (this.#log += chunk));
    process.stderr?.on("data", (chunk) => (this.#log += chunk));
    this.#ended = new Promise((done) => process.on("close", (code) => done(code)));
  }

  /** `postern serve` on a folder made by `postern seed`, its mail sent to this port. */
  static async serve(folder: string, smtp: string, more: Record<string, string> = {}): Promise<Server> {
    const port = Number(more.PORT ?? (await freePort()));
    const url = `http://127.0.0.1:${port}`;
    const env = settings(folder, { POSTERN_LISTEN: `127.0.0.1:${port}`, POSTERN_PUBLIC_URL: url, POSTERN_SMTP_URL: smtp });
    return Server.#start(url, ["serve"], { ...env, ...more }, folder);
  }

  /** `postern demo` on this folder, its clock ahead by so much. */
  static async demo(folder: string, clockOffset?: string, port?: number): Promise<Server> {
    const at = port ?? (await freePort());
    const offset = clockOffset ? ["--clock-offset", clockOffset] : [];
    const env = { POSTERN_LISTEN: `127.0.0.1:${at}` };
    return Server.#start(`http://127.0.0.1:${at}`, ["demo", "--data-dir", folder, ...offset], env, folder);
  }

  static async #start(url: string, args: string[], env: Record<string, string>, cwd: string): Promise<Server> {
    if (!existsSync(binary)) throw new Error(`${binary} is not there: run \`make build\` first`);
    const { WITHIN, ...rest } = env;
    // A shell that sets limits and becomes the server.
    const [command, words] = WITHIN ? ["/bin/sh", ["-c", `${WITHIN}; exec "$0" "$@"`, binary, ...args]] : [binary, args];
    env = rest;
    const server = new Server(url, spawn(command, words, { env: { ...plain, ...env }, cwd, stdio: ["ignore", "pipe", "pipe"] }));
    let ended = false;
    void server.#ended.then(() => (ended = true));
    for (const until = Date.now() + 20_000; Date.now() < until && !ended; ) {
      if (await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false)) return server;
      await new Promise((done) => setTimeout(done, 25));
    }
    server.kill();
    throw new Error(`\`postern ${args.join(" ")}\` did not become ready:\n${server.log}`);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get pid(): number {
    return this.#process.pid ?? NaN;
  }

  /** All that it has written so far. */
  get log(): string {
    return this.#log;
  }

  /** Asks it to stop, and says with what it ended. */
  async stop(): Promise<number | null> {
    this.#process.kill("SIGTERM");
    const late = new Promise<"late">((done) => setTimeout(() => done("late"), 5_000));
    const code = await Promise.race([this.#ended, late]);
    if (code !== "late") return code;
    this.kill();
    throw new Error("postern did not stop within 5 s of SIGTERM");
  }

  /** As a power cut would. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** The same, until nothing of it is left: its address can be taken again. */
  async die(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.kill();
    await gone;
  }
}
