// Where steps come from: a table with whatever columns it has, or a file of JSON lines.
import postgres from "postgres";
import { isObject } from "shared/json.ts";
import { Problem } from "../stack/places.ts";

export interface SourceRow {
  /** What reading goes on behind: the row's key, or its line. */
  cursor: string;
  /** Null where it is no JSON object. */
  row: Record<string, unknown> | null;
}

export interface Source extends AsyncDisposable {
  /** Names it, without secrets. */
  name: string;
  count(): Promise<number>;
  /** In the order of the cursors, behind one of them. */
  batches(after: string | null, size: number): AsyncIterable<SourceRow[]>;
}

const identifier = /^[A-Za-z_][\w$]*$/;

/** `table` may have a schema; `key` is a unique column that can be ordered, with an index. */
export async function tableSource(url: string, table: string, key: string): Promise<Source> {
  const parts = table.split(".");
  if (parts.length > 2 || ![...parts, key].every((part) => identifier.test(part))) {
    throw new Problem(`${table} or ${key} is not a name. Give --table schema.table and --key column.`);
  }
  const sql = postgres(url, { max: 1, onnotice() {}, connect_timeout: 10, fetch_types: false });
  try {
    const [column] = await sql`
      select format_type(a.atttypid, a.atttypmod) as type
      from pg_attribute a
      where a.attrelid = to_regclass(${table}) and a.attname = ${key} and not a.attisdropped`;
    if (!column) throw new Problem(`There is no table ${table} with a column ${key}.`);
    const { host } = new URL(url);
    const [from, by] = [sql(table), sql(key)];
    const type = sql.unsafe(column.type);
    return {
      name: `${host}/${new URL(url).pathname.slice(1)} ${table}`,
      async count() {
        return Number((await sql`select count(*) as n from ${from}`)[0]!.n);
      },
      async *batches(after, size) {
        for (;;) {
          const behind = after === null ? sql`` : sql`where t.${by} > ${after}::text::${type}`;
          const rows = await sql`
            select t.${by}::text as cursor, to_jsonb(t)::text as row
            from ${from} t ${behind} order by t.${by} limit ${size}`;
          if (rows.length === 0) return;
          after = rows.at(-1)!.cursor;
          yield rows.map(({ cursor, row }) => ({ cursor, row: JSON.parse(row) }));
        }
      },
      [Symbol.asyncDispose]: () => sql.end({ timeout: 2 }),
    };
  } catch (error) {
    await sql.end({ timeout: 2 });
    if (error instanceof Problem) throw error;
    throw new Problem(`The source cannot be read: ${(error as Error).message}.`);
  }
}

export async function fileSource(path: string): Promise<Source> {
  const { isFile } = await Deno.stat(path).catch(() => ({ isFile: false }));
  if (!isFile) throw new Problem(`${path} is neither a file nor the URL of a Postgres.`);
  return {
    name: await Deno.realPath(path),
    async count() {
      let lines = 0;
      for await (const line of linesOf(path)) if (line.trim() !== "") lines++;
      return lines;
    },
    async *batches(after, size) {
      let batch: SourceRow[] = [];
      let number = 0;
      for await (const line of linesOf(path)) {
        number++;
        if (number <= Number(after ?? 0) || line.trim() === "") continue;
        batch.push({ cursor: String(number), row: objectIn(line) });
        if (batch.length < size) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

async function* linesOf(path: string): AsyncIterable<string> {
  let rest = "";
  const file = await Deno.open(path);
  for await (const chunk of file.readable.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
