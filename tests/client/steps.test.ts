// Steps through the typed client, from their creation to the sweeping of their objects, against the running stack.
import assert from "node:assert/strict";
import { createTandem, type NewStep, type Result } from "shared/client.ts";
import { createObjectStore } from "shared/objects.ts";
import { until } from "../flows/wire.ts";
import { anonymous, signUp, stack } from "../stack.ts";

async function data<T>(call: Promise<Result<T>>): Promise<T> {
  const { data, error } = await call;
  if (error) throw new Error(JSON.stringify(error));
  return data;
}

const refusal = async (call: Promise<Result<unknown>>) => {
  const { error } = await call;
  return `${error?.status} ${error?.code}`;
};

const step = (stepName: string, more: Partial<NewStep> = {}): NewStep => ({
  appName: "Chrome",
  windowTitle: "Shop",
  elementPath: "",
  stepName,
  workflowName: "Errands",
  definition: `click(${JSON.stringify(stepName)})`,
  ...more,
});

// The SDK keeps its connections open for the next call.
Deno.test({
  name: "steps are created, found, counted, looked at and deleted",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const [user, stranger] = await Promise.all([signUp("steps"), signUp("stranger")]);
    const { steps } = createTandem(user.client);
    const state = { role: "window", camelCase: 1, snake_case: [{ role: "button" }] };
    const given = [
      step("Save the invoice", { currentState: state, outcomeDiff: { added: [] }, author: "ada" }),
      step("Save the order"),
      step("Log in", { appName: "Excel" }),
    ];
    const created = await data(steps.createSteps(given, { idempotencyKey: "k" }));
    const [invoice, order, login] = created.map((one) => one!.id) as [string, string, string];
    assert.deepEqual((await data(steps.createSteps(given, { idempotencyKey: "k" }))).map((one) => one!.id), [
      invoice,
      order,
      login,
    ]);
    assert.equal(await refusal(steps.createSteps([given[0]!], { idempotencyKey: "k" })), "409 idempotency_conflict");
    const { stateObjectKey, outcomeDiffKey } = created[0]!;
    assert.deepEqual([stateObjectKey, outcomeDiffKey], [`${invoice}_state.json.gz`, `${invoice}_outcome.json.gz`]);

    // vectors appear by themselves
    await until(
      "the last vector is there",
      async () =>
        (await data(steps.getEmbeddingStatus())).every((one) => one.done === 1 && one.pending + one.inFlight === 0),
    );
    const found = async (search: Parameters<typeof steps.searchSteps>[0]) =>
      (await data(steps.searchSteps(search))).map((one) => one.stepName);
    assert.deepEqual((await found({ searchQuery: "save" })).toSorted(), ["Save the invoice", "Save the order"]);
    assert.deepEqual(await found({ searchQuery: "save -order" }), ["Save the invoice"]);
    assert.deepEqual(await found({ searchQuery: "save", similarityQuery: "the order" }), [
      "Save the order",
      "Save the invoice",
    ]);
    assert.equal((await found({ searchQuery: "nothing", similarityQuery: "sign in", mode: "hybrid" }))[0], "Log in");
    assert.deepEqual(await found({ searchQuery: "log", filterApp: "Excel", dateFrom: new Date(0) }), ["Log in"]);
    assert.deepEqual(await found({ searchQuery: "save", filterAuthor: "ada" }), ["Save the invoice"]);
    assert.deepEqual(await found({ searchQuery: "save", dateTo: new Date(0) }), []);
    const first = await steps.searchSteps({ searchQuery: "save", stage2Limit: 1, withHighlights: true });
    assert.deepEqual([first.data!.length, first.hasSimilarity, first.similarityError], [1, false, null]);
    assert.match(first.data![0]!.highlights!.step_name!, /^<mark>Save<\/mark> the /);
    const second = await steps.searchSteps({ searchQuery: "save", stage2Limit: 1, cursor: first.nextCursor! });
    assert.deepEqual([first, second].flatMap((page) => page.data!.map((one) => one.stepId)).toSorted(), [
      invoice,
      order,
    ]);

    // what proved itself comes first
    const before = await data(steps.getStep(order));
    assert.deepEqual([before.succeeded, before.ranking, before.durationMs], [0, 0, null]);
    const counted = await data(steps.recordOutcome(order, { success: true, durationMs: 100 }));
    assert.deepEqual([counted.stepId, counted.succeeded, counted.failed, counted.durationMs], [order, 1, 0, 100]);
    assert.equal((await found({ searchQuery: "save" }))[0], "Save the order");
    const nowhere = crypto.randomUUID();
    const failures = Array.from({ length: 5 }, () => ({ stepId: order, success: false }));
    assert.deepEqual(
      await data(steps.recordOutcomes([...failures, { stepId: invoice, success: true, durationMs: 50 }, {
        stepId: nowhere,
        success: true,
      }])),
      { counted: 6, unknown: [nowhere] },
    );
    assert.equal((await found({ searchQuery: "save" }))[0], "Save the invoice");
    const after = await data(steps.getStep(order));
    assert.ok(after.ranking < (await data(steps.getStep(invoice))).ranking);
    assert.deepEqual([typeof after.ranking, typeof after.robustRanking], ["number", "number"]);
    const [sums] = await data(steps.getStepStats(after.workspaceId));
    assert.deepEqual([sums!.totalSteps, sums!.totalSuccesses, sums!.totalFailures], [3, 2, 5]);

    assert.deepEqual(await data(steps.getState(invoice)), state);
    assert.deepEqual(await data(steps.getOutcome(invoice)), { added: [] });
    assert.equal(await refusal(steps.getState(login)), "404 object_not_found");

    // nobody else sees or changes them
    const { steps: others } = createTandem(stranger.client);
    assert.deepEqual(await data(others.searchSteps({ searchQuery: "save" })), []);
    for (
      const call of [
        others.getStep(order),
        others.getState(invoice),
        others.deleteStep(order),
        others.recordOutcome(order, { success: true }),
      ]
    ) assert.equal(await refusal(call), "404 step_not_found");
    assert.equal(
      await refusal(createTandem(anonymous()).steps.searchSteps({ searchQuery: "save" })),
      "401 authentication_required",
    );
    const { rpc, from } = user.client;
    const { steps: withoutFunctions } = createTandem({ rpc: rpc.bind(user.client), from: from.bind(user.client) });
    assert.equal(await refusal(withoutFunctions.createStep(step("x"))), "422 functions_needed");

    // all problems at once
    const wrong = await steps.createStep({ ...step(""), definition: 5 } as never);
    assert.deepEqual(
      (wrong.error!.details!.problems as { path: string }[]).map(({ path }) => path),
      ["$.steps[0].step_name", "$.steps[0].definition"],
    );

    // what belonged to it goes with it
    const { s3 } = stack();
    const store = createObjectStore({
      endpoint: s3.endpoint,
      bucket: s3.bucket,
      region: "auto",
      accessKeyId: s3.access_key_id,
      secretAccessKey: s3.secret_access_key,
    });
    assert.ok(await store.head(stateObjectKey!));
    assert.deepEqual(await data(steps.deleteStep(invoice)), { id: invoice });
    assert.equal(await refusal(steps.getState(invoice)), "404 step_not_found");
    assert.deepEqual(await found({ searchQuery: "save" }), ["Save the order"]);
    for (const key of [stateObjectKey!, outcomeDiffKey!]) {
      await until(`${key} is swept`, async () => await store.head(key) === null);
    }
  },
});
