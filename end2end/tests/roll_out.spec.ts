// The roll-out of MFA: how far it got, who is without, and the mail that reminds them.
import { readFileSync } from "node:fs";
import { expect, test } from "../support/story.ts";

test("an administrator sees who is without, reminds one of them, and sees the list grow shorter", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const here = people.everybody.filter((one) => people.roleIn(one, free) !== undefined && one.state !== "deactivated");
  const without = here.filter(({ state }) => state === "no_mfa");
  const person = without.find(({ memberships }) => memberships.length === 1) ?? without[0];
  if (!person) throw new Error("Nobody is without.");

  const desk = await world.asUser(people.the("owner", free));
  await desk.open(`/a/${free.id}/settings/security`);
  await desk.page.getByRole("link", { name: "Who has a second factor, and who does not" }).click();
  await desk.expectPage("roll_out");
  await expect(desk.main).toHaveAttribute("data-state", "under_way");
  await expect(desk.main).toContainText(`${here.length - without.length} of ${here.length} have a second factor`);
  const rows = desk.main.locator(".cards > li");
  await expect(rows).toHaveCount(without.length);
  const row = rows.filter({ hasText: person.email });

  await test.step("the reminder says what to do, and is not sent twice a day", async () => {
    const before = await world.mailbox.count();
    await desk.send(row.getByRole("button", { name: /^Remind / }));
    await expect(desk.main).toContainText("The reminders are on their way.");
    await expect(row).toContainText("reminded");
    await expect(row.getByRole("button")).toHaveCount(0);
    const mail = await world.mailbox.waitFor({ to: person.email, subject: `Please set up MFA for ${free.name}`, after: before });
    expect(mail.text).toContain("/me/security");
  });

  await test.step("who enrols is not listed any more", async () => {
    const phone = await world.newDevice();
    await phone.signInToNewDevice(person);
    await phone.open("/me/security");
    await phone.page.getByRole("link", { name: "Add method" }).first().click();
    await phone.expectPage("enrol");
    await phone.enrol();
    await desk.open(`/a/${free.id}/settings/security/roll-out`);
    await expect(row).toHaveCount(0);
    await expect(desk.main).toContainText(`${here.length - without.length + 1} of ${here.length} have a second factor`);
  });
});

test("the chart says in words, in patterns and in a list what it says in colours", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  await desk.open(`/a/${people.account.id}/settings/security/roll-out`);
  const here = people.everybody.filter((one) => people.roleIn(one, people.account) !== undefined && one.state !== "deactivated");
  const without = here.filter(({ state }) => state === "no_mfa").length;
  const chart = desk.main.getByRole("img", { name: "MFA coverage by strongest method" });
  await expect(chart).toBeVisible();
  await expect(chart.locator("title")).toHaveText("MFA coverage by strongest method");
  const percent = (count: number) => Math.min(99, Math.max(1, Math.round((count * 100) / here.length)));
  const parts: [string, number][] = [["Authenticator app", here.length - without], ["No second factor", without]];
  await expect(chart).toHaveAccessibleDescription(parts.map(([method, count]) => `${method}: ${count}, ${percent(count)}%.`).join(" "));
  const list = desk.main.locator("dl").filter({ hasText: "No second factor" });
  for (const [method, count] of parts) {
    await expect(list.locator("div").filter({ hasText: method })).toContainText(`${count} · ${percent(count)}%`);
  }

  await test.step("no two parts are told apart by colour alone", async () => {
    const fills = await chart.locator(":scope > rect").evaluateAll((parts) => parts.map((part) => part.getAttribute("fill") ?? ""));
    expect(fills).toHaveLength(parts.length);
    expect(new Set(fills).size).toBe(parts.length);
    // At most one part is filled with a colour, and one is left empty: the others have a pattern, each another.
    const plain = fills.filter((fill) => !fill.startsWith("url(#"));
    expect(plain).toEqual(["var(--stone-0)"]);
    for (const pattern of fills.flatMap((fill) => /^url\((#\w+)\)$/.exec(fill)?.[1] ?? [])) {
      await expect(chart.locator(`pattern${pattern}`)).toBeAttached();
    }
    // The key in the list is the same.
    const keys = list.locator("dt svg rect");
    expect(await keys.evaluateAll((parts) => parts.map((part) => part.getAttribute("fill") ?? ""))).toEqual(fills);
    // As wide as they are many.
    const widths = await chart.locator(":scope > rect").evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
    const all = widths.reduce((sum, width) => sum + width, 0);
    parts.forEach(([method, count], at) => expect((widths[at] ?? 0) / all, method).toBeCloseTo(count / here.length, 1));
  });
});

test("who has which method is exported as a file", async ({ world }) => {
  const { people } = world;
  const desk = await world.asUser(people.owner);
  await desk.open(`/a/${people.account.id}/settings/security/roll-out`);
  const link = desk.page.getByRole("link", { name: "Export (.csv)" });
  const [download] = await Promise.all([desk.page.waitForEvent("download"), link.click()]);
  expect(download.suggestedFilename()).toBe("mfa-roll-out.csv");
  const lines = readFileSync(await download.path(), "utf8").trimEnd().split("\r\n");
  const here = people.everybody.filter((one) => people.roleIn(one, people.account) !== undefined && one.state !== "deactivated");
  expect(lines.length).toBe(here.length + 1);
  expect(lines.some((line) => line.includes(people.owner.email))).toBe(true);
});

test("everybody who is left is reminded at once", async ({ world }) => {
  const { people } = world;
  const free = people.accountWhere(({ require_mfa }) => !require_mfa);
  const desk = await world.asUser(people.the("owner", free));
  await desk.open(`/a/${free.id}/settings/security/roll-out`);
  await desk.send(desk.main.getByRole("button", { name: "Remind all" }));
  await expect(desk.main).toContainText("The reminders are on their way.");
  await expect(desk.main.getByRole("button", { name: /^Remind/ })).toHaveCount(0);
});
