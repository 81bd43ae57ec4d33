// Prints the faults that were tried and what came of each, as a table at the end of the run.
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class FaultReporter implements Reporter {
  readonly #rows: [fault: string, outcome: string][] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    const told = result.annotations.filter(({ type }) => type === "outcome").map(({ description = "" }) => description);
    const isFault = told.length > 0 || test.parent.project()?.name === "faults";
    if (isFault && result.status !== "skipped") {
      const outcome = result.status === "passed" ? told.join("; ") : `FAILED, see above`;
      this.#rows.push([test.title, outcome]);
    }
  }

  onEnd(): void {
    if (this.#rows.length === 0) return;
    const wide = Math.max(...this.#rows.map(([fault]) => fault.length));
    console.log("\nFault".padEnd(wide + 1) + "  Outcome");
    for (const [fault, outcome] of this.#rows.toSorted()) console.log(`${fault.padEnd(wide)}  ${outcome}`);
  }
}
