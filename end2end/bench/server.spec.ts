// Numbers to reach of the running server: memory, start, stop, and what its CPU time is spent on.
import { expect, test } from "@playwright/test";
import { execFile, execFileSync, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { promisify } from "node:util";
import { Client } from "../support/client.ts";
import { measured } from "../support/bench_reporter.ts";
import { SmtpMailbox } from "../support/mailbox.ts";
import { binary, freePort, Server, settings } from "../support/postern.ts";
import { copyOf } from "../support/seed.ts";

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const median = (of: number[]) => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? NaN;
const ROUNDS = 7;

/** A line of /proc/PID/status, in MiB. */
const memory = (pid: number, name: "VmRSS" | "VmHWM") =>
  Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`${name}:\\s+(\\d+) kB`))?.[1]) / 1024;

/** CPU time so far in milliseconds: fields 14 and 15 of proc(5), in hundredths of a second. */
function cpu(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

test("start, memory and stop", async ({}, info) => {
  test.setTimeout(120_000);
  const { folder, people } = copyOf("served");
  const smtp = await SmtpMailbox.open();
  const env = async () => ({
    ...settings(folder), PATH: process.env.PATH ?? "", POSTERN_LISTEN: `127.0.0.1:${await freePort()}`,
    POSTERN_PUBLIC_URL: "http://127.0.0.1:3000", POSTERN_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
  });
  const [starts, reads]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const given = await env();
    const began = performance.now();
    const child = spawn(binary, ["serve"], { env: given, cwd: folder, stdio: "ignore" });
    while (!(await fetch(`http://${given.POSTERN_LISTEN}/readyz`).then(({ ok }) => ok, () => false)));
    starts.push(performance.now() - began);
    child.kill("SIGTERM");
    await new Promise((gone) => child.once("exit", gone));
    const reading = performance.now();
    await promisify(execFile)("sqlite3", [`${folder}/postern.db`, "SELECT COUNT(*) FROM users; PRAGMA quick_check(1);"]);
    reads.push(performance.now() - reading);
  }
  measured(info, "warm start to ready, against the sqlite3 shell", median(starts) / median(reads), 5);

  const server = await Server.serve(folder, `smtp://127.0.0.1:${smtp.port}`);
  await pause(3_000);
  const idle = memory(server.pid, "VmRSS");
  measured(info, "resident memory, idle, SQLite, MiB", idle, 18);
  const person = people.the("manager");
  await Promise.all(Array.from({ length: 8 }, () => new Client(server.url).givePassword(person)));
  const cores = Number(execFileSync("nproc", { encoding: "utf8" }));
  measured(info, "of it during 8 parallel sign-ins, MiB a hash at a time", (memory(server.pid, "VmHWM") - idle) / cores, 30);
  await pause(1_000);
  measured(info, "resident memory after them, MiB", memory(server.pid, "VmRSS"), idle + 12);

  let answered = 0;
  let busy = true;
  const load = Array.from({ length: 8 }, async () => {
    while (busy) await fetch(`${server.url}/sign-in`).then((answer) => answer.text()).then(() => answered++, () => (busy = false));
  });
  await pause(500);
  const began = performance.now();
  expect(await server.stop()).toBe(0);
  measured(info, "SIGTERM under load to exit, s", (performance.now() - began) / 1000, 1);
  busy = false;
  await Promise.all(load);
  expect(answered).toBeGreaterThan(50);
  await smtp.close();
  rmSync(folder, { recursive: true, force: true });
});

test("what a password sign-in costs", async ({}, info) => {
  test.setTimeout(120_000);
  const hash = Number(process.env.POSTERN_HASH_CPU_MS);
  test.skip(!hash, "tools/bench.sh measures what a hash costs and says it here");
  const { folder, people } = copyOf("served");
  const smtp = await SmtpMailbox.open();
  const server = await Server.serve(folder, `smtp://127.0.0.1:${smtp.port}`);
  const who = people.everybody.filter(({ state, totp_secret }) => state === "active" && totp_secret).slice(0, 40);
  const sheets = await Promise.all(who.map(async (person) => {
    const client = new Client(server.url);
    return { client, person, sheet: await client.open("/sign-in") };
  }));
  const before = cpu(server.pid);
  for (const { client, person, sheet } of sheets) {
    expect(await client.post(sheet, "password", { email: person.email, password: person.password })).toBe(true);
  }
  const spent = (cpu(server.pid) - before) / sheets.length;
  measured(info, "share of CPU in password sign-ins that is Argon2id", hash / spent, 0.85, "at least");
  await server.stop();
  await smtp.close();
  rmSync(folder, { recursive: true, force: true });
});
