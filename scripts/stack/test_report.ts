// What a person reads of a test run: a line per file, the failures with their output, the two numbers.
export interface FileResult {
  file: string;
  passed: number;
  failures: { name: string; output: string }[];
  ms: number;
}

export class Report {
  #passed = 0;
  #failed: FileResult[] = [];

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed.reduce((sum, result) => sum + result.failures.length, 0);
  }

  add = (result: FileResult): void => {
    this.#passed += result.passed;
    if (result.failures.length > 0) this.#failed.push(result);
    const verdict = result.failures.length === 0 ? "ok    " : "FAILED";
    const counts = result.failures.length === 0
      ? `${result.passed}`
      : `${result.passed}, ${result.failures.length} failed`;
    console.log(`${verdict}  ${result.file} (${counts}, ${Math.round(result.ms)} ms)`);
  };

  /** Prints the failures and ends with the numbers; answers the exit code. */
  finish(): number {
    for (const { file, failures } of this.#failed) {
      for (const { name, output } of failures) {
        console.log(`\n${file}: ${name}`);
        if (output.trim()) console.log(output.trimEnd().replaceAll(/^/gm, "  "));
      }
    }
    if (this.passed + this.failed === 0) console.log("\nNo test ran.");
    console.log(`\n${this.passed} passed, ${this.failed} failed`);
    return this.failed > 0 || this.passed === 0 ? 1 : 0;
  }
}
