// Runs the Deno tests, all in one `deno test --parallel`, and reads its JUnit report.
import { checkout } from "./places.ts";
import type { FileResult } from "./test_report.ts";

// All of them take about a minute; a test that waits for ever must fail the run, not hold it.
const LIMIT_MINUTES = 10;

export async function runDenoTests(files: string[], stackFile: string, done: (result: FileResult) => void) {
  if (files.length === 0) return;
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const began = performance.now();
    const limit = AbortSignal.timeout(LIMIT_MINUTES * 60_000);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--allow-all", "--no-check", "--parallel", `--junit-path=${report}`, ...files],
      cwd: checkout,
      env: { TANDEM_STACK: stackFile, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "null",
      signal: limit,
    }).output();
    const results = readJunit(await Deno.readTextFile(report));
    for (const result of results) done(result);
    // a module that does not load and a leak outside of a test are in no report
    if (code !== 0 && results.every((result) => result.failures.length === 0)) {
      const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      done({
        file: "deno test",
        passed: 0,
        ms: performance.now() - began,
        failures: [{ name: limit.aborted ? `ended after ${LIMIT_MINUTES} minutes` : "did not finish", output }],
      });
    }
  } finally {
    await Deno.remove(report).catch(() => {});
  }
}

/** The results in a JUnit report of Deno's. */
export function readJunit(xml: string): FileResult[] {
  return [...xml.matchAll(/<testsuite ([^>]*?)(?:\/>|>([\s\S]*?)<\/testsuite>)/g)].map(([, head = "", body = ""]) => {
    const result: FileResult = {
      file: attribute(head, "name").replace(/^\.\//, ""),
      ms: 0,
      passed: 0,
      failures: [],
    };
    for (
      const [, testHead = "", testBody = ""] of body.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)
    ) {
      result.ms += Number(attribute(testHead, "time")) * 1000;
      const failure = testBody.match(/<(?:failure|error)([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/);
      if (failure) {
        const output = unescape(failure[2] || attribute(failure[1] ?? "", "message"));
        result.failures.push({ name: attribute(testHead, "name"), output });
      } else if (!/<skipped/.test(testBody)) result.passed++;
    }
    return result;
  });
}

const attribute = (head: string, name: string) => unescape(head.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? "");

function unescape(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(
    /&(?:(lt|gt|quot|apos|amp)|#(\d+)|#x([0-9a-f]+));/gi,
    (_, name, decimal, hex) =>
      name ? named[name.toLowerCase()]! : String.fromCodePoint(decimal ? Number(decimal) : parseInt(hex, 16)),
  );
}
