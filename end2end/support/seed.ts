// Once a run: people and accounts made by the release binary. Each story then works on a copy of its own.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { People } from "./people.ts";
import type { Demo } from "./people.ts";
import { postern, Server, settings } from "./postern.ts";

const SEEDED = new URL("../test-results/.seeded/", import.meta.url).pathname;

export default async function seed(): Promise<void> {
  rmSync(SEEDED, { recursive: true, force: true });
  const [served, demo] = [join(SEEDED, "served"), join(SEEDED, "demo")];
  mkdirSync(served, { recursive: true });
  mkdirSync(demo, { recursive: true });

  const { code, stdout, stderr } = await postern(["seed", "--users", "130"], settings(served), served);
  if (code !== 0) throw new Error(`postern seed ended with ${code}:\n${stderr}`);
  writeFileSync(join(served, "demo.json"), stdout.trimEnd().split("\n").at(-1) ?? "");

  const server = await Server.demo(demo);
  await server.stop();
}

/** A fresh copy of what was seeded, and who is in it. */
export function copyOf(kind: "served" | "demo"): { folder: string; people: People } {
  const folder = mkdtempSync(join(tmpdir(), `postern-${kind}-`));
  cpSync(join(SEEDED, kind), folder, { recursive: true });
  return { folder, people: new People(JSON.parse(readFileSync(join(folder, "demo.json"), "utf8")) as Demo) };
}
