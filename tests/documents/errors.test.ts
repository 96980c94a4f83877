// The documents of the domains list exactly the errors that their SQL raises, and comments on functions name no other.
import assert from "node:assert/strict";

const schemas = new URL("../../supabase/schemas/", import.meta.url);
const domains = Array.from(Deno.readDirSync(schemas), ({ name }) => name).sort();

function sqlOf(domain: string): string {
  const folder = new URL(`${domain}/`, schemas);
  return Array.from(Deno.readDirSync(folder)).filter(({ name }) => name.endsWith(".sql"))
    .map(({ name }) => Deno.readTextFileSync(new URL(name, folder)).replace(/--.*$/gm, "")).join("\n");
}

const readme = (domain: string) => Deno.readTextFileSync(new URL(`${domain}/README.md`, schemas));

/** The codes of the rows that give an HTTP status. */
function documentedIn(domain: string): Set<string> {
  const rows = [...readme(domain).matchAll(/^\| *(`.*?) *\| *\d{3} *\|/gm)];
  return new Set(rows.flatMap(([, cell]) => [...cell!.matchAll(/`(\w+)`/g)].map(([, code]) => code!)));
}

function raisedIn(sql: string): Set<string> {
  const patterns = [
    /platform\.fail\(\s*\d{3},\s*'(\w+)'/g,
    /errcode = 'PT\d{3}', detail = '(\w+)'/g,
    /v_code := '(\w+)'/g,
    // of workspaces.require() and not_found()
    /what text default '(workspace)'/g,
  ];
  const codes = patterns.flatMap((pattern) => [...sql.matchAll(pattern)].map(([, code]) => code!))
    .map((code) => code === "workspace" ? "workspace_not_found" : code);
  const missing = [
    ...sql.matchAll(/workspaces\.not_found\('(\w+)'/g),
    ...sql.matchAll(
      /workspaces\.require\([^;]*?'(workflow|execution|session|integration|execution_limit|invitation|interaction|response|step|archived_step)'/g,
    ),
    // what looks a workflow up for its caller
    ...(/\bworkflows\.found\(/.test(sql) ? [["", "workflow"]] : []),
    ...(/\bworkflows\.version_of\(/.test(sql) ? [["", "version"]] : []),
  ].map(([, what]) => `${what}_not_found`);
  return new Set([...codes, ...missing]);
}

const raised = new Map(domains.map((domain) => [domain, raisedIn(sqlOf(domain))]));
const known = new Set(domains.flatMap((domain) => [...raised.get(domain)!]));

for (const domain of domains) {
  Deno.test(`every error that ${domain} raises is in its README`, () => {
    const documented = documentedIn(domain);
    assert.deepEqual([...raised.get(domain)!].filter((code) => !documented.has(code)), []);
  });

  Deno.test(`every error in the README of ${domain} is raised`, () => {
    assert.deepEqual([...documentedIn(domain)].filter((code) => !known.has(code)), []);
  });
}

Deno.test("a comment on a function names only errors that it, or what it calls, can raise", () => {
  const sql = domains.map(sqlOf).join("\n");
  const bodies = new Map<string, string>();
  for (const [, name, body] of sql.matchAll(/create function (\w+\.[\w"]+)\s*\([^$]*?\nas \$\$(.*?)\$\$;/gs)) {
    bodies.set(name!.replaceAll('"', ""), `${bodies.get(name!) ?? ""}${body}`);
  }
  const reachable = (name: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(name)) return new Set();
    seen.add(name);
    const body = bodies.get(name)!;
    const called = [...body.matchAll(/\b\w+\.\w+(?=\s*\()/g)].map(([called]) => called).filter((one) =>
      bodies.has(one)
    );
    return called.reduce(
      (all, one) => all.union(reachable(one, seen)),
      new Set([...raisedIn(body), ...(/workspaces\.require\(/.test(body) ? ["workspace_not_found"] : [])]),
    );
  };
  const wrong: string[] = [];
  for (
    const [, name, text] of sql.matchAll(/comment on function (\w+\.\w+)\s*\(.*?\)\s+is\s+((?:\s*'(?:[^']|'')*')+);/gs)
  ) {
    const named = /Errors: ([^]*)/.exec(text!.replace(/'\s*'/g, ""))?.[1]?.match(/\b[a-z]+(?:_[a-z]+)+/g) ?? [];
    if (named.length === 0) continue;
    const errors = reachable(name!);
    // "and those of deploy_workflow"
    wrong.push(
      ...named.filter((one) => !errors.has(one) && !bodies.has(`public.${one}`)).map((one) => `${name}: ${one}`),
    );
  }
  assert.deepEqual(wrong, []);
});

Deno.test("every error that the engine writes into executions is in its README", () => {
  const text = readme("engine").replace(
    /`(\w+)_\{([\w,]+)\}`/g,
    (_, stem, ends) => ends.split(",").map((end: string) => `\`${stem}_${end}\``).join(" "),
  );
  const written = [...sqlOf("engine").matchAll(/(?:'code', |"code": )['"](\w+)['"]/g)].map(([, code]) => code!);
  assert.deepEqual([...new Set(written)].filter((code) => !text.includes(`\`${code}\``)), []);
});

Deno.test("every problem that checking finds is in definition.md, and no other", async () => {
  const text = await Deno.readTextFile(new URL("workflows/definition.md", schemas));
  const rows = [...text.matchAll(/^\| (`[^|]*)\|/gm)];
  const documented = new Set(rows.flatMap(([, cell]) => [...cell!.matchAll(/`(\w+)`/g)].map(([, code]) => code!)));
  const sql = sqlOf("workflows");
  assert.deepEqual([...documented].filter((code) => !new RegExp(`['"]${code}['"]`).test(sql)), []);
  // where pgTAP proves that each code of the sources has a case
  const cases = await Deno.readTextFile(
    new URL("../tests/workflows/every_problem_of_a_definition_is_told_at_once.test.sql", schemas),
  );
  const found = new Set([...cases.matchAll(/['"{,]([a-z]+(?:_[a-z]+)+) [\w-]+ \$/g)].map(([, code]) => code!));
  assert.ok(found.size > 30);
  assert.deepEqual([...found].filter((code) => !documented.has(code)), []);
});
