import assert from "node:assert/strict";
import { lexicalWords, localLexical } from "./local_lexical.ts";

const cosine = (a: string, b: string, dimensions = 768) => {
  const other = localLexical(b, dimensions);
  return localLexical(a, dimensions).reduce((sum, value, i) => sum + value * other[i]!, 0);
};

Deno.test("every vector has length 1, even of texts without a word", () => {
  for (const text of ["", " ", "!!", "of the", "👍", "Save", "\0", "\ud800", "word ".repeat(10_000)]) {
    for (const dimensions of [1, 2, 384, 768, 1536]) {
      const vector = localLexical(text, dimensions);
      assert.equal(vector.length, dimensions);
      assert.ok(vector.every(Number.isFinite));
      assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5, JSON.stringify([text, dimensions]));
    }
  }
});

Deno.test("what is said in other words is nearer than what is something else", () => {
  for (
    const [text, same, other] of [
      ["Save", "save", "settings"],
      ["save the document", "store the file", "open settings"],
      ["sign in to the portal", "log in to the website", "log out of the portal"],
      ["delete the row", "remove the record", "create a record"],
      ["click the saveButton", "press the save button", "click the cancel button"],
      ["Größe ändern", "GROSSE ANDERN", "Farbe wählen"],
      ["設定を保存する", "設定の保存", "画面を閉じる"],
    ] as const
  ) {
    assert.ok(cosine(text, same) > cosine(text, other) + 0.1, `${text}: ${cosine(text, same)} ${cosine(text, other)}`);
  }
});

Deno.test("a word more often counts more, but not as often", () => {
  assert.ok(cosine("save save save folder", "save") > cosine("save folder", "save"));
  assert.ok(cosine("save ".repeat(1_000) + "folder", "folder") > 0.02);
});

Deno.test("words are small, without accents and marks, in pieces of at most 64 characters", () => {
  assert.deepEqual(lexicalWords("Crème-Brûlée saveButton ＡＢＣ１ Ёлка Σίσυφος"), [
    "creme",
    "brulee",
    "save",
    "button",
    "abc1",
    "елка",
    "σισυφοσ",
  ]);
  assert.deepEqual(lexicalWords("e\u0301te\u0301"), ["ete"]);
  assert.deepEqual(lexicalWords("x".repeat(130)).map((word) => word.length), [64, 64, 2]);
  assert.deepEqual(lexicalWords("😀".repeat(65)).map((word) => [...word].length), [64, 1]);
  assert.deepEqual(lexicalWords("保存、設定 👩‍👧"), ["保存", "設定", "👩", "👧"]);
});
