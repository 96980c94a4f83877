// Questions to people through the typed client, against the running stack.
import assert from "node:assert/strict";
import { createTandem, type Result } from "shared/client.ts";
import { signUp } from "../stack.ts";

async function data<T>(call: Promise<Result<T>>): Promise<T> {
  const { data, error } = await call;
  if (error) throw new Error(JSON.stringify(error));
  return data;
}

const refusal = async (call: Promise<Result<unknown>>) => {
  const { error } = await call;
  return `${error?.status} ${error?.code}`;
};

Deno.test("questions are in the inbox, answered with edited data, reassigned and canceled", async () => {
  const [user, stranger] = await Promise.all([signUp("asked"), signUp("stranger")]);
  const { workflows, executions, interactions } = createTandem(user.client);
  const { interactions: others } = createTandem(stranger.client);
  const { id } = await data(workflows.createWorkflow({
    name: "Refund",
    definition: {
      nodes: [
        { id: "start", type: "TRIGGER", subtype: "MANUAL" },
        {
          id: "ask",
          type: "HUMAN_IN_THE_LOOP",
          subtype: "APPROVAL",
          parameters: {
            title: "Refund?",
            message: "It is broken",
            data: { order_total: "{{ $.input.amount }}" },
            channel: "in_app",
          },
        },
      ],
      connections: [{ source: "start", target: "ask" }],
    },
  }));
  const [first, second, third] = [
    await data(executions.startExecution(id, { input: { amount: 1 } })),
    await data(executions.startExecution(id, { input: { amount: 2 } })),
    await data(executions.startExecution(id, { input: { amount: 3 } })),
  ];
  const inbox = await interactions.listMyInteractions({ limit: 2, withCounts: true });
  assert.deepEqual(inbox.data!.map((one) => one.executionId), [third.id, second.id]);
  assert.deepEqual([inbox.counts!.pending, inbox.counts!.byChannel], [3, { in_app: 3 }]);
  const [last] = await data(interactions.listMyInteractions({ cursor: inbox.nextCursor! }));
  assert.deepEqual([last!.executionId, last!.interactionType, last!.requestData.title], [
    first.id,
    "approval",
    "Refund?",
  ]);
  // what is somebody's own keeps its keys
  assert.deepEqual(last!.requestData.data, { order_total: 1 });

  assert.deepEqual(await data(others.listMyInteractions()), []);
  assert.equal(await refusal(others.respond(last!.id, { decision: "approve" })), "404 interaction_not_found");
  assert.equal(await refusal(interactions.respond(last!.id, { decision: "ignore" })), "422 response_invalid");
  const decided = await data(interactions.respond(last!.id, { decision: "approve", data: { order_total: 40 } }));
  assert.deepEqual([decided.status, decided.outcome], ["responded", "approved"]);
  assert.equal(await refusal(interactions.respond(last!.id, { decision: "reject" })), "409 interaction_decided");
  const done = await data(executions.waitForExecution(first.id));
  assert.deepEqual((done.outputs!.ask as { data: unknown }).data, { order_total: 40 });

  const [newest, older] = inbox.data!;
  const moved = await data(interactions.reassign(newest!.id, [{ role: "owner" }], "Not mine"));
  assert.deepEqual(moved.assignees, [{ role: "owner" }]);
  assert.equal((await data(interactions.cancel(older!.id, "Enough"))).status, "cancelled");
  const statuses = await data(interactions.listMyInteractions({ status: "all", workspaceId: last!.workspaceId }));
  assert.deepEqual(statuses.map((one) => one.status), ["pending", "cancelled", "responded"]);
  await data(executions.cancelExecution(third.id));
});
