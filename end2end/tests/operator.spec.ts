// Whoever runs the server: commands on the host, beside the running one.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postern, Server } from "../support/postern.ts";
import { expect, linkIn, test } from "../support/story.ts";
import { SUBJECT } from "../support/users_page.ts";

const emptyFolder = () => mkdtempSync(join(tmpdir(), "postern-empty-"));

test("the operator starts a reset for a sole Owner; it takes the path through the mailbox", async ({ world }) => {
  const { owner } = world.people;
  const { code, stdout, stderr } = await world.command("reset-mfa", "--email", owner.email, "--reason", "Came by in person");
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^request [0-9a-f-]{36}$/m);
  expect(stdout).toMatch(/^accept-until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/m);
  const phone = await world.newDevice();
  await phone.open(linkIn(await world.mailbox.waitFor({ to: owner.email, subject: SUBJECT }), "mfa-reset"));
  await phone.expectPage("mfa_reset", "open");
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
});

test("a command that cannot do it says why, and ends with 1; a wrong one with 2", async ({ world }) => {
  const nobody = await world.command("reset-mfa", "--email", "nobody@nowhere.example", "--reason", "x");
  expect(nobody.code).toBe(1);
  expect(nobody.stdout).toBe("");
  expect(nobody.stderr).not.toBe("");
  expect((await world.command("reset-mfa")).code).toBe(2);
  expect((await world.command("portcullis")).code).toBe(2);
});

test("an account and a person made on the host can be signed in to", async ({ world }) => {
  const made = await world.command(
    ...["account", "create", "--name", "Moat House", "--plan", "paid"],
    ...["--owner-email", "ida@moat.example", "--owner-name", "Ida Moat"],
  );
  expect(made.code, made.stderr).toBe(0);
  const id = made.stdout.match(/^account (\S+)$/m)?.[1];
  expect(id).toBeTruthy();
  expect(made.stdout).not.toContain("http");
  const phone = await world.newDevice();
  await phone.open(linkIn(await world.mailbox.waitFor({ to: "ida@moat.example" }), "password-reset"));
  const ida = { ...world.people.owner, email: "ida@moat.example", password: "a heron stands in the moat" };
  await phone.give("password", ida.password);
  await phone.expectPage("sign_in");
  await phone.signInToNewDevice(ida);
  await phone.enrol();
  await phone.open(`/a/${id}/settings/users`);
  await phone.expectPage("users");
});

test("another Owner waits three days, is told of at once, and can be called off", async ({ world }) => {
  const { people } = world;
  const [heir, id] = [people.the("manager"), people.account.id];
  const setOwner = (...more: string[]) => world.command("account", "set-owner", "--account", id, ...more);
  const named = ["--email", heir.email, "--reason", "The Owner has left the company"];
  expect((await setOwner("--email", heir.email)).code, "without a reason").toBe(2);
  const asked = await setOwner(...named);
  expect(asked.code, asked.stderr).toBe(0);
  expect(asked.stdout).toMatch(/^owner \S+\ntakes-effect \d{4}-\d\d-\d\dT/);
  await world.mailbox.waitFor({ to: people.owner.email, subject: / is to be the Owner of / });
  await world.mailbox.waitFor({ to: heir.email, subject: / is to be the Owner of / });
  expect((await setOwner(...named)).code, "one waits already").toBe(1);
  expect((await world.command("pending")).stdout).toContain(`set-owner account ${id} to ${heir.email}`);
  expect((await world.command("account", "list")).stdout).toContain(`next-owner ${heir.email}`);
  expect((await setOwner("--cancel")).code).toBe(0);
  await world.mailbox.waitFor({ to: heir.email, subject: /^The Owner of .* stays$/ });
  expect((await setOwner("--cancel")).code).toBe(1);

  const now = await setOwner(...named, "--now");
  expect(now.code, now.stderr).toBe(0);
  await world.mailbox.waitFor({ to: people.owner.email, subject: / is the Owner of .* now$/ });
  const desk = await world.asUser(heir);
  await desk.open(`/a/${id}/settings/activity`);
  await expect(desk.main).toContainText("Whoever runs this server made");
});

test("another address, deactivated, let in again, deleted", async ({ world }) => {
  const { people } = world;
  const person = people.the("manager");
  const phone = await world.asUser(person);
  const on = (verb: string, email: string, ...more: string[]) => world.command("user", verb, "--email", email, ...more);
  const moved = "moved@elsewhere.example";
  const reason = ["--reason", "Came by in person"];
  const set = await on("set-email", person.email, "--new-email", moved, ...reason, "--now");
  expect(set.code, set.stderr).toBe(0);
  await world.mailbox.waitFor({ to: person.email, subject: "You sign in with another address now" });
  await world.mailbox.waitFor({ to: moved, subject: "You sign in with this address now" });
  await phone.expectSignedOut();
  await phone.open("/sign-in");
  await phone.page.locator("[name=email]").fill(moved);
  await phone.give("password", person.password);
  await phone.expectPage("mfa");

  expect((await on("deactivate", moved)).code).toBe(0);
  const shutOut = await world.newDevice();
  await shutOut.givePassword({ ...person, email: moved });
  await shutOut.expectPage("sign_in");
  expect((await on("activate", moved)).code).toBe(0);
  await shutOut.givePassword({ ...person, email: moved });
  await shutOut.expectPage("mfa");

  const owner = await on("erase", people.owner.email);
  expect(owner.code).toBe(1);
  expect(owner.stderr).toContain(people.account.id);
  expect(owner.stderr).toContain("account set-owner");
  const erased = await on("erase", moved);
  expect(erased.stdout).toBe(`erased ${moved}\n`);
  await world.mailbox.waitFor({ to: moved, subject: "Your sign-in is deleted" });
  expect((await on("erase", moved)).code).toBe(1);
});

test("an account is closed by who means it, and nobody enters it", async ({ world }) => {
  const { account, owner } = world.people;
  const desk = await world.asUser(owner);
  await desk.open(`/a/${account.id}/overview`);
  const close = (...more: string[]) => world.command("account", "close", "--account", account.id, ...more);
  expect((await close()).code).toBe(2);
  const unsure = await close("--reason", "Contract ended");
  expect(unsure.code).toBe(1);
  expect(unsure.stderr).toContain(account.name);
  expect((await desk.open(`/a/${account.id}/overview`)).status()).toBe(200);
  const closed = await close("--reason", "Contract ended", "--yes");
  expect(closed.code, closed.stderr).toBe(0);
  expect((await desk.open(`/a/${account.id}/overview`)).status()).toBe(404);
  await world.mailbox.waitFor({ to: owner.email, subject: `${account.name} is closed` });
  expect((await world.command("account", "list")).stdout).toMatch(/^closed \d{4}-/m);
});

test("a plan is changed on the host alone, and a paid one requires MFA", async ({ world, scripted }) => {
  test.skip(!scripted, "no browser in it: once is enough");
  const free = world.people.accountWhere(({ plan }) => plan === "free");
  const paid = await world.command("account", "set-plan", "--account", free.id, "--plan", "paid");
  expect(paid.code, paid.stderr).toBe(0);
  expect(paid.stdout).toBe("plan paid\n");
  expect((await world.command("account", "set-plan", "--account", free.id, "--plan", "gold")).code).toBe(2);
});

test("serve on an empty database says which command comes first", async ({ scripted }) => {
  test.skip(!scripted, "no browser in it: once is enough");
  const server = await Server.serve(emptyFolder(), "smtp://127.0.0.1:1");
  expect(server.log).toContain("postern account create --name");
  expect(await server.stop()).toBe(0);
});

test("a breach list is made of the public one, and refused where it is none", async ({ scripted }) => {
  test.skip(!scripted, "no browser in it: once is enough");
  const folder = emptyFolder();
  const [publicList, list] = [join(folder, "public.txt"), join(folder, "breaches")];
  const line = (password: string, count: number) =>
    `${createHash("sha1").update(password).digest("hex").toUpperCase()}:${count}`;
  const lines = [line("a heron stands in the moat", 3), line("seldom seen", 1)].sort();
  writeFileSync(publicList, lines.join("\r\n"));
  const made = await postern(["breach-list", "build", publicList, "--output", list, "--at-least", "2"]);
  expect(made.code, made.stderr).toBe(0);
  expect(made.stdout).toBe("entries 1\n");
  expect(statSync(list).size).toBe(8 + 6);

  await test.step("what is no list is told with its line, and leaves the one that is there", async () => {
    writeFileSync(publicList, [...lines, "not a hash"].join("\n"));
    const refused = await postern(["breach-list", "build", publicList, "--output", list]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("line 3");
    expect(statSync(list).size).toBe(8 + 6);
    expect(readdirSync(folder).sort()).toEqual(["breaches", "public.txt"]);
  });

  await test.step("doctor says how many, or that it is not one", async () => {
    const doctor = async (file: string) => postern(["--breach-list", file, "doctor"], {}, folder);
    const good = await doctor(list);
    expect(good.stdout).toContain("breach-list ok");
    expect(good.stderr).toContain("1 breached password");
    expect((await doctor(publicList)).stdout).toContain("breach-list failed");
  });
});

test("every command has help worth reading", async ({ scripted }) => {
  test.skip(!scripted, "no browser in it: once is enough");
  const { stdout } = await postern(["--help"]);
  for (const command of ["demo", "serve", "migrate", "reset-mfa", "user", "account", "doctor", "seed", "breach-list", "throttles", "pending"]) {
    expect(stdout).toContain(command);
    const help = await postern([command, "--help"]);
    expect(help.code).toBe(0);
    expect(help.stdout.length, command).toBeGreaterThan(150);
  }
});

test("the binary needs nothing beside itself", async ({ scripted }) => {
  test.skip(!scripted, "no browser in it: once is enough");
  const newPlace = emptyFolder();
  const server = await Server.demo(newPlace);
  const page = await (await fetch(`${server.url}/sign-in`)).text();
  const assets = [...page.matchAll(/(?:href|src|from )="?(\/pkg\/[^"']+)"/g)].map(([, path]) => path ?? "");
  expect(assets.length).toBeGreaterThan(1);
  for (const asset of assets) expect((await fetch(server.url + asset)).status, asset).toBe(200);
  expect(await server.stop()).toBe(0);
  expect(readdirSync(newPlace)).toContain("demo.json");
});

test("a server that is asked to stop as soon as it answers ends well", async ({ scripted }) => {
  test.skip(!scripted, "no browser in it: once is enough");
  const folder = emptyFolder();
  for (let round = 0; round < 8; round++) expect(await (await Server.demo(folder)).stop()).toBe(0);
});

test("the demo refuses a configured database, and serve refuses the demo's", async ({ scripted }) => {
  test.skip(!scripted, "no browser in it: once is enough");
  const newPlace = emptyFolder();
  const stubborn = await postern(["demo", "--data-dir", newPlace], { POSTERN_DATABASE_URL: "sqlite:nowhere.db" });
  expect(stubborn.code).toBe(1);
  expect(stubborn.stderr).toContain("POSTERN_DATABASE_URL");
  const demo = await Server.demo(newPlace);
  await demo.stop();
  const database = readdirSync(newPlace).find((name) => name.endsWith(".db")) ?? "";
  await expect(Server.serve(newPlace, "smtp://127.0.0.1:1", { POSTERN_DATABASE_URL: `sqlite:${join(newPlace, database)}` })).rejects.toThrow(
    /demo/,
  );
});
