// What a spec imports: `test` with a world to play in, and the words of the story.
import { test as base, expect } from "@playwright/test";
import type { TestInfo } from "@playwright/test";
import { expectAccessible } from "./axe.ts";
import { DemoWorld, ServedWorld, TextedWorld, TwinWorld } from "./world.ts";
import type { World } from "./world.ts";

export { codeIn, linkIn, SIGN_IN_CODE } from "./mailbox.ts";
export type { Device } from "./device.ts";
export type { Account, Person } from "./people.ts";
export type { DemoWorld, ServedWorld, TextedWorld };
export { expect, expectAccessible };

type Worlds = {
  /** Whether scripts run in this project. */
  scripted: boolean;
  /** A server, its mail received by SMTP. */
  world: ServedWorld;
  /** The same, with a mail server that insists on encryption and on a name. */
  securedWorld: ServedWorld;
  /** The same, with a gateway for text messages that can lose them. */
  texted: TextedWorld;
  /** Two servers on one PostgreSQL. */
  twins: TwinWorld;
  /** A server whose clock can be moved. */
  demo: DemoWorld;
};

async function play<W extends World>(world: W, use: (world: W) => Promise<void>, info: TestInfo): Promise<void> {
  await use(world);
  const went = info.status === info.expectedStatus;
  if (!went) await info.attach("server log", { body: world.log });
  await world.end();
  // The troubles themselves come first: the end of a run shows a reason's first lines alone.
  if (went && world.troubles.length > 0) throw new Error(["beside the story:", ...world.troubles].join("\n"));
}

export const test = base.extend<Worlds>({
  scripted: ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),
  world: async ({ browser, scripted }, use, info) => play(await ServedWorld.begin({ browser, scripted }), use, info),
  securedWorld: async ({ browser, scripted }, use, info) =>
    play(await ServedWorld.beginSecured({ browser, scripted }), use, info),
  texted: async ({ browser, scripted }, use, info) => play(await TextedWorld.begin({ browser, scripted }), use, info),
  twins: async ({ browser, scripted }, use, info) => play(await TwinWorld.begin({ browser, scripted }), use, info),
  demo: async ({ browser, scripted }, use, info) => play(await DemoWorld.begin({ browser, scripted }), use, info),
});
