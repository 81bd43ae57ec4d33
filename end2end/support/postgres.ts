// A throw-away PostgreSQL on a socket of its own.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { promisify } from "node:util";

const VERSIONS = "/usr/lib/postgresql";

export class Postgres {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<Postgres> {
    const server = new Postgres(mkdtempSync("/tmp/postern-twins-"));
    if (isRoot) await promisify(execFile)("chown", ["postgres", server.#folder]);
    await server.#run("initdb", "-U", "postern", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
    // What is thrown away need not survive anything.
    const options = `-c listen_addresses= -c unix_socket_directories=${server.#folder} -c fsync=off -c full_page_writes=off`;
    await server.#run("pg_ctl", "-w", "-l", `${server.#folder}/log`, "-o", options, "start");
    return server;
  }

  get url(): string {
    return `postgres://postern@localhost/postgres?host=${this.#folder}`;
  }

  /** Where it listens. */
  get socket(): string {
    return `${this.#folder}/.s.PGSQL.5432`;
  }

  /** Gone from one moment to the next, and there again. */
  async restart(): Promise<void> {
    await this.#run("pg_ctl", "-m", "immediate", "-w", "restart");
  }

  async stop(): Promise<void> {
    await this.#run("pg_ctl", "-m", "immediate", "stop");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One of PostgreSQL's own programs on this cluster; they refuse to run as root. */
  async #run(program: string, ...args: string[]): Promise<void> {
    const version = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))[0];
    const command = [`${VERSIONS}/${version}/bin/${program}`, "-D", `${this.#folder}/data`, ...args];
    const words = isRoot ? ["runuser", "-u", "postgres", "--", ...command] : command;
    // Nothing is piped: the cluster would keep a pipe open.
    await new Promise<void>((done, failed) => {
      const child = spawn(words[0] as string, words.slice(1), { cwd: "/", stdio: "ignore" });
      child.on("error", failed);
      child.on("exit", (code) => (code === 0 ? done() : failed(new Error(`${program} ended with ${code}`))));
    });
  }
}

const isRoot = process.getuid?.() === 0;
