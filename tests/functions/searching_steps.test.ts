// POST /search/steps, with a database of its own and an embedder that does what a test wants; and the same search by
// supabase-js on the stack.
import assert from "node:assert/strict";
import type { Caller } from "shared/auth.ts";
import { connect } from "shared/db.ts";
import { createEmbedder } from "shared/embeddings/embedder.ts";
import { EmbeddingError } from "shared/embeddings/model.ts";
import { createSearchApp } from "../../supabase/functions/search/handler.ts";
import { isolatedDatabase, signUp } from "../stack.ts";

async function world(
  work: (w: {
    // deno-lint-ignore no-explicit-any
    search(body: unknown): Promise<{ status: number; body: any }>;
    appeared: string[];
    fail(error: EmbeddingError | null): void;
  }) => Promise<void>,
): Promise<void> {
  await using isolated = await isolatedDatabase();
  const sql = isolated.connect();
  const [ann] =
    await sql`insert into auth.users (id, email) values (gen_random_uuid(), 'ann@example.com') returning id`;
  const caller = {
    kind: "user",
    userId: ann!.id,
    claims: { sub: ann!.id, role: "authenticated" },
  } as unknown as Caller;
  const database = connect(isolated.url);
  await database.asCaller(
    caller,
    (t) =>
      t`insert into public.workflow_steps (app_name, window_title, element_path, step_name, definition, workflow_name)
      values ('Word', 'A <b>', 'Pane', 'Save the file', 'save()', 'x'), ('Word', 'B', 'Pane', 'Print the file', 'print()', 'x')`,
  );
  await sql`
    insert into search.vectors (source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
    select 1, s.id, 1, s.workspace_id, 768, search.local_lexical(s.step_name || ' ' || s.definition, 768), '\\x00', now()
    from public.workflow_steps s`;
  const appeared: string[] = [];
  const local = createEmbedder({ openai: null });
  let failure: EmbeddingError | null = null;
  const app = createSearchApp({
    url: "http://project.test",
    authenticate: () => Promise.resolve(caller),
    database,
    objects: null,
    embedder: {
      embed: (...given) => failure ? Promise.reject(failure) : local.embed(...given),
    },
    usage: { appeared: (ids) => void appeared.push(...ids), viewed() {} },
    log() {},
  });
  try {
    await work({
      search: async (body) => {
        const answer = await app.request("/search/steps", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        return { status: answer.status, body: await answer.json() };
      },
      appeared,
      fail: (error) => failure = error,
    });
  } finally {
    await database.close();
  }
}

Deno.test("a search by words and similarity answers as the document says, and more", () =>
  world(async ({ search, appeared }) => {
    const { status, body } = await search({
      search_query: "save file",
      similarity_query: "store the document",
      filter_app: "Word",
      stage2_limit: 1,
      with_highlights: true,
      with_explanation: true,
    });
    assert.equal(status, 200, JSON.stringify(body));
    const [first] = body.results;
    assert.equal(first.step_name, "Save the file");
    assert.equal(first.definition, "save()");
    assert.ok(first.similarity_score > 0.1);
    assert.equal(first.combined_score, Math.round(0.7e6 * first.similarity_score) / 1e6);
    assert.deepEqual(first.highlights, { step_name: "<mark>Save</mark> the <mark>file</mark>" });
    assert.equal(first.explanation.text.words.length, 2);
    assert.deepEqual([body.stage1_limit, body.stage2_limit, body.has_similarity], [500, 1, true]);
    assert.deepEqual(appeared, [first.step_id]);

    const next = await search({
      search_query: "save file",
      similarity_query: "store the document",
      filter_app: "Word",
      stage2_limit: 1,
      cursor: body.next_cursor,
    });
    assert.deepEqual(next.body.results.map((step: { step_name: string }) => step.step_name), ["Print the file"]);
  }));

Deno.test("words do where the model is away, and the answer says so", () =>
  world(async ({ search, fail }) => {
    fail(
      new EmbeddingError("embedding_unavailable", "The provider is away", { retryable: true, retryAfterSeconds: 7 }),
    );
    const { status, body } = await search({ search_query: "print", similarity_query: "print", min_similarity: 0.5 });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.results.map((step: { step_name: string }) => step.step_name), ["Print the file"]);
    assert.equal(body.has_similarity, false);
    assert.equal(body.similarity_error.code, "embedding_unavailable");

    const alone = await search({ similarity_query: "print" });
    assert.deepEqual([alone.status, alone.body.error.code], [503, "embedding_unavailable"]);
  }));

Deno.test("bad input is refused with every problem, and an empty answer is explained", () =>
  world(async ({ search }) => {
    const refused = await search({ stage1_limit: 0, mode: "x", query_embedding: ["a"], more: 1 });
    assert.deepEqual([refused.status, refused.body.error.code], [422, "request_invalid"]);
    assert.equal(refused.body.error.details.problems.length, 4, JSON.stringify(refused.body));
    const short = await search({ search_query: "save", query_embedding: [1, 2] });
    assert.deepEqual([short.status, short.body.error.code], [422, "embedding_dimensions_mismatch"]);
    const both = await search({ similarity_query: "save", query_embedding: Array(768).fill(1) });
    assert.deepEqual([both.status, both.body.has_similarity], [200, true]);

    const empty = await search({ search_query: "the xylophone", with_explanation: true });
    assert.deepEqual(empty.body.results, []);
    assert.deepEqual(empty.body.explanation.words, [{ word: "xylophon", steps: 0 }]);
    assert.equal(empty.body.next_cursor, null);
  }));

Deno.test("supabase-js searches with the document's names", async () => {
  const ann = await signUp("ann");
  const inserted = await ann.client.from("workflow_steps").insert({
    app_name: "Chrome",
    window_title: "Settings",
    element_path: 'Window > Panel > Button[name="Save"]',
    step_name: "Click save button",
    definition: "await element.click()",
    workflow_name: "Form Submission Workflow",
  });
  assert.equal(inserted.error, null);
  const keyword = await ann.client.rpc("search_steps_keyword", {
    search_query: "button",
    filter_app: "Chrome",
    result_limit: 20,
  });
  assert.deepEqual(keyword.data?.map((step) => step.step_name), ["Click save button"], JSON.stringify(keyword.error));
  const both = await ann.client.rpc("search_steps_two_stage", {
    search_query: "save",
    query_embedding: JSON.stringify(Array(768).fill(1)),
    stage1_limit: 500,
    stage2_limit: 20,
  });
  assert.deepEqual(both.data?.map((step) => step.keyword_rank), [1], JSON.stringify(both.error));
});
