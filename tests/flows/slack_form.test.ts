// A form that is asked for in Slack and filled in there: the click opens a modal, which stays open until it fits.
import assert from "node:assert/strict";
import { fakeSlack } from "shared/channels/slack.testing.ts";
import { utf8 } from "shared/encoding.ts";
import { hmac } from "shared/signatures/hmac.ts";
import { ownStack } from "../own_stack.ts";
import { signUp } from "../stack.ts";
import { allow, call, chain, createWorkflow, ended, integrate, json, manual, until, violations } from "./wire.ts";

const botToken = "xoxb-test-token";
const secret = "8f742231b10e8888abcd99yyyzzz85a5";

Deno.test({
  name: "a form is filled in in Slack, and what does not fit is said at its input",
  // of the stack of its own
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  await using slack = fakeSlack(botToken);
  // its functions may reach this Slack
  await using own = await ownStack({ hosts: [slack.host] });
  const ann = await signUp("ann");
  await allow(ann, slack.host);
  const account = await integrate(ann, "slack", {
    api_key: botToken,
    secret,
    external_id: "T0TEAM",
    config: { api_url: slack.url },
  });
  const workflow = await createWorkflow(
    ann,
    chain(manual, {
      id: "ask",
      type: "HUMAN_IN_THE_LOOP",
      subtype: "INPUT",
      parameters: {
        channel: "slack",
        to: "C0PAY",
        assignees: [{ slack: "U0ANA" }],
        title: "Where shall it be paid to?",
        message: "Order {{ $.input.order }} came back.",
        data: { name: "Ada" },
        schema: {
          type: "object",
          required: ["iban", "amount"],
          properties: {
            name: { type: "string" },
            iban: { type: "string", title: "IBAN", pattern: "^[A-Z]{2}[0-9]{2}" },
            amount: { type: "number", exclusiveMinimum: 0 },
            due: { type: "string", format: "date" },
            fast: { type: "boolean" },
            account: { enum: ["giro", "savings"] },
          },
        },
      },
      credentials: { slack: account.id },
    }, { id: "end", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input.data }}" } }),
  );
  const { execution } = await json(
    call("execute", ann, { json: { workflow_id: workflow, input: { order: 42 } } }),
    202,
  );
  const send = async (payload: unknown) => {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const at = String(Math.floor(Date.now() / 1000));
    const answer = await call(`hil-webhook/slack/${account.id}`, null, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": `v0=${(await hmac("SHA-256", utf8(secret), utf8(`v0:${at}:${body}`))).toHex()}`,
      },
    });
    assert.equal(answer.status, 200);
    const text = await answer.text();
    return text === "" ? null : JSON.parse(text);
  };

  const post = await until("Slack is asked", () => slack.posts.find(({ channel }) => channel === "C0PAY"));
  const asked = structuredClone(post);
  assert.equal(await send(slack.click(post, "form", "U0EVE")), null);
  assert.equal(slack.views.length, 0, "who was not asked gets no form");
  assert.equal(await send(slack.click(post, "form", "U0ANA")), null);
  const [opened] = slack.views;
  assert.match(JSON.stringify(opened!.view), /Order 42 came back/);

  const wrong = await send(slack.submit(opened!, { IBAN: "no iban", amount: "0" }));
  assert.deepEqual(Object.keys(wrong.errors).sort(), ["hil:field:amount", "hil:field:iban"]);
  assert.equal(wrong.response_action, "errors");
  const [pending] = await own.sql`select status from public.human_interactions where execution_id = ${execution.id}`;
  assert.equal(pending!.status, "pending");

  const filled = { IBAN: "DE89370400440532013000", amount: "40.5", due: "2027-02-01", account: "savings" };
  assert.deepEqual(await send(slack.submit(opened!, filled)), { response_action: "clear" });
  assert.equal((await send(slack.submit(opened!, filled))).view.title.text, "Not counted", "it is over");
  const { execution: done } = await ended(ann, execution.id);
  assert.deepEqual([done.status, done.output], ["SUCCESS", {
    end: {
      name: "Ada",
      iban: "DE89370400440532013000",
      amount: 40.5,
      due: "2027-02-01",
      fast: false,
      account: "savings",
    },
  }]);
  await until("the message is changed", () => post.edited);
  assert.ok(!post.blocks.some(({ type }) => type === "actions"));
  assert.equal(await send(slack.click(asked, "form", "U0ANA")), null);
  assert.equal(slack.views.length, 1, "what is over has no form");

  // whoever is in the channel, and nobody who only says so
  const ofAll = await createWorkflow(
    ann,
    chain(manual, {
      id: "ask",
      type: "HUMAN_IN_THE_LOOP",
      subtype: "INPUT",
      parameters: {
        channel: "slack",
        to: "C0ALL",
        message: "What for?",
        schema: { type: "object", properties: { why: { type: "string" } } },
      },
      credentials: { slack: account.id },
    }),
  );
  const { execution: second } = await json(call("execute", ann, { json: { workflow_id: ofAll } }), 202);
  const toAll = await until("the channel is asked", () => slack.posts.find(({ channel }) => channel === "C0ALL"));
  assert.equal(await send(slack.click(toAll, "form", "U0EVE")), null);
  const sent = slack.submit(slack.views[1]!, { why: "Because" });
  const kept = JSON.parse(sent.view.private_metadata);
  const forged = (user: string, metadata: unknown) => ({
    ...sent,
    trigger_id: crypto.randomUUID(),
    user: { ...sent.user, id: user },
    view: { ...sent.view, private_metadata: JSON.stringify(metadata) },
  });
  for (
    const attempt of [
      forged("U0MAL", kept),
      forged("U0EVE", { ...kept, channel: "C0PAY" }),
      forged("U0EVE", { ...kept, proof: "" }),
      forged("U0EVE", { interaction_id: kept.interaction_id, channel: "C0ALL" }),
    ]
  ) {
    const refused = await send(attempt);
    assert.equal(refused.view.title.text, "Not counted");
    assert.match(JSON.stringify(refused), /Somebody else was asked/);
  }
  assert.deepEqual(await send(sent), { response_action: "clear" });
  assert.equal((await ended(ann, second.id)).execution.status, "SUCCESS");
  assert.deepEqual(await violations(own.sql, workflow), []);
  assert.deepEqual(await violations(own.sql, ofAll), []);
});
