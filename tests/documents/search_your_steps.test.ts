// docs/search-your-steps.md does what it says: its commands run from top to bottom, on a stack of their own because they
// change the model, and answer what is shown.
import assert from "node:assert/strict";
import { checkout, state } from "../../scripts/stack/places.ts";
import { ownStack } from "../own_stack.ts";
import { stack } from "../stack.ts";

const page = Deno.readTextFileSync(new URL("../../docs/search-your-steps.md", import.meta.url));
const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, text]) => ({ kind: kind!, text: text! }));

/** Ids, times and cursors are others each time, fractions a little; the rest is as shown, as far as it is shown. */
function assertShown(shown: unknown, given: unknown, path: string): void {
  if (typeof shown === "object" && shown !== null) {
    assert.ok(typeof given === "object" && given !== null, `${path}: ${JSON.stringify(given)}`);
    if (Array.isArray(shown)) assert.equal((given as unknown[]).length, shown.length, `${path}: how many`);
    for (const [key, value] of Object.entries(shown)) {
      assert.ok(key in given, `${path}.${key} is not there`);
      assertShown(value, (given as Record<string, unknown>)[key], `${path}.${key}`);
    }
  } else if (typeof shown === "number" && typeof given === "number") {
    const most = Number.isInteger(shown) ? 0 : 0.005 * Math.abs(shown);
    assert.ok(Math.abs(shown - given) <= most, `${path}: ${given} is not ${shown}`);
  } else if (typeof shown === "string" && shown.endsWith("...")) {
    assert.equal(typeof given, "string", path);
  } else assert.deepEqual(withoutIds(given), withoutIds(shown), path);
}

const withoutIds = (value: unknown) =>
  typeof value === "string" ? value.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>") : value;

Deno.test({
  name: "the page about searching steps shows what happens",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using _own = await ownStack();
    const details = stack();
    const folder = await Deno.makeTempDir({ dir: state, prefix: "page-" });
    try {
      await Deno.writeTextFile(`${folder}/stack.json`, JSON.stringify(details));
      const here = (text: string) => text.replace(/(?:\.\/)?\.tandem\//g, `${folder}/`);
      let script = "set -eo pipefail\n";
      for (const [n, { kind, text }] of blocks.entries()) {
        if (kind === "sh") script += `exec >"${folder}/${n}.out"\n${here(text)}\n`;
        if (kind !== "js") continue;
        await Deno.writeTextFile(`${folder}/${n}.mjs`, here(text));
        script += `exec >"${folder}/${n}.out"\n"$DENO" run -A "${folder}/${n}.mjs"\n`;
      }
      const { endpoint, bucket, access_key_id, secret_access_key } = details.s3;
      const { success, stderr } = await new Deno.Command("bash", {
        args: ["-c", script],
        cwd: checkout,
        signal: AbortSignal.timeout(180_000),
        env: {
          DENO: Deno.execPath(),
          // what a command would take from .tandem/stack.json
          DATABASE_URL: details.database_url,
          S3_ENDPOINT: endpoint,
          S3_BUCKET: bucket,
          S3_ACCESS_KEY_ID: access_key_id,
          S3_SECRET_ACCESS_KEY: secret_access_key,
        },
      }).output();
      const said = new TextDecoder().decode(stderr);

      let compared = 0;
      for (const [n, { kind, text }] of blocks.entries()) {
        if (kind !== "json" && kind !== "text") continue;
        const output = await Deno.readTextFile(`${folder}/${n - 1}.out`).catch(() => "(did not run)");
        if (kind === "text") assert.equal(output.trim(), text.trim());
        else {
          // before it psql may say that it has called a function
          const json = /^[[{][^]*/m.exec(output)?.[0];
          assert.ok(json, `${blocks[n - 1]!.text}\n${output}\n${said}`);
          assertShown(JSON.parse(text), JSON.parse(json), `answer ${++compared}: $`);
        }
      }
      assert.ok(success, said);
      assert.ok(compared > 15, `${compared} answers were compared`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
