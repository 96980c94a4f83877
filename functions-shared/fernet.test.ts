import assert from "node:assert/strict";
import { utf8 } from "./encoding.ts";
import { decryptWith, encryptWith, FernetError, fernetKey, keyRing, newFernetKey } from "./fernet.ts";

const secret = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
const key = fernetKey(secret)!;
const token = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

Deno.test("the specification's vectors: generate and verify", async () => {
  const iv = Uint8Array.from({ length: 16 }, (_, i) => i);
  assert.equal(await encryptWith(key, utf8("hello"), 499162800, iv), token);
  assert.equal(new TextDecoder().decode((await decryptWith(key, token))!), "hello");
});

// its two tokens that are only too old or too new are none of ours: what is stored stays good
const invalid = {
  "incorrect MAC":
    "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
  "too short": "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
  "invalid base64":
    "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
  "payload size not a multiple of the block size":
    "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
  "payload padding error":
    "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
  "incorrect IV":
    "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
};
for (const [name, odd] of Object.entries(invalid)) {
  Deno.test(`the specification's invalid token: ${name}`, async () => {
    assert.equal(await decryptWith(key, odd), null);
  });
}

Deno.test("a token that differs anywhere is refused", async () => {
  const bytes = Uint8Array.fromBase64(token, { alphabet: "base64url" });
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at]! ^= 1;
    assert.equal(await decryptWith(key, changed.toBase64({ alphabet: "base64url" })), null, `byte ${at}`);
  }
  for (const odd of ["", "x", token.slice(0, 40), `${token}A`, `${token} `]) {
    assert.equal(await decryptWith(key, odd), null);
  }
});

Deno.test("the newest key of a ring encrypts, all decrypt", async () => {
  const [old, recent] = [newFernetKey(), newFernetKey()];
  const before = await keyRing([old]).encrypt("a secret");
  const ring = keyRing([recent, old]);
  assert.equal(await ring.decrypt(before), "a secret");
  const after = await ring.encrypt("ümläut");
  assert.equal(await keyRing([recent]).decrypt(after), "ümläut");
  await assert.rejects(keyRing([old]).decrypt(after), FernetError);
  await assert.rejects(keyRing([]).encrypt("x"), FernetError);
  assert.notEqual(await ring.encrypt("same"), await ring.encrypt("same"), "no two tokens are alike");
});

Deno.test("a key that is none is refused, and not repeated in the error", () => {
  for (const odd of ["", "short", secret.slice(4), `${secret.slice(0, -1)}!`]) {
    assert.throws(
      () => keyRing([odd]),
      (error: Error) => error instanceof FernetError && !error.message.includes("short"),
    );
  }
});
