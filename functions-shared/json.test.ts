import assert from "node:assert/strict";
import { isTooDeep, maximumDepth, parseJson, storableJson } from "./json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const code = (input: Uint8Array) => {
  try {
    parseJson(input);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

Deno.test("parses JSON, with a byte order mark too", () => {
  assert.deepEqual(parseJson(bytes('\ufeff{"a":[1,"ü"]}')), { a: [1, "ü"] });
});

Deno.test("refuses what is not JSON, and does not quote it", () => {
  for (const text of ["", "  ", "{", "{'a':1}", '{"a":1}x']) assert.equal(code(bytes(text)), "json_invalid", text);
  assert.equal(code(new Uint8Array([0x22, 0xff, 0x22])), "json_invalid");
  try {
    parseJson(bytes('{"password":"hunter2" oops}'));
    assert.fail();
  } catch (error) {
    const { message, details } = error as { message: string; details: unknown };
    assert.ok(!JSON.stringify([message, details]).includes("hunter2"));
  }
});

Deno.test("counts depth outside of strings only", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(code(bytes(nested(maximumDepth))), undefined);
  assert.equal(code(bytes(nested(maximumDepth + 1))), "json_too_deep");
  assert.equal(code(bytes("[".repeat(900_000))), "json_too_deep");
  assert.equal(isTooDeep(JSON.stringify('[[[[\\"[[['), 2), false);
  assert.equal(isTooDeep("[[1],[2],{}]", 2), false);
});

Deno.test("replaces only what jsonb cannot store", () => {
  assert.equal(storableJson({ "a\0": ["b\0c", "\ud800", "😀"] }), '{"a\ufffd":["b\ufffdc","\ufffd","😀"]}');
  assert.equal(storableJson({ a: "\\u0000 as text" }), JSON.stringify({ a: "\\u0000 as text" }));
  assert.equal(storableJson(undefined), "null");
});
