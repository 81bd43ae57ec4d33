// What is around the server fails: the mail server, the database, the disk, the clock. The administrator sees the truth, and
// what was asked for happens once.
import { expect, test } from "@playwright/test";
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { Authenticator } from "../support/authenticator.ts";
import { Client } from "../support/client.ts";
import { askPage, outcome, Scene } from "../support/fault_scene.ts";
import { DemoMailbox, linkIn } from "../support/mailbox.ts";
import { freePort, Server } from "../support/postern.ts";
import { copyOf } from "../support/seed.ts";
import { SUBJECT } from "../support/users_page.ts";

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Acts on the first mail to leave: `at` says when the conversation has come so far. */
function onConversation(scene: Scene, at: (said: string) => boolean, act: () => "pass" | "drop"): () => boolean {
  let [heard, struck] = ["", false];
  scene.toMail.asked = (chunk) => {
    heard += chunk.toString("latin1");
    if (struck || !at(heard)) return "pass";
    struck = true;
    return act();
  };
  return () => struck;
}

const reached = (word: RegExp) => (said: string) => word.test(said);
const DOT = /\r\n\.\r\n$/;

for (const [name, at] of [["EHLO", /EHLO/i], ["MAIL", /MAIL FROM/i], ["RCPT", /RCPT TO/i], ["DATA", /DATA\r\n/i], ["the final dot", DOT]] as const) {
  test(`the mail server is cut off before ${name}`, async ({}, info) => {
    const scene = await Scene.onSqlite();
    const person = scene.target();
    const struck = onConversation(scene, reached(at), () => "drop");
    expect(await scene.ask(person)).toBe(true);
    await expect.poll(struck, { timeout: 30_000 }).toBe(true);
    expect(await scene.isPending(person)).toBe(true);
    await scene.linkOf(person, 60_000);
    await pause(1_500);
    expect(await scene.smtp.find({ to: person.email, subject: SUBJECT })).toHaveLength(1);
    await scene.end();
    outcome(info, "sent again, arrives once");
  });
}

test("the mail server is cut off after the final dot", async ({}, info) => {
  const scene = await Scene.onSqlite();
  const person = scene.target();
  // The content is delivered; the answer to it is lost.
  let lost = false;
  onConversation(scene, reached(DOT), () => {
    scene.toMail.answered = () => {
      scene.toMail.disarm();
      lost = true;
      return "drop";
    };
    return "pass";
  });
  expect(await scene.ask(person)).toBe(true);
  await expect.poll(() => lost, { timeout: 30_000 }).toBe(true);
  await scene.linkOf(person);
  await expect.poll(async () => (await scene.smtp.find({ to: person.email, subject: SUBJECT })).length, { timeout: 60_000 }).toBe(2);
  const references = (await scene.smtp.find({ to: person.email, subject: SUBJECT })).map(({ id }) => id);
  expect(new Set(references).size, "both copies have one Message-ID").toBe(1);
  expect(new Set((await scene.smtp.find({ to: person.email, subject: SUBJECT })).map(({ text }) => text)).size).toBe(1);
  await scene.end();
  outcome(info, "sent again under the same Message-ID, same link");
});

for (const [name, at] of [["MAIL", /MAIL FROM/i], ["the final dot", DOT]] as const) {
  test(`SIGKILL while the mail leaves, before ${name}`, async ({}, info) => {
    const scene = await Scene.onSqlite();
    const person = scene.target();
    const struck = onConversation(scene, reached(at), () => {
      scene.server.kill();
      return "drop";
    });
    expect(await scene.ask(person)).toBe(true);
    await expect.poll(struck, { timeout: 30_000 }).toBe(true);
    await scene.crash();
    expect(await scene.isPending(person)).toBe(true);
    await scene.linkOf(person, 60_000);
    expect(await scene.smtp.find({ to: person.email, subject: SUBJECT })).toHaveLength(1);
    await scene.end();
    outcome(info, "leaves after the restart, once");
  });
}

test("PostgreSQL cuts the connection at each step of “Reset”", async ({}, info) => {
  test.setTimeout(300_000);
  const scene = await Scene.onPostgres();
  let [asked, refused, steps] = [0, 0, 0];
  for (let step = 1; step < 80; step += 3) {
    const person = scene.target();
    const page = await scene.askPage(person);
    const armed = scene.toPostgres.arm(step, () => "drop");
    const confirmed = await scene.admin.post(page, "reason", { reason: "Lost the phone" });
    scene.toPostgres.disarm();
    const pending = await scene.isPending(person);
    if (confirmed) expect(pending).toBe(true);
    if (pending) {
      asked += 1;
      await scene.linkOf(person, 60_000);
    } else {
      refused += 1;
      expect(await scene.ask(person), "asked again").toBe(true);
      await scene.linkOf(person, 60_000);
      expect(await scene.smtp.find({ to: person.email, subject: SUBJECT }), "only what committed was mailed").toHaveLength(1);
    }
    steps = step;
    if (!armed.struck()) break;
  }
  expect(refused).toBeGreaterThan(0);
  await scene.end();
  outcome(info, `every third of ${steps} steps: ${asked} asked, ${refused} refused and asked again; one mail each`);
});

test("PostgreSQL is restarted under way", async ({}, info) => {
  const scene = await Scene.onPostgres();
  const person = scene.target();
  const page = await scene.askPage(person);
  const restarting = scene.postgres.restart();
  const confirmed = await scene.admin.post(page, "reason", { reason: "Lost the phone" });
  await restarting;
  await expect.poll(async () => (await fetch(`${scene.server.url}/readyz`)).status, { timeout: 20_000 }).toBe(200);
  if (!confirmed) expect(await scene.isPending(person) || (await scene.ask(person))).toBe(true);
  const link = await scene.linkOf(person, 60_000);
  const phone = new Client(scene.server.url);
  expect(await phone.post(await phone.open(link), "decision", { decision: "accept" })).toBe(true);
  expect(await scene.smtp.find({ to: person.email, subject: SUBJECT })).toHaveLength(1);
  await scene.end();
  outcome(info, `${confirmed ? "confirmed" : "refused, asked again"}; mailed once, accepted`);
});

/** Holds SQLite's write lock as another program would: byte 120 of the shared-memory file. */
function holdWriteLock(folder: string, seconds: number): { held: Promise<void>; gone: Promise<void> } {
  const program = 'use Fcntl; open(my $f, "+<", $ARGV[0]) or die; my $lock = pack("s s x4 q q l x4", F_WRLCK, 0, 120, 1, 0); fcntl($f, F_SETLKW, $lock) or die "lock: $!"; $| = 1; print "held\\n"; sleep $ARGV[1];';
  const perl = spawn("perl", ["-e", program, `${folder}/postern.db-shm`, String(seconds)], { stdio: ["ignore", "pipe", "inherit"] });
  const held = new Promise<void>((done, failed) => {
    perl.stdout.once("data", () => done());
    perl.once("exit", (code) => code && failed(new Error(`perl ended with ${code}`)));
  });
  return { held, gone: new Promise<void>((done) => perl.once("exit", () => done())) };
}

test("the database file is locked for a moment", async ({}, info) => {
  const scene = await Scene.onSqlite();
  const person = scene.target();
  const page = await scene.askPage(person);
  const lock = holdWriteLock(scene.folder, 3);
  await lock.held;
  const began = Date.now();
  expect(await scene.admin.post(page, "reason", { reason: "Lost the phone" })).toBe(true);
  const waited = Date.now() - began;
  expect(waited).toBeGreaterThan(1_500);
  await lock.gone;
  await scene.linkOf(person, 60_000);
  await scene.end();
  outcome(info, "waits and is done");
});

test("the database file is locked for long", async ({}, info) => {
  const scene = await Scene.onSqlite();
  const person = scene.target();
  const page = await scene.askPage(person);
  const lock = holdWriteLock(scene.folder, 16);
  await lock.held;
  expect(await scene.admin.post(page, "reason", { reason: "Lost the phone" })).toBe(false);
  expect((await scene.admin.open("/help/mfa")).status, "what needs no writing goes on").toBe(200);
  await lock.gone;
  expect(await scene.isPending(person)).toBe(false);
  expect(await scene.ask(person)).toBe(true);
  await scene.linkOf(person, 60_000);
  expect(await scene.smtp.find({ to: person.email, subject: SUBJECT })).toHaveLength(1);
  await scene.end();
  outcome(info, "refused after 10 s, nothing half done; asked again, mailed once");
});

test("the disk is full", async ({}, info) => {
  const scene = await Scene.onSqlite();
  // No file may grow past what the database has now; the signal that would end the server is ignored, as a full disk sends
  // none. What is written before the log is folded into the database soon has no room.
  const size = (name: string) => statSync(`${scene.folder}/${name}`).size;
  const blocks = Math.ceil((size("postern.db") + size("postern.db-wal")) / 512) + 256;
  await scene.crash({ WITHIN: `trap "" XFSZ; ulimit -f ${blocks}` });
  let [person, asked] = [scene.target(), 0];
  while (await scene.ask(person)) {
    asked += 1;
    person = scene.target();
  }
  const refused = await scene.admin.open(`/a/${scene.people.account.id}/settings/users`);
  expect(refused.status, "reading goes on").toBe(200);
  expect((await scene.admin.open("/help/mfa")).status).toBe(200);
  await scene.crash();
  const pending = await scene.isPending(person);
  if (!pending) expect(await scene.ask(person)).toBe(true);
  const link = await scene.linkOf(person, 60_000);
  const phone = new Client(scene.server.url);
  expect(await phone.post(await phone.open(link), "decision", { decision: "accept" })).toBe(true);
  await scene.end();
  outcome(info, `refused after ${asked} were asked, reading goes on; with room again it is asked, mailed, accepted`);
});

test("the clock is set a day ahead, and back", async ({}, info) => {
  const [DAY, { folder, people }, port] = [24 * 3_600_000, copyOf("demo"), await freePort()];
  let server = await Server.demo(folder, undefined, port);
  const set = async (clock: string | undefined) => {
    await server.stop();
    server = await Server.demo(folder, clock, port);
  };
  const asks = async (admin: Client, person: Parameters<Client["givePassword"]>[0]) => {
    expect(await admin.post(await askPage(admin, people, person), "reason", { reason: "Lost the phone" })).toBe(true);
    const mail = await new DemoMailbox(server.url).waitFor({ to: person.email, subject: SUBJECT });
    return new URL(linkIn(mail, "mfa-reset")).pathname;
  };
  const [admin, early, late] = [people.the("admin"), people.the("analyst"), people.the("campaign_coordinator")];
  const today = new Client(server.url);
  await today.signIn(admin);
  const first = await asks(today, early);

  await set("24h");
  const tomorrow = new Client(server.url);
  await tomorrow.signIn(admin, new Authenticator(admin.totp_secret ?? "", DAY));
  expect((await tomorrow.open(first)).page).toBe("mfa_reset expired");
  const second = await asks(tomorrow, late);
  // Time's decision is written down by now.
  await pause(2_500);

  await set(undefined);
  const phone = new Client(server.url);
  expect((await phone.open(first)).page, "what expired stays so").toBe("mfa_reset expired");
  expect((await new Client(server.url).givePassword(early)).page).toContain("mfa");
  const sheet = await phone.open(second);
  expect(sheet.page).toBe("mfa_reset open");
  expect(await phone.post(sheet, "decision", { decision: "accept" })).toBe(true);
  await phone.post(sheet, "decision", { decision: "accept" });
  expect((await phone.open(second)).page).toBe("mfa_reset done");
  expect((await new Client(server.url).givePassword(late)).page).not.toContain("mfa");
  await set("24h");
  expect((await phone.open(second)).page).toBe("mfa_reset done");
  expect((await phone.open(first)).page).toBe("mfa_reset expired");
  await server.stop();
  outcome(info, "what expired stays expired, what is open is accepted once");
});
