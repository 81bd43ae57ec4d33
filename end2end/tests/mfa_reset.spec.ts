// The main job: somebody who lost the second factor gets back in, and nobody else does.
import { expect, linkIn, test } from "../support/story.ts";
import type { Person } from "../support/story.ts";
import { requestReset, SUBJECT, UsersPage } from "../support/users_page.ts";

test("an Admin resets a Manager, who accepts and enrols again", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];

  const desk = await world.asUser(admin);
  const link = await requestReset(world, desk, people.account, manager);
  await test.step("the row says that a reset is pending, and the person's factors still work", async () => {
    const row = await (await UsersPage.open(desk, people.account)).find(manager);
    await expect(row).toContainText("Reset pending");
    await expect(row.locator("time")).not.toHaveCount(0);
    await (await world.asUser(manager)).expectSignedIn();
  });

  const phone = await world.newDevice();
  await phone.open(link);
  await phone.expectPage("mfa_reset", "open");
  await expect(phone.main).toContainText(people.account.name);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");

  await test.step("the same link shows the outcome again", async () => {
    const response = await (await world.newDevice()).open(link);
    expect(response.status()).toBe(200);
    await phone.open(link);
    await phone.expectPage("mfa_reset", "done");
  });

  await test.step("the browser that accepted signs in without a mailed code, and must enrol", async () => {
    await phone.givePassword(manager);
    await phone.expectPage("enrol");
    await phone.open(`/a/${people.account.id}/settings/users`);
    await phone.expectPage("enrol");
    await phone.enrol();
    await phone.expectSignedIn();
  });

  const row = await (await UsersPage.open(desk, people.account)).find(manager);
  await expect(row).not.toContainText("Reset pending");
});

test("an Admin resets the locked-out Owner, who has a day to call it off", async ({ demo }) => {
  const { people } = demo;
  const desk = await demo.asUser(people.the("admin"));
  const link = await requestReset(demo, desk, people.account, people.owner);
  const phone = await demo.newDevice();
  await phone.open(link);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "waiting");
  await demo.minutesPass(24 * 60 + 1);
  await phone.openUntil(link, "mfa_reset", "done");
  await phone.givePassword(people.owner);
  await phone.enrol();
  await phone.open(`/a/${people.account.id}/settings/users`);
  await phone.expectPage("users");
});

test("who asked and the security contact are told of an acceptance", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const desk = await world.asUser(admin);
  const link = await requestReset(world, desk, people.account, manager);
  const before = await world.mailbox.count();
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
  for (const told of [manager, admin, people.owner]) {
    const mail = await world.mailbox.waitFor({ to: told.email, after: before });
    expect(mail.text).not.toContain("/mfa-reset/");
  }
});

test("somebody without the permission never sees the item and is refused at the door", async ({ world }) => {
  const { people } = world;
  const [manager, analyst] = [people.the("manager"), people.the("analyst")];
  const admin = await world.asUser(people.the("admin"));
  const users = await UsersPage.open(admin, people.account);
  await users.choose(analyst, "Reset MFA");
  const form = admin.page.locator("form:has([name=reason])").first();
  const door = (await form.getAttribute("action")) ?? "";
  const fields: Record<string, string> = { reason: "Because" };
  for (const field of await form.locator("input[type=hidden]").all()) {
    fields[(await field.getAttribute("name")) ?? ""] = await field.inputValue();
  }

  const curious = await world.asUser(manager);
  const menu = await (await UsersPage.open(curious, people.account)).find(analyst);
  await expect(menu.getByText("Reset MFA")).toHaveCount(0);
  const page = await curious.open(`/a/${people.account.id}/settings/users/${fields.user ?? "x"}/reset-mfa`);
  expect([403, 404]).toContain(page.status());

  const before = await world.mailbox.count();
  const asked = { form: fields, headers: { origin: world.url, accept: "application/json" } };
  const refused = await curious.page.request.post(door, asked);
  expect(refused.status()).toBe(403);
  const unseen = await (await world.asUser(analyst)).page.request.post(door, asked);
  expect([403, 404]).toContain(unseen.status());
  const stranger = await (await world.newDevice()).page.request.post(door, asked);
  expect(stranger.status()).toBe(401);
  const row = await (await UsersPage.open(admin, people.account)).find(analyst);
  await expect(row).not.toContainText("Reset pending");

  await test.step("the door itself works, for who may", async () => {
    expect((await admin.page.request.post(door, asked)).status()).toBeLessThan(400);
    await world.mailbox.waitFor({ to: analyst.email, subject: SUBJECT, after: before });
  });
});

test("a declined reset changes nothing, and who asked is told", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const link = await requestReset(world, await world.asUser(admin), people.account, manager);
  const before = await world.mailbox.count();
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.press(/This wasn.t me/);
  await phone.expectPage("mfa_reset", "declined");
  await world.mailbox.waitFor({ to: admin.email, after: before });
  await world.mailbox.waitFor({ to: people.owner.email, after: before });
  await phone.open(link);
  await phone.expectPage("mfa_reset", "declined");
  await (await world.asUser(manager)).expectSignedIn();
});

test("a cancelled link says so and no longer works", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const desk = await world.asUser(admin);
  const link = await requestReset(world, desk, people.account, manager);
  const slow = await world.newDevice();
  await slow.open(link);

  const users = await UsersPage.open(desk, people.account);
  await users.carryOut(manager, "Cancel reset");
  await expect(await users.find(manager)).not.toContainText("Reset pending");

  await test.step("also for somebody who had the page open already", async () => {
    await slow.press("Accept");
    await slow.expectPage("mfa_reset", "cancelled");
  });
  const phone = await world.newDevice();
  expect((await phone.open(link)).status()).toBe(200);
  await phone.expectPage("mfa_reset", "cancelled");
  await expect(phone.page.getByRole("button", { name: "Accept" })).toHaveCount(0);
  await (await world.asUser(manager)).expectSignedIn();
});

test("a newer request replaces an older one", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const desk = await world.asUser(admin);
  const old = await requestReset(world, desk, people.account, manager);
  const newer = await requestReset(world, desk, people.account, manager);
  expect(newer).not.toBe(old);
  const phone = await world.newDevice();
  await phone.open(old);
  await phone.expectPage("mfa_reset", "superseded");
  await expect(phone.page.getByRole("button", { name: "Accept" })).toHaveCount(0);
  await phone.open(newer);
  await phone.expectPage("mfa_reset", "open");
});

test("an acceptance ends every other request for the same person", async ({ world }) => {
  const { people } = world;
  // A member of two accounts who is an administrator in neither: else it would wait for a day.
  const free = people.accountWhere(({ plan }) => plan === "free");
  const person = people.the("campaign_coordinator");
  const host = await world.asUser(people.the("owner", free));
  const phone = await world.newDevice();
  await test.step("invited to another account, and in", async () => {
    const before = await world.mailbox.count();
    await host.open(`/a/${free.id}/settings/users/invite`);
    await host.page.locator("[name=email]").fill(person.email);
    await host.press("Send invitation");
    await host.expectPage("invite", "pending");
    const mail = await world.mailbox.waitFor({ to: person.email, subject: "New account invitation", after: before });
    await phone.open(linkIn(mail, "invitation"));
    await phone.press("Accept");
    await phone.expectPage("invitation", "accepted");
  });
  const here = await requestReset(world, await world.asUser(people.the("admin")), people.account, person);
  const elsewhere = await requestReset(world, host, free, person);
  await phone.open(elsewhere);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
  await phone.open(here);
  await phone.expectPage("mfa_reset", "cancelled");
});

test("“Resend” mails the same link, five times in ten minutes at most", async ({ demo }) => {
  const { people } = demo;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const desk = await demo.asUser(admin);
  const link = await requestReset(demo, desk, people.account, manager);
  const resend = async () => (await UsersPage.open(desk, people.account)).choose(manager, "Resend");
  const again = async () => {
    const before = await demo.mailbox.count();
    await resend();
    const mail = await demo.mailbox.waitFor({ to: manager.email, subject: SUBJECT, after: before });
    expect(linkIn(mail, "mfa-reset")).toBe(link);
  };
  for (let mails = 1; mails < 5; mails++) await again();
  await resend();
  await expect(desk.page.getByRole("alert").first()).toContainText(/try again in/i);

  await demo.minutesPass(11);
  await again();
});

test("an unknown link is not there", async ({ world }) => {
  const phone = await world.newDevice();
  const nothing = `/mfa-reset/${"A".repeat(43)}`;
  expect((await phone.open(nothing)).status()).toBe(404);
  await phone.expectPage("mfa_reset", "unknown");
  for (const odd of ["/mfa-reset/x", `/mfa-reset/${"A".repeat(4000)}`, "/mfa-reset/%00%ff"]) {
    expect([400, 404, 414]).toContain((await phone.page.request.get(odd)).status());
  }
});

test("a link expires after twelve hours", async ({ demo }) => {
  const { people } = demo;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const link = await requestReset(demo, await demo.asUser(admin), people.account, manager);
  const early = await demo.newDevice();
  await early.open(link);
  await early.expectPage("mfa_reset", "open");

  await demo.minutesPass(13 * 60);
  await test.step("for somebody who had the page open already", async () => {
    await early.press("Accept");
    await early.expectPage("mfa_reset", "expired");
  });
  const phone = await demo.newDevice();
  expect((await phone.open(link)).status()).toBe(410);
  await phone.expectPage("mfa_reset", "expired");
  await expect(phone.main).toContainText(/administrator/i);
  await expect(phone.page.getByRole("button", { name: "Accept" })).toHaveCount(0);
  await (await demo.asUser(manager)).expectSignedIn();
});

test("accepted on one device, signed in on another", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const link = await requestReset(world, await world.asUser(admin), people.account, manager);
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");

  const laptop = await world.newDevice();
  await laptop.signInToNewDevice(manager);
  const app = await laptop.enrol();
  await test.step("the new authenticator counts, the old one does not", async () => {
    const tablet = await world.newDevice();
    await tablet.givePassword(manager);
    await tablet.expectPage("mfa");
    await tablet.giveCode(await world.authenticatorOf(manager).next());
    await tablet.expectPage("mfa");
    await tablet.giveCode(await app.next());
    await tablet.expectSignedIn();
  });
});

test("enrolment is not forced where no scope requires it", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const everywhereFree = ({ memberships }: Person) =>
    memberships.every(({ kind, id }) => kind === "account" && !people.accountWhere((one) => one.id === id).require_mfa);
  const may = (person: Person) => ["owner", "admin"].includes(people.roleIn(person, free) ?? "");
  const asker = people.who((one) => one.state === "active" && one.totp_secret !== null && may(one));
  const target = people.who(
    (one) =>
      !may(one) && one.state === "active" && one.totp_secret !== null && everywhereFree(one) && people.roleIn(one, free) !== undefined,
  );
  const link = await requestReset(world, await world.asUser(asker), free, target);
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
  await phone.givePassword(target);
  await expect(phone.page).toHaveURL(new RegExp(`/a/${free.id}/`));
  await phone.expectSignedIn();
});

test("every session of the person ends, and nobody else's", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const desk = await world.asUser(admin);
  const [laptop, tablet] = [await world.asUser(manager), await world.asUser(manager)];
  const link = await requestReset(world, desk, people.account, manager);
  await test.step("until then each of them shows it", async () => {
    for (const device of [laptop, tablet]) {
      await device.expectSignedIn();
      await expect(device.page.getByRole("button", { name: /This wasn.t me/ })).toBeVisible();
    }
  });
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
  await laptop.expectSignedOut();
  await tablet.expectSignedOut();
  await desk.expectSignedIn();
});

test("“This wasn't me” in an open session ends the request", async ({ world }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const laptop = await world.asUser(manager);
  const link = await requestReset(world, await world.asUser(admin), people.account, manager);
  await laptop.expectSignedIn();
  await laptop.press(/This wasn.t me/);
  await expect(laptop.page.getByRole("button", { name: /This wasn.t me/ })).toHaveCount(0);
  const phone = await world.newDevice();
  await phone.open(link);
  await phone.expectPage("mfa_reset", "declined");
  await laptop.expectSignedIn();
});

test("two hundred visits to the accept page change nothing", async ({ world, scripted }) => {
  const { people } = world;
  const [admin, manager] = [people.the("admin"), people.the("manager")];
  const laptop = await world.asUser(manager);
  const link = await requestReset(world, await world.asUser(admin), people.account, manager);
  const scanner = await world.newDevice();
  for (let visit = 0; visit < (scripted ? 40 : 100); visit++) await scanner.open(link);
  for (let visit = 0; visit < 50; visit++) {
    expect((await scanner.page.request.head(link)).status()).toBe(200);
    expect((await scanner.page.request.get(link)).status()).toBe(200);
  }
  // What a scanner that follows whatever it finds would ask for.
  for (const query of ["?decision=accept", "?decision=decline", "?number=1234&decision=accept"]) {
    expect((await scanner.page.request.get(link + query)).status()).toBe(200);
  }
  await scanner.open(link);
  await scanner.expectPage("mfa_reset", "open");
  await laptop.expectSignedIn();
  await (await world.asUser(manager)).expectSignedIn();
});

test("the link stays between the mail and the page", async ({ world }) => {
  const { people } = world;
  const link = await requestReset(world, await world.asUser(people.the("admin")), people.account, people.the("manager"));
  const token = link.split("/").at(-1) ?? "";
  const phone = await world.newDevice();
  const response = await phone.open(link);
  const headers = response.headers();
  expect(headers["cache-control"]).toContain("no-store");
  await expect(phone.page.locator("meta[name=robots]")).toHaveAttribute("content", /noindex/);
  expect(headers["referrer-policy"]).toBe("same-origin");
  const asked: string[] = [];
  phone.page.on("request", (request) => asked.push(request.url()));
  await phone.open(link);
  await phone.press("Accept");
  await phone.expectPage("mfa_reset", "done");
  expect(asked.filter((url) => !url.startsWith(world.url))).toEqual([]);
  expect(world.server.log).not.toContain(token);
});

test("the mail's link has its base from the configuration, whatever the request says", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.the("admin"));
  await desk.page.setExtraHTTPHeaders({ "x-forwarded-host": "evil.example", forwarded: "host=evil.example", "x-forwarded-proto": "https" });
  const link = await requestReset(world, desk, people.account, people.the("manager"));
  expect(link.startsWith(`${world.url}/mfa-reset/`)).toBe(true);
});
