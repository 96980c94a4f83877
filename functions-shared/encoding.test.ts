import assert from "node:assert/strict";
import { fromBase64, fromBase64Url, fromHex, toBase64, toBase64Url } from "./encoding.ts";

Deno.test("agrees with the platform's own, where it has them", () => {
  for (const size of [1, 2, 3, 31, 32, 33, 70_000]) {
    const bytes = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)));
    assert.equal(toBase64(bytes), bytes.toBase64());
    assert.equal(toBase64Url(bytes), bytes.toBase64({ alphabet: "base64url" }));
    assert.deepEqual(fromBase64(bytes.toBase64()), bytes);
    assert.deepEqual(fromBase64(bytes.toBase64({ omitPadding: true })), bytes);
    assert.deepEqual(fromBase64Url(bytes.toBase64({ alphabet: "base64url" })), bytes);
    assert.deepEqual(fromHex(bytes.toHex()), bytes);
    assert.deepEqual(fromHex(bytes.toHex().toUpperCase()), bytes);
  }
});

Deno.test("what is none is null", () => {
  for (const text of ["", "=", "A", "A=", "AA=A", "AAA==", "A AA", "AAA\n", "ÄÄ", "%%%%", "AA==="]) {
    assert.equal(fromBase64(text), null, text);
    assert.equal(fromBase64Url(text), null, text);
  }
  assert.equal(fromBase64("-_-_"), null);
  assert.equal(fromBase64Url("+/+/"), null);
  for (const text of ["", "0", "0g", "00 ", " 00", "0x00", "é0"]) assert.equal(fromHex(text), null, text);
});
