// The running stack, without any key: a step gets its vector by itself, and texts become vectors for whoever asks.
import assert from "node:assert/strict";
import postgres from "postgres";
import { localLexical } from "shared/embeddings/local_lexical.ts";
import { signUp, stack, type User } from "../stack.ts";

async function embed(caller: User | "secret" | null, body: unknown) {
  const { url, publishable_key, secret_key } = stack();
  const response = await fetch(`${url}/functions/v1/embed`, {
    method: "POST",
    headers: {
      apikey: caller === "secret" ? secret_key : publishable_key,
      ...(caller && caller !== "secret" && { authorization: `Bearer ${caller.token}` }),
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  // deno-lint-ignore no-explicit-any
  return { status: response.status, headers: response.headers, body: await response.json() as any };
}

const close = (numbers: number[], vector: Float32Array) => assert.deepEqual(Float32Array.from(numbers), vector);

Deno.test("a step that a person stores has its vector soon, without a key", async () => {
  const ana = await signUp("ana");
  const { data, error } = await ana.client.from("workflow_steps").insert({
    app_name: "Files",
    window_title: "Save as",
    element_path: "/window/button",
    step_name: "Save",
    definition: "click the save button",
    workflow_name: "Save a document",
  }).select("id").single();
  assert.equal(error, null);
  const sql = postgres(stack().database_url, { max: 1, onnotice() {} });
  try {
    for (const deadline = Date.now() + 30_000;;) {
      const rows = await sql`
        select v.embedding::text as embedding, m.name from search.vectors v
        join search.embedding_models m on m.id = v.model_id
        where v.row_id = ${data!.id} and v.source_id = 1`;
      if (rows.length > 0) {
        assert.equal(rows[0]!.name, "local-lexical-v1");
        const [wanted] = await sql`select search.local_lexical('Save click the save button', 768)::text as embedding`;
        assert.equal(rows[0]!.embedding, wanted!.embedding);
        break;
      }
      assert.ok(Date.now() < deadline, "It has no vector");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await sql.end();
  }
});

Deno.test("texts become vectors of the model that steps are searched by, or of another dimension", async () => {
  const ana = await signUp("ana");
  const one = await embed(ana, { input: "save the document" });
  assert.equal(one.status, 200);
  assert.deepEqual([one.body.model, one.body.dimensions], ["local-lexical-v1", 768]);
  assert.equal(one.body.embeddings.length, 1);
  close(one.body.embeddings[0], localLexical("save the document", 768));
  assert.ok(one.body.usage.tokens > 0);
  const texts = ["設定", "👍", " ", "log in"];
  const small = await embed("secret", { input: texts, dimensions: 384 });
  assert.deepEqual([small.status, small.body.dimensions], [200, 384]);
  texts.forEach((text, i) => close(small.body.embeddings[i], localLexical(text, 384)));
  const named = await embed(ana, { input: "a", model: "local-lexical-v1", dimensions: 1536 });
  assert.equal(named.body.embeddings[0].length, 1536);
});

Deno.test("what cannot be embedded is refused with a reason", async () => {
  const ana = await signUp("ana");
  const outcome = async (body: unknown, caller: User | "secret" | null = ana) => {
    const answer = await embed(caller, body);
    return [answer.status, answer.body.error?.code ?? "ok"];
  };
  const invalid = [422, "request_invalid"];
  assert.deepEqual(await outcome({ input: "a" }, null), [401, "authentication_required"]);
  assert.deepEqual(await outcome({}), invalid);
  assert.deepEqual(await outcome({ input: "" }), invalid);
  assert.deepEqual(await outcome({ input: [] }), invalid);
  assert.deepEqual(await outcome({ input: ["a", 1] }), invalid);
  assert.deepEqual(await outcome({ input: Array(257).fill("a") }), invalid);
  assert.deepEqual(await outcome({ input: "a".repeat(65_537) }), invalid);
  assert.deepEqual(await outcome({ input: "a", colour: "red" }), invalid);
  assert.deepEqual(await outcome({ input: Array(20).fill("a".repeat(60_000)) }), [413, "body_too_large"]);
  assert.deepEqual(await outcome({ input: "a", workspace_id: crypto.randomUUID() }), [404, "workspace_not_found"]);
  const unknown = await embed(ana, { input: "a", model: "another" });
  assert.deepEqual([unknown.status, unknown.body.error.code], [404, "embedding_model_not_found"]);
  assert.ok(unknown.body.error.details.models.some(({ name }: { name: string }) => name === "local-lexical-v1"));
  assert.deepEqual(await outcome({ input: "a", dimensions: 5 }), [404, "embedding_model_not_found"]);
  // the stack has no key, and is no hosted project
  for (const model of ["text-embedding-3-small", "gte-small"]) {
    const { status, headers, body } = await embed(ana, { input: "a", model });
    assert.deepEqual([status, body.error.code, body.error.details.reason], [
      503,
      "embedding_unavailable",
      "embedding_unavailable",
    ]);
    assert.equal(headers.get("retry-after"), "600");
  }
});

Deno.test("a workspace's budget is for all that its members ask, and the secret key has none", async () => {
  const ana = await signUp("ana");
  const large = { input: Array(16).fill("word ".repeat(10_000)) };
  assert.equal((await embed(ana, large)).status, 200);
  const { status, body } = await embed(ana, { input: "a" });
  assert.deepEqual([status, body.error.code], [429, "embedding_budget_exceeded"]);
  assert.ok(body.error.details.retry_after_seconds > 30);
  assert.equal((await embed(await signUp("bob"), { input: "a" })).status, 200);
  assert.equal((await embed("secret", large)).status, 200);
});
