// `node outcome.mjs stories.json`: how many stories passed and failed, to standard output; to standard error, by name and
// with the first lines of the reason, those that failed and those that passed only when tried again.
import { readFileSync } from "node:fs";

const LINES = 6;
const { suites, stats } = JSON.parse(readFileSync(process.argv[2], "utf8"));

/** Every story in a suite and in those within it. */
const stories = ({ specs = [], suites = [] }) => [...specs, ...suites.flatMap(stories)];

const WORDS = { unexpected: "failed", flaky: "passed only when tried again" };
for (const { title, file, line, tests } of suites.flatMap(stories)) {
  for (const { projectName, status, results } of tests.filter(({ status }) => status in WORDS)) {
    const reason = results.find(({ error }) => error)?.error.message ?? "";
    const lines = reason.replaceAll(/\u001b\[[0-9;]*m/g, "").split("\n").filter((text) => text.trim() !== "");
    console.error(`${WORDS[status]}: ${projectName} ${file}:${line} ${title}`);
    for (const text of lines.slice(0, LINES)) console.error(`    ${text}`);
  }
}
console.log(stats.expected + stats.flaky, stats.unexpected);
