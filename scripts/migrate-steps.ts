// `npm run migrate:steps -- --from <URL or file> --workspace <id>`: takes steps over from a table with the columns of
// the guide's workflow_steps, in another database or this one, or from a file of JSON lines. It may be stopped at any
// time and goes on where it was. Ends with 0, with 2 where rows failed, with 1 where it could not go on.
import { parseArgs } from "node:util";
import { createHash } from "node:crypto";
import { createObjectStore, type ObjectSettings } from "shared/objects.ts";
import { type Counts, migrateSteps } from "./migrate_steps/migrate.ts";
import { fileSource, tableSource } from "./migrate_steps/source.ts";
import { main, makeFolder, Problem, state } from "./stack/places.ts";
import { runningDetails } from "./stack/running.ts";

const usage = `npm run migrate:steps -- --from <source> --workspace <id> [options]

--from <source>        URL of a Postgres, a file of JSON lines, or "target": a table of the target itself
--workspace <id>       whose steps they become
--table <name>         (workflow_steps)   the table, with its schema where it is not on the search path
--key <column>         (id)               a unique, indexed column to go through it by
--to <URL>             (DATABASE_URL, else the local stack)   the target, as role postgres
--batch <n>            (100)              rows at once
--vectors <model/n>    take over definition_embedding and workflow_embedding, which are of this model and dimension;
                       without it they are computed anew
--source-bucket <name> where the objects lie that state_object_key and outcome_diff_key name (S3_BUCKET)
--state <file>         where progress is noted (.tandem/migrate-steps-<source>.json)
--restart              from the first row on; what is there already is passed over, what failed is tried again
--dry-run              reads and checks everything, writes nothing

Large values (current_state or large_state, outcome_diff) go to S3_ENDPOINT, S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID,
S3_SECRET_ACCESS_KEY; on the local stack these are known.`;

await main(async () => {
  const { values } = readArguments();
  if (values.help) return void console.log(usage);
  const local = await runningDetails();
  const databaseUrl = values.to ?? Deno.env.get("DATABASE_URL") ?? local?.database_url;
  if (!databaseUrl) throw new Problem("No target: give --to, set DATABASE_URL, or start the local stack (npm start).");
  if (!values.from || !values.workspace) throw new Problem(usage);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(values.workspace)) {
    throw new Problem("--workspace is not a UUID.");
  }
  const batchSize = Number(values.batch);
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 5_000) {
    throw new Problem("--batch is not a whole number from 1 to 5000.");
  }
  const vectors = /^([^/]+(?:\/[^/]+)*)\/(\d+)$/.exec(values.vectors ?? "");
  if (values.vectors && !vectors) throw new Problem("--vectors is not like text-embedding-3-small/768.");

  const isTable = values.from === "target" || /^postgres(ql)?:/.test(values.from);
  const sourceUrl = values.from === "target" ? databaseUrl : values.from;
  if (isTable && /^(public\.)?workflow_steps$/.test(values.table) && samePlace(sourceUrl, databaseUrl)) {
    throw new Problem("The source is the target's own table: name another with --table.");
  }
  await using source = isTable ? await tableSource(sourceUrl, values.table, values.key) : await fileSource(values.from);

  const settings = objectSettings(local?.s3);
  const objects = settings && createObjectStore(settings);
  const sourceObjects = settings && values["source-bucket"]
    ? createObjectStore({ ...settings, bucket: values["source-bucket"] })
    : null;
  const digest = createHash("sha256").update(`${source.name} ${values.workspace}`).digest("hex").slice(0, 12);
  if (!values.state) await makeFolder(state);
  const stateFile = values.state ?? `${state}/migrate-steps-${digest}.json`;
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stopping.abort());

  const bar = progressBar();
  const failures = `${stateFile}.errors.jsonl`;
  if (values.restart || values["dry-run"]) await Deno.remove(failures).catch(() => {});
  const counts = await migrateSteps({
    source,
    databaseUrl,
    workspaceId: values.workspace,
    objects,
    sourceObjects,
    batchSize,
    vectors: vectors && { model: vectors[1]!, dimensions: Number(vectors[2]) },
    dryRun: values["dry-run"],
    restart: values.restart,
    stateFile,
    signal: stopping.signal,
    progress: bar.show,
    failed(failure) {
      bar.say(`row ${failure.id ?? failure.cursor}: ${failure.code}: ${failure.message}`);
      Deno.writeTextFileSync(failures, JSON.stringify(failure) + "\n", { append: true });
    },
  });
  bar.end();
  objects?.close();
  sourceObjects?.close();
  console.log(
    `${counts.read} read, ${counts.imported} ${values["dry-run"] ? "would be imported" : "imported"}, ` +
      `${counts.present} were there, ${counts.failed} failed, ${counts.uploaded} objects` +
      (counts.failed > 0 ? ` (${failures})` : ""),
  );
  if (stopping.signal.aborted) {
    console.log("Stopped: run the same command to go on.");
    return 130;
  }
  return counts.failed > 0 ? 2 : 0;
});

function readArguments() {
  try {
    return parseArgs({
      args: Deno.args,
      options: {
        from: { type: "string" },
        to: { type: "string" },
        workspace: { type: "string" },
        table: { type: "string", default: "workflow_steps" },
        key: { type: "string", default: "id" },
        batch: { type: "string", default: "100" },
        vectors: { type: "string" },
        "source-bucket": { type: "string" },
        state: { type: "string" },
        restart: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Problem(`${(error as Error).message}\n\n${usage}`);
  }
}

function objectSettings(
  local?: { endpoint: string; bucket: string; access_key_id: string; secret_access_key: string },
): ObjectSettings | null {
  const [endpoint, bucket, accessKeyId, secretAccessKey] = [
    "S3_ENDPOINT",
    "S3_BUCKET",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
  ].map((name) => Deno.env.get(name));
  const region = Deno.env.get("S3_REGION") ?? "auto";
  if (endpoint && bucket && accessKeyId && secretAccessKey) {
    return { endpoint, bucket, region, accessKeyId, secretAccessKey };
  }
  if (!local) return null;
  return {
    endpoint: local.endpoint,
    bucket: local.bucket,
    region: "auto",
    accessKeyId: local.access_key_id,
    secretAccessKey: local.secret_access_key,
  };
}

function samePlace(a: string, b: string): boolean {
  const [one, other] = [new URL(a), new URL(b)];
  return one.host === other.host && one.pathname === other.pathname;
}

/** A bar on a terminal, a line now and then elsewhere. */
function progressBar() {
  const isTerminal = Deno.stderr.isTerminal();
  const began = performance.now();
  const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  let before: number | null = null;
  let line = "";
  let shownAt = -Infinity;
  return {
    show(counts: Counts, total: number) {
      before ??= counts.read;
      const share = total > 0 ? Math.min(counts.read / total, 1) : 1;
      const perSecond = (counts.read - before) / Math.max((performance.now() - began) / 1000, 0.001);
      const filled = Math.round(share * 30);
      line =
        `[${"#".repeat(filled)}${"-".repeat(30 - filled)}] ${counts.read}/${total} ${Math.floor(share * 100)} %, ` +
        `${Math.round(perSecond)}/s, ${counts.failed} failed`;
      if (isTerminal) write(`\x1b[2K\r${line}`);
      else if (performance.now() - shownAt > 5_000 || share === 1) {
        shownAt = performance.now();
        write(`${line}\n`);
      }
    },
    say(text: string) {
      write(isTerminal ? `\x1b[2K\r${text}\n${line}` : `${text}\n`);
    },
    end() {
      if (isTerminal) write("\n");
    },
  };
}
