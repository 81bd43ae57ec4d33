// The server dies at any single step of asking, accepting or enrolling: whenever its database has done one and before it hears
// of that, COMMIT included, until the deed went through untouched. Nothing is lost that was confirmed, nothing is done twice,
// and no mail leaves for what did not commit.
import { expect, test } from "@playwright/test";
import { Client } from "../support/client.ts";
import { outcome, Scene } from "../support/fault_scene.ts";
import { SUBJECT } from "../support/users_page.ts";

const MOST = 80;

/** Tries `once` with the server dying at step 1, 2, 3 …, until it got through; how many steps there were. */
async function atEachStep(scene: Scene, once: (arm: () => { struck: () => boolean }) => Promise<void>): Promise<number> {
  for (let step = 1; step <= MOST; step++) {
    let armed = { struck: () => false };
    await once(() => {
      armed = scene.toPostgres.arm(step, () => {
        scene.server.kill();
        return "drop";
      });
      return armed;
    });
    if (!armed.struck()) return step - 1;
  }
  throw new Error(`It never got through: more than ${MOST} steps`);
}

const said = (count: number, what: string) => `${count} ${what}`;

test("SIGKILL at each step of “Reset”", async ({}, info) => {
  test.setTimeout(300_000);
  const scene = await Scene.onPostgres();
  let [asked, lost] = [0, 0];
  const silent: string[] = [];
  const steps = await atEachStep(scene, async (arm) => {
    const person = scene.target();
    const page = await scene.askPage(person);
    const armed = arm();
    const confirmed = await scene.admin.post(page, "reason", { reason: "Lost the phone" });
    scene.toPostgres.disarm();
    if (armed.struck()) await scene.crash();
    const pending = await scene.isPending(person);
    if (confirmed) expect(pending, "what was confirmed is there").toBe(true);
    if (!armed.struck()) expect(confirmed).toBe(true);
    if (pending) {
      asked += 1;
      const link = await scene.linkOf(person, 60_000);
      expect((await scene.admin.open(link)).page).toBe("mfa_reset open");
    } else {
      lost += 1;
      silent.push(person.email);
    }
  });
  expect(steps).toBeGreaterThan(8);
  expect(lost).toBeGreaterThan(0);
  // Whatever was to leave has left: a later request's mail came.
  for (const email of silent) expect(await scene.smtp.find({ to: email, subject: SUBJECT })).toEqual([]);
  await scene.end();
  outcome(info, `${said(steps, "steps")}: ${said(asked, "asked")}, each mailed; ${said(lost, "not asked")}, none mailed`);
});

test("SIGKILL at each step of “Accept”", async ({}, info) => {
  test.setTimeout(600_000);
  const scene = await Scene.onPostgres();
  let [done, open] = [0, 0];
  const accepted: string[] = [];
  const steps = await atEachStep(scene, async (arm) => {
    const { person, link, phone, sheet } = await scene.opened();
    const mails = (await scene.smtp.find({ to: person.email })).length;
    const armed = arm();
    const confirmed = await phone.post(sheet, "decision", { decision: "accept" });
    scene.toPostgres.disarm();
    if (armed.struck()) await scene.crash();
    let now = await phone.open(link);
    if (confirmed) expect(now.page, "what was confirmed is there").toBe("mfa_reset done");
    if (now.page === "mfa_reset open") {
      open += 1;
      expect(await scene.afterPassword(person), "nothing has changed").toBe("mfa");
      expect(await phone.post(now, "decision", { decision: "accept" })).toBe(true);
      now = await phone.open(link);
    } else {
      done += 1;
    }
    expect(now.page).toBe("mfa_reset done");
    expect(await scene.afterPassword(person), "the factor is gone").not.toBe("mfa");
    expect((await scene.smtp.find({ to: person.email, subject: SUBJECT })).length).toBe(mails);
    expect(await scene.isPending(person)).toBe(false);
    accepted.push(person.email);
  });
  const notices = async (email: string) => (await scene.smtp.find({ to: email, subject: "Your second factors were removed" })).length;
  for (const email of accepted) await expect.poll(() => notices(email), { timeout: 60_000 }).toBe(1);
  expect(steps).toBeGreaterThan(8);
  expect(open).toBeGreaterThan(0);
  await scene.end();
  outcome(info, `${said(steps, "steps")}: ${said(open, "still open")} and accepted afterwards, ${said(done, "done")}; one notice each`);
});

test("SIGKILL at each step of enrolling", async ({}, info) => {
  test.setTimeout(600_000);
  const scene = await Scene.onPostgres();
  let [bound, unbound] = [0, 0];
  const steps = await atEachStep(scene, async (arm) => {
    const { person, link, phone, sheet } = await scene.opened();
    expect(await phone.post(sheet, "decision", { decision: "accept" })).toBe(true);
    const enrol = await phone.givePassword(person);
    expect(enrol.page).toContain("enrol");
    const app = scene.appOf(enrol.key);
    const code = await app.next();
    const armed = arm();
    const confirmed = await phone.post(enrol, "code", { code });
    scene.toPostgres.disarm();
    if (armed.struck()) await scene.crash();
    const asked = await scene.afterPassword(person);
    if (confirmed) expect(asked, "what was confirmed is there").toBe("mfa");
    if (asked === "mfa") {
      bound += 1;
      await new Client(scene.server.url).signIn(person, app);
    } else {
      unbound += 1;
      // The half-done enrolment is in nobody's way.
      const again = await phone.open("/enrol");
      expect(again.page).toContain("enrol");
      const done = await phone.send(again, "code", { code: await scene.appOf(again.key).next() });
      expect(done.page, done.text).toContain("backup_codes");
      expect(await scene.afterPassword(person)).toBe("mfa");
    }
    expect((await phone.open(link)).page).toBe("mfa_reset done");
  });
  expect(steps).toBeGreaterThan(8);
  expect(unbound).toBeGreaterThan(0);
  await scene.end();
  outcome(info, `${said(steps, "steps")}: ${said(bound, "bound")} and signed in with, ${said(unbound, "not bound")} and enrolled again`);
});

test("SIGKILL at any moment, on SQLite", async ({}, info) => {
  test.setTimeout(300_000);
  const scene = await Scene.onSqlite();
  let [asked, lost, done, open] = [0, 0, 0, 0];
  for (let delay = 0; delay < 16; delay += 2) {
    const person = scene.target();
    const page = await scene.askPage(person);
    const dying = new Promise<void>((gone) => setTimeout(() => (scene.server.kill(), gone()), delay));
    const confirmed = await scene.admin.post(page, "reason", { reason: "Lost the phone" });
    await dying;
    await scene.crash();
    if (await scene.isPending(person)) {
      asked += 1;
      const link = await scene.linkOf(person, 60_000);
      const phone = new Client(scene.server.url);
      const sheet = await phone.open(link);
      const dyingAgain = new Promise<void>((gone) => setTimeout(() => (scene.server.kill(), gone()), delay));
      const accepted = await phone.post(sheet, "decision", { decision: "accept" });
      await dyingAgain;
      await scene.crash();
      const now = (await phone.open(link)).page;
      if (accepted) expect(now).toBe("mfa_reset done");
      expect(await scene.afterPassword(person) === "mfa", now).toBe(now === "mfa_reset open");
      if (now === "mfa_reset done") done += 1;
      else open += 1;
    } else {
      lost += 1;
      expect(confirmed).toBe(false);
    }
  }
  await scene.end();
  outcome(info, `8 moments each: ${said(asked, "asked")}, ${said(lost, "not")}; ${said(done, "accepted")}, ${said(open, "still open")}; factors agree each time`);
});
