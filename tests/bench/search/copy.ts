// COPY in PostgreSQL's binary format, a connection for each table.
import type { Writable } from "node:stream";
import type postgres from "postgres";

export interface Copy {
  add(tuple: Tuple): void;
  /** Sends what was added; waits until the server keeps up. */
  flush(): Promise<void>;
  /** Commits, and ends the connection. */
  end(): Promise<void>;
}

/** Triggers rest: neither jobs nor checks of foreign keys are made for the rows. */
export async function copyInto(sql: postgres.Sql, table: string, columns: string[]): Promise<Copy> {
  await sql`set session_replication_role = replica`;
  const stream: Writable = await sql.unsafe(`copy ${table} (${columns.join(", ")}) from stdin with (format binary)`)
    .writable();
  let failure: Error | null = null;
  let goOn = () => {};
  stream.on("error", (error) => (failure ??= error, goOn()));
  stream.on("drain", () => goOn());
  stream.on("finish", () => goOn());
  const head = [...new TextEncoder().encode("PGCOPY\n"), 0xff, 0x0d, 0x0a, 0, ...Array(8).fill(0)];
  let waiting: Uint8Array[] = [Uint8Array.from(head)];
  const flush = async () => {
    if (waiting.length > 0 && !stream.write(Buffer.concat(waiting))) {
      await new Promise<void>((resolve) => goOn = resolve);
    }
    waiting = [];
    if (failure) throw failure;
  };
  return {
    add: (tuple) => waiting.push(tuple.bytes(columns.length)),
    flush,
    async end() {
      waiting.push(Uint8Array.from([0xff, 0xff]));
      await flush();
      await new Promise<void>((resolve) => {
        goOn = resolve;
        stream.end();
      });
      // the command is over when the next one is
      await sql`select 1`;
      if (failure) throw failure;
      await sql.end();
    },
  };
}

/** What Postgres counts time from, in milliseconds. */
const epoch = Date.UTC(2000, 0, 1);
const encoder = new TextEncoder();

/** The values of a row, in the order of the columns. */
export class Tuple {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #at = 2;
  #count = 0;

  #field(length: number): number {
    this.#count++;
    if (this.#at + length + 4 > this.#bytes.length) {
      const grown = new Uint8Array(2 * (this.#at + length + 4));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#view.setInt32(this.#at, length);
    const start = this.#at + 4;
    this.#at = start + Math.max(0, length);
    return start;
  }

  null(): this {
    this.#field(-1);
    return this;
  }
  raw(value: Uint8Array): this {
    const start = this.#field(value.length);
    this.#bytes.set(value, start);
    return this;
  }
  text(value: string): this {
    return this.raw(encoder.encode(value));
  }
  uuid(value: string): this {
    return this.raw(Buffer.from(value.replaceAll("-", ""), "hex"));
  }
  int2(value: number): this {
    const start = this.#field(2);
    this.#view.setInt16(start, value);
    return this;
  }
  int4(value: number): this {
    const start = this.#field(4);
    this.#view.setInt32(start, value);
    return this;
  }
  timestamp(milliseconds: number): this {
    const start = this.#field(8);
    this.#view.setBigInt64(start, BigInt(Math.round(milliseconds - epoch)) * 1000n);
    return this;
  }
  /** From 0 to 9999, with four decimals. */
  numeric(value: number): this {
    const scaled = Math.round(value * 10_000);
    const start = this.#field(12);
    [2, 0, 0, 4, Math.floor(scaled / 10_000), scaled % 10_000].forEach((part, i) =>
      this.#view.setInt16(start + 2 * i, part)
    );
    return this;
  }
  vector(value: Float32Array): this {
    const start = this.#field(4 + 4 * value.length);
    this.#view.setInt32(start, value.length << 16);
    for (let i = 0; i < value.length; i++) this.#view.setFloat32(start + 4 + 4 * i, value[i]!);
    return this;
  }
  halfvec(value: Float32Array): this {
    const start = this.#field(4 + 2 * value.length);
    this.#view.setInt32(start, value.length << 16);
    for (let i = 0; i < value.length; i++) this.#view.setFloat16(start + 4 + 2 * i, value[i]!);
    return this;
  }

  bytes(columns: number): Uint8Array {
    if (this.#count !== columns) throw new Error(`${this.#count} values for ${columns} columns.`);
    this.#view.setInt16(0, columns);
    return this.#bytes.subarray(0, this.#at);
  }
}
