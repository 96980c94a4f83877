import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { md5Prefix } from "./md5.ts";

Deno.test("it is the beginning of MD5, for every length around a block and beyond ASCII", () => {
  const texts = Array.from({ length: 200 }, (_, length) => "x".repeat(length));
  for (const text of [...texts, "é".repeat(100), "日本語", "👍".repeat(300), "a\0b"]) {
    const digest = createHash("md5").update(text).digest();
    assert.deepEqual(md5Prefix(text), { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) }, text);
  }
});
