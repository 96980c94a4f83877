import assert from "node:assert/strict";
import { readJunit } from "./deno_tests.ts";
import { readTap } from "./pgtap.ts";

Deno.test("TAP: passed, failed with its diagnostics, todo and skipped tests are told apart", () => {
  const { passed, failures } = readTap(
    "1..4\nok 1 - good\nnot ok 2 - bad\n# Failed test 2\n#  have: 1\nnot ok 3 - later # TODO soon\nok 4 # SKIP no network\n",
  );
  assert.equal(passed, 3);
  assert.deepEqual(failures, [{ name: "bad", output: "Failed test 2\n have: 1\n" }]);
});

Deno.test("TAP: fewer tests than planned, no plan and an SQL error are failures", () => {
  assert.equal(readTap("1..2\nok 1 - a\n").failures[0]!.name, "planned 2 tests but ran 1");
  assert.equal(readTap("ok 1 - a\n").failures[0]!.name, "the file has no plan");
  assert.deepEqual(readTap("1..1\nok 1\n", "ERROR: no", 3).failures, [
    { name: "the file ended with an error", output: "ERROR: no" },
  ]);
});

Deno.test("JUnit: counts, failures and escapes of Deno's report", () => {
  const [suite] = readJunit(`<testsuites><testsuite name="./a.test.ts" tests="3">
    <testcase name="good" time="0.25"></testcase>
    <testcase name="ignored" time="0"><skipped/></testcase>
    <testcase name="1 &lt; 2" time="0.5"><failure message="no">AssertionError: &quot;x&quot; &#38; y</failure></testcase>
  </testsuite></testsuites>`);
  assert.deepEqual(suite, {
    file: "a.test.ts",
    passed: 1,
    ms: 750,
    failures: [{ name: "1 < 2", output: 'AssertionError: "x" & y' }],
  });
});
