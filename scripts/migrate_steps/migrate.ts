// Takes steps over in batches. Each batch is read behind the last one that was noted, its large values are uploaded, and
// its rows inserted in one transaction; then it is noted. What is done twice, after a crash between two of these, changes
// nothing: ids stay, and what is there already is passed over.
import postgres from "postgres";
import { ApiError, isConnectionLoss } from "shared/errors.ts";
import { storableJson } from "shared/json.ts";
import { type ObjectStore, ObjectStoreError, pack, type PackedObject } from "shared/objects.ts";
import { Problem } from "../stack/places.ts";
import { convert, type ImportedStep, type LargeValue } from "./row.ts";
import type { Source, SourceRow } from "./source.ts";

export interface MigrationOptions {
  source: Source;
  /** The target, as its operator. */
  databaseUrl: string;
  workspaceId: string;
  /** Where large values go, and where the objects lie that rows name; null: rows must have neither. */
  objects: ObjectStore | null;
  sourceObjects?: ObjectStore | null;
  batchSize: number;
  /** Vectors of this model are taken over; without it all are computed anew. */
  vectors: { model: string; dimensions: number } | null;
  dryRun: boolean;
  /** Where progress is noted; null where it is not. */
  stateFile: string | null;
  /** Begins at the first row, whatever was noted. */
  restart: boolean;
  signal?: AbortSignal;
  progress?: (counts: Counts, total: number) => void;
  failed?: (failure: Failure) => void;
}

export interface Counts {
  read: number;
  imported: number;
  /** Were there before. */
  present: number;
  failed: number;
  uploaded: number;
}

export interface Failure {
  cursor: string;
  id: unknown;
  code: string;
  message: string;
  problems?: unknown;
}

interface State {
  source: string;
  workspace: string;
  after: string | null;
  counts: Counts;
}

interface Candidate {
  cursor: string;
  step: ImportedStep;
  large: LargeValue[];
}

const uploadsAtOnce = 8;

export async function migrateSteps(options: MigrationOptions): Promise<Counts> {
  const { source, workspaceId, objects, vectors, dryRun, stateFile, signal } = options;
  const sql = postgres(options.databaseUrl, { max: 1, onnotice() {}, connect_timeout: 10, fetch_types: false });
  try {
    await checkTarget();
    const state = await readState();
    const total = await source.count();
    const { counts } = state;
    options.progress?.(counts, total);
    for await (const rows of source.batches(state.after, options.batchSize)) {
      await migrateBatch(rows, counts);
      state.after = rows.at(-1)!.cursor;
      if (stateFile && !dryRun) await writeState(stateFile, state);
      options.progress?.(counts, total);
      if (signal?.aborted) break;
    }
    return counts;
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (isConnectionLoss(error)) throw new Problem(`The database is away: ${(error as Error).message}. Run it again.`);
    if (error instanceof ObjectStoreError) throw new Problem(`${error.message}. Run it again when it is there.`);
    throw error;
  } finally {
    await sql.end({ timeout: 2 });
  }

  async function checkTarget(): Promise<void> {
    const [row] = await sql`
      select to_regprocedure('search.import_steps(uuid,jsonb,text,integer)') is not null as is_tandem,
        pg_has_role(current_user, 'postgres', 'member') as is_operator`;
    if (!row!.is_tandem) throw new Problem("The target database has no Tandem, or an older one: apply the migrations.");
    if (!row!.is_operator) throw new Problem("The target has to be reached as role postgres.");
    const [workspace] = await sql`select id from public.workspaces where id = ${workspaceId}`;
    if (!workspace) throw new Problem(`There is no workspace ${workspaceId}.`);
    if (!vectors) return;
    const models = await sql`
      select m.name, m.dimensions from search.embedding_sources s
      join search.embedding_models m on m.id = s.serving_model
      where s.name in ('steps.definition', 'steps.workflow')`;
    const other = models.find(({ name, dimensions }) => name !== vectors.model || dimensions !== vectors.dimensions);
    if (other) {
      throw new Problem(
        `Steps are searched by ${other.name}/${other.dimensions}, not by ${vectors.model}/${vectors.dimensions}. ` +
          "Change it with search.set_model() first, or leave --vectors out: then all vectors are computed.",
      );
    }
  }

  async function readState(): Promise<State> {
    const fresh: State = {
      source: source.name,
      workspace: workspaceId,
      after: null,
      counts: { read: 0, imported: 0, present: 0, failed: 0, uploaded: 0 },
    };
    if (stateFile === null || options.restart || dryRun) return fresh;
    const text = await Deno.readTextFile(stateFile).catch(() => null);
    if (text === null) return fresh;
    const state: State = JSON.parse(text);
    if (state.source !== fresh.source || state.workspace !== fresh.workspace) {
      throw new Problem(
        `${stateFile} is about ${state.source} and workspace ${state.workspace}: name another --state.`,
      );
    }
    return state;
  }

  async function migrateBatch(rows: SourceRow[], counts: Counts): Promise<void> {
    const fail = (failure: Failure) => {
      counts.failed++;
      options.failed?.(failure);
    };
    const candidates = new Map<string, Candidate>();
    for (const { cursor, row } of rows) {
      counts.read++;
      const converted = convert(row);
      if ("problems" in converted) {
        const { problems } = converted;
        const message = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
        fail({ cursor, id: row?.id, code: "row_invalid", message, problems });
      } else if (candidates.has(converted.step.id)) {
        fail({ cursor, id: converted.step.id, code: "id_taken", message: "Another row of the source has this id" });
      } else candidates.set(converted.step.id, { cursor, ...converted });
    }

    const ids = JSON.stringify([...candidates.keys()]);
    const known = await sql`
      select s.id, s.workspace_id from public.workflow_steps s
      where s.id = any (array(select jsonb_array_elements_text(${ids}::text::jsonb)::uuid))`;
    for (const { id, workspace_id } of known) {
      const { cursor } = candidates.get(id)!;
      candidates.delete(id);
      if (workspace_id === workspaceId) counts.present++;
      else fail({ cursor, id, code: "id_taken", message: "Another workspace has a step with this id" });
    }

    const packed = await packAll(candidates, fail);
    if (dryRun) {
      counts.imported += candidates.size;
      counts.uploaded += packed.length;
      return;
    }
    await upload(packed, candidates, fail);
    counts.uploaded += packed.filter(({ id }) => candidates.has(id)).length;
    await insert([...candidates.values()], counts, fail);
  }

  type Packed = { id: string; kind: LargeValue["kind"]; object: PackedObject };

  async function packAll(candidates: Map<string, Candidate>, fail: (failure: Failure) => void): Promise<Packed[]> {
    const packed: Packed[] = [];
    for (const [id, { cursor, large }] of candidates) {
      try {
        for (const { kind, value, objectKey } of large) {
          if (!objects) {
            throw new Problem(
              "Rows have large values: set S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.",
            );
          }
          const content = objectKey === undefined ? value : await (options.sourceObjects ?? objects).read(objectKey);
          packed.push({ id, kind, object: await pack(content) });
        }
      } catch (error) {
        // One object's fault is its row's; a storage that is away is the migration's.
        if (!(error instanceof ObjectStoreError) || error.code === "object_store_unavailable") throw error;
        candidates.delete(id);
        fail({ cursor, id, code: error.code, message: error.message });
      }
    }
    return packed.filter(({ id }) => candidates.has(id));
  }

  async function upload(packed: Packed[], candidates: Map<string, Candidate>, fail: (failure: Failure) => void) {
    if (packed.length === 0) return;
    const announced = packed.map(({ id, kind, object }) => ({ step_id: id, kind, sha256: object.sha256 }));
    const [row] = await sql`
      select to_jsonb(search.begin_import(${workspaceId}, ${JSON.stringify(announced)}::text::jsonb)) as busy`;
    for (const id of row!.busy as string[]) {
      const { cursor } = candidates.get(id)!;
      candidates.delete(id);
      fail({ cursor, id, code: "object_busy", message: "Its old object is just being deleted: import it in a minute" });
    }
    const left = packed.filter(({ id }) => candidates.has(id)).values();
    const work = async () => {
      for (const { id, kind, object } of left) await objects!.put(`${id}_${kind}.json.gz`, object);
    };
    await Promise.all(Array.from({ length: uploadsAtOnce }, work));
    await sql`select search.confirm_uploads(${JSON.stringify(announced)}::text::jsonb)`;
  }

  async function insert(candidates: Candidate[], counts: Counts, fail: (failure: Failure) => void): Promise<void> {
    if (candidates.length === 0) return;
    try {
      const steps = storableJson(candidates.map(({ step }) => step));
      const [row] = await sql`
        select cardinality(search.import_steps(${workspaceId}, ${steps}::text::jsonb,
          ${vectors?.model ?? null}, ${vectors?.dimensions ?? null})) as inserted`;
      counts.imported += row!.inserted;
      counts.present += candidates.length - row!.inserted;
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
      if (candidates.length === 1) {
        const [{ cursor, step }] = candidates as [Candidate];
        const { code, message, detail } = error as { code?: string; message: string; detail?: string };
        return fail({
          cursor,
          id: step.id,
          code: error instanceof ApiError ? error.code : detail || code || "error",
          message,
        });
      }
      // One of them: the halves tell which.
      const middle = candidates.length >> 1;
      await insert(candidates.slice(0, middle), counts, fail);
      await insert(candidates.slice(middle), counts, fail);
    }
  }
}

async function writeState(file: string, state: State): Promise<void> {
  const draft = `${file}.draft`;
  await Deno.writeTextFile(draft, JSON.stringify(state, null, 2));
  await Deno.rename(draft, file);
}
