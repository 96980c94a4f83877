import assert from "node:assert/strict";
import { fernetKey } from "shared/fernet.ts";
import { secretsOf } from "./secrets.ts";

Deno.test("a data folder keeps its secrets, and gets those that an older stack did not have", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const made = await secretsOf(folder);
    assert.ok(fernetKey(made.encryption_keys));
    assert.deepEqual(await secretsOf(folder), made);
    const { encryption_keys: _, ...older } = made;
    await Deno.writeTextFile(`${folder}/secrets.json`, JSON.stringify(older));
    const completed = await secretsOf(folder);
    assert.deepEqual({ ...completed, encryption_keys: "" }, { ...made, encryption_keys: "" });
    assert.ok(fernetKey(completed.encryption_keys));
    assert.deepEqual(await secretsOf(folder), completed);
    assert.equal((await Deno.stat(`${folder}/secrets.json`)).mode! & 0o777, 0o600);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
