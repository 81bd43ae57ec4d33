// The size row of the numbers to reach: what a first visit to the sign-in page costs over a slow line.
import { measured } from "../support/bench_reporter.ts";
import { firstVisit } from "../support/first_visit.ts";
import { expect, test } from "../support/story.ts";

const BYTES = 200_000;
const BEFORE_PAINT = 25_000;
const REQUESTS = 8;

// Before a world is made for it.
test.skip(({ scripted }) => !scripted, "without scripts it is smaller still");

test("a first visit to sign-in is small", async ({ world }, info) => {
  const phone = await world.newDevice();
  const visit = await firstVisit(phone.page, "/sign-in");
  measured(info, "first visit to sign-in, bytes as brotli", visit.bytes, BYTES);
  measured(info, "HTML and style before first paint, bytes", visit.beforePaint, BEFORE_PAINT);
  measured(info, "requests", visit.requests, REQUESTS);
  for (const { path, bytes, coding } of visit.files) {
    info.annotations.push({ type: "file", description: `${String(bytes).padStart(8)}  ${coding.padEnd(4)} ${path}` });
  }
  expect(visit.bytes).toBeGreaterThan(10_000);
  expect(visit.bytes).toBeLessThanOrEqual(BYTES);
  expect(visit.beforePaint).toBeLessThanOrEqual(BEFORE_PAINT);
  expect(visit.requests).toBeLessThanOrEqual(REQUESTS);
  // Pages go as they are: beside what a stranger chose, the length of a compressed answer tells what is secret in it (BREACH).
  const squeezed = visit.files.filter(({ path }) => path.startsWith("/pkg/"));
  expect(squeezed.filter(({ coding, bytes }) => coding !== "br" && bytes > 2_000)).toEqual([]);
});
