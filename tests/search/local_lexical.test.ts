// local-lexical-v1 is computed in SQL for whoever asks SQL, and in TypeScript for the worker: the vectors meet, so they
// must be the same to the bit.
import assert from "node:assert/strict";
import postgres from "postgres";
import { lexicalGroups, lexicalWords, localLexical } from "shared/embeddings/local_lexical.ts";
import { random } from "../races/world.ts";
import { stack } from "../stack.ts";

const scripts = [
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x300, 0x36f],
  [0x370, 0x52f],
  [0x530, 0x6ff],
  [0x900, 0xdff],
  [0xe00, 0xe7f],
  [0x1e00, 0x1fff],
  [0x2000, 0x2bff],
  [0x3000, 0x30ff],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xfe00, 0xffff],
  [0x1d400, 0x1d7ff],
  [0x1f300, 0x1faff],
  [0xe0000, 0xe007f],
] as const;

const words = ("save Save SETTINGS saveButton log in the a of to 2022 42 iPhone e-mail naïve Straße STRASSE İstanbul " +
  "ısı Σίσυφος ΣΊΣΥΦΟΣ Ёлка ёлка 設定を保存 保存 저장 설정 حفظ الإعدادات שמור एक ไทย 👍 👩‍👩‍👧 🇩🇪 ＡＢＣ１２ ﬁle e\u0301 A\u030a \u212b")
  .split(" ");

const fixed = [
  "",
  " ",
  "!!! --- ???",
  "\t\n\r\v\f\u0085\u00a0\u2028\u3000",
  "a",
  "of the and to",
  "😀",
  "👍👍👍 🎉",
  "\u200b\ufeff\u202etxet\u202c",
  "save the document",
  "$1 \\1 ' \" % _ {} [] ^ ~ # &",
  "x".repeat(63),
  "x".repeat(64),
  "x".repeat(65),
  "設定".repeat(200),
  "𝒜".repeat(130),
  "aB".repeat(500),
  "save ".repeat(100_000),
  "é".repeat(70_000),
  "\u{1f600}".repeat(65_535) + "ab",
];

function texts(seed: number, count: number): string[] {
  const next = random(seed);
  const below = (n: number) => Math.floor(next() * n);
  const word = () => {
    if (next() < 0.5) return words[below(words.length)]!;
    const [first, last] = scripts[below(scripts.length)]!;
    return Array.from({ length: 1 + below(12) }, () => String.fromCodePoint(first + below(last - first + 1))).join("");
  };
  return Array.from(
    { length: count },
    (_, i) => Array.from({ length: i === 0 ? 10_000 : below(30) }, word).join(next() < 0.9 ? " " : ""),
  );
}

async function inSql<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(stack().database_url, { max: 1, onnotice() {}, connection: { statement_timeout: 60_000 } });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

// both sides as what is stored: halfvec
const compare = (sql: postgres.Sql, given: { text: string; vector: number[] }[], dimensions: number) =>
  sql<{ at: number }[]>`
    select g.at::int from jsonb_array_elements(${sql.json(given)}) with ordinality g (one, at)
    where search.local_lexical(g.one ->> 'text', ${dimensions}::int)::text
      is distinct from (g.one ->> 'vector')::extensions.halfvec::text`;

Deno.test("SQL and TypeScript give the same vectors to the bit, whatever the text", async () => {
  await inSql(async (sql) => {
    for (
      const [dimensions, given] of [[768, [...fixed, ...texts(1, 500)]], [384, texts(2, 50)], [1536, texts(3, 50)]]
    ) {
      const wanted = (given as string[]).map((text) => ({
        text,
        vector: Array.from(localLexical(text, dimensions as number)),
      }));
      const differing = await compare(sql, wanted, dimensions as number);
      assert.deepEqual(differing.map(({ at }) => JSON.stringify(wanted[at - 1]!.text.slice(0, 200))), []);
    }
  });
});

Deno.test("every character of Unicode is folded alike", async () => {
  await inSql(async (sql) => {
    const differing: string[] = [];
    for (let plane = 0; plane <= 16; plane++) {
      const rows = await sql<{ code: number; folded: string }[]>`
        select code, search.lexical_fold('x' || chr(code) || 'y') as folded
        from generate_series(greatest(1, ${plane * 0x10000}::int), ${plane * 0x10000 + 0xffff}::int,
          -- beyond the second plane there are no letters with cases and no marks that we know
          ${plane < 2 ? 1 : 101}::int) code
        where code not between 55296 and 57343`;
      for (const { code, folded } of rows) {
        const ours = lexicalWords(`x${String.fromCodePoint(code)}y`).join(" ");
        if (ours !== folded) differing.push(`U+${code.toString(16)} ${ours} ${folded}`);
      }
    }
    assert.deepEqual(differing, []);
  });
});

Deno.test("the lexicon is the same", async () => {
  const [row] = await inSql((sql) => sql`select search.lexical_groups() as groups`);
  assert.deepEqual(row!.groups, Object.fromEntries(lexicalGroups));
});
