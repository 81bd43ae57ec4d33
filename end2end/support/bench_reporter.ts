// Prints what was measured beside its goal: `make bench`.
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class BenchReporter implements Reporter {
  onTestEnd(_test: TestCase, result: TestResult): void {
    for (const { type, description = "" } of result.annotations) {
      if (type === "measured") {
        const { what, is, goal } = JSON.parse(description) as { what: string; is: number; goal: number };
        console.log(`${is <= goal ? "ok  " : "OVER"}  ${what.padEnd(44)} ${String(is).padStart(8)}  goal ${String(goal).padStart(8)}`);
      } else if (type === "file") {
        console.log(`          ${description}`);
      }
    }
    for (const { message = "" } of result.errors) console.log(message);
  }

  onEnd(result: FullResult): void {
    console.log(result.status === "passed" ? "Every goal is reached." : "A goal is missed.");
  }
}
