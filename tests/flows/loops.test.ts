import assert from "node:assert/strict";
import { signUp } from "../stack.ts";
import { createWorkflow, database, type Definition, manual, receiver, run, violations } from "./wire.ts";

Deno.test("a cycle with an HTTP request in it runs as often as its way out says", async () => {
  const user = await signUp("loops");
  await using inbox = await receiver([user]);
  await using sql = database();
  const definition: Definition = {
    nodes: [
      manual,
      {
        id: "ask",
        type: "ACTION",
        subtype: "HTTP_REQUEST",
        parameters: {
          method: "POST",
          url: inbox.url,
          body: { turn: "{{ $.execution.node_runs }}", before: "{{ $.nodes.ask.body.count }}" },
        },
      },
      { id: "more", type: "FLOW", subtype: "IF", parameters: { condition: "$.input.body.count < $.trigger.turns" } },
      { id: "done", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input.body.count }} turns" } },
    ],
    connections: [
      { source: "start", target: "ask" },
      { source: "ask", target: "more" },
      { source: "more", target: "ask", index: 0 },
      { source: "more", target: "done", index: 1 },
    ],
  };
  const id = await createWorkflow(user, definition);
  const { execution, nodes } = await run(user, id, { turns: 5 });
  assert.deepEqual([execution.status, execution.output], ["SUCCESS", { done: "5 turns" }]);
  assert.deepEqual(inbox.received.map(({ body }) => body), [
    { turn: 1, before: null },
    { turn: 2, before: 1 },
    { turn: 3, before: 2 },
    { turn: 4, before: 3 },
    { turn: 5, before: 4 },
  ]);
  const turns = (node: string) => nodes.filter((run) => run.node_id === node).map((run) => run.run_index);
  assert.deepEqual([turns("ask"), turns("more"), turns("done")], [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0]]);
  assert.deepEqual(await violations(sql, id), []);
});

Deno.test("a node that leads to itself without a way out is stopped", async () => {
  const user = await signUp("loops");
  await using sql = database();
  const id = await createWorkflow(user, {
    nodes: [manual, { id: "again", type: "ACTION", subtype: "TRANSFORM", parameters: { output: 1 } }],
    connections: [{ source: "start", target: "again" }, { source: "again", target: "again" }],
  });
  const { execution } = await run(user, id);
  assert.deepEqual([execution.status, execution.error!.code], ["ERROR", "max_node_runs"]);
  assert.deepEqual(await violations(sql, id), []);
});
