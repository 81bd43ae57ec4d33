// Prints what was measured beside its goal: `make bench`.
import type { TestInfo } from "@playwright/test";
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

type Row = { what: string; is: number; goal: number; sense: "at most" | "at least" };

/** Writes a number down beside its goal. */
export function measured(info: TestInfo, what: string, is: number, goal: number, sense: Row["sense"] = "at most"): void {
  info.annotations.push({ type: "measured", description: JSON.stringify({ what, is, goal, sense } satisfies Row) });
}

const shown = (number: number) => (Number.isInteger(number) ? String(number) : number.toFixed(2));

export default class BenchReporter implements Reporter {
  #missed = 0;

  onTestEnd(_test: TestCase, result: TestResult): void {
    for (const { type, description = "" } of result.annotations) {
      if (type === "measured") {
        const { what, is, goal, sense } = JSON.parse(description) as Row;
        const reached = sense === "at most" ? is <= goal : is >= goal;
        this.#missed += Number(!reached);
        console.log(`${reached ? "ok  " : "MISS"}  ${what.padEnd(54)} ${shown(is).padStart(8)}  goal ${sense} ${shown(goal)}`);
      } else if (type === "file") {
        console.log(`          ${description}`);
      }
    }
    for (const { message = "" } of result.errors) console.log(message);
  }

  onEnd(result: FullResult): void {
    const reached = result.status === "passed" && this.#missed === 0;
    console.log(reached ? "Every goal is reached." : `Goals missed: ${this.#missed}.`);
  }
}
