// Pictures of workflows through the wire.
import assert from "node:assert/strict";
import { call, chain, createWorkflow, json, manual, run } from "../flows/wire.ts";
import { signUp } from "../stack.ts";

Deno.test("a picture shows what an execution made of a workflow, to whom may see it", async () => {
  const [owner, stranger] = [await signUp("painter"), await signUp("painter")];
  const condition = {
    id: "check",
    type: "FLOW",
    subtype: "IF",
    parameters: { condition: "$.input.a > 1" },
  };
  const set = {
    id: "set",
    name: "<b>&Set",
    type: "ACTION",
    subtype: "TRANSFORM",
    parameters: { output: 1 },
  };
  const id = await createWorkflow(
    owner,
    chain(manual, condition, set),
    'Draw <me> "now"',
  );
  const { execution } = await run(owner, id, { a: 2 });

  const plain = await call(`deploy/${id}/diagram`, owner);
  assert.equal(plain.status, 200);
  assert.equal(
    plain.headers.get("content-type"),
    "image/svg+xml; charset=utf-8",
  );
  assert.match(
    plain.headers.get("content-security-policy")!,
    /^default-src 'none'; style-src 'sha256-[^']+'; sandbox$/,
  );
  assert.equal(plain.headers.get("x-content-type-options"), "nosniff");
  const image = await plain.text();
  assert.ok(
    image.startsWith("<svg ") && image.includes("&#60;b&#62;&#38;Set") &&
      !image.includes("success 1"),
  );

  const again = await call(`deploy/${id}/diagram`, owner, {
    headers: { "if-none-match": plain.headers.get("etag")! },
  });
  assert.deepEqual([again.status, await again.text()], [304, ""]);

  const coloured = await (await call(
    `deploy/${id}/diagram?execution=${execution.id}&theme=dark`,
    owner,
  )).text();
  assert.equal(coloured.match(/class="box success"/g)?.length, 3);
  assert.equal(coloured.match(/class="edge taken"/g)?.length, 2);
  const flowchart = await call(
    `deploy/${id}/diagram?format=mermaid&execution=${execution.id}`,
    owner,
  );
  assert.match(flowchart.headers.get("content-type")!, /^text\/plain/);
  assert.match(await flowchart.text(), /n1 ==>\|"true"\| n2/);

  const missing = "01890000-0000-7000-8000-000000000000";
  assert.equal(
    (await json(call(`deploy/${id}/diagram`, stranger), 404)).error.code,
    "workflow_not_found",
  );
  assert.equal(
    (await json(call(`deploy/${id}/diagram?version=9`, owner), 404)).error.code,
    "version_not_found",
  );
  const other = await json(
    call(`deploy/${id}/diagram?execution=${missing}`, owner),
    404,
  );
  assert.equal(other.error.code, "execution_not_found");
  assert.equal(
    (await json(call(`deploy/${id}/diagram?format=png`, owner), 422)).error
      .code,
    "request_invalid",
  );
});
