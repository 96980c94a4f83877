// A refund that people decide on: nobody answers in Slack, so the manager is asked by mail; and one where two have to agree.
import assert from "node:assert/strict";
import { fakeMail, mailKeys, type SentMail } from "shared/channels/email.testing.ts";
import { fakeSlack } from "shared/channels/slack.testing.ts";
import { ownStack } from "../own_stack.ts";
import { signUp, type User } from "../stack.ts";
import {
  allow,
  call,
  createWorkflow,
  data,
  database,
  type Definition,
  ended,
  integrate,
  json,
  manual,
  until,
  violations,
} from "./wire.ts";

const botToken = "xoxb-test-token";
const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

/** Asks, and goes on with the amount that was approved, or ends without a refund. */
function refund(parameters: Record<string, unknown>, credentials: Record<string, string>): Definition {
  const pay = { amount: "{{ $.input.data.amount }}", approved_by: "{{ $.input.responded_by.email }}" };
  return {
    nodes: [
      manual,
      {
        id: "ask",
        type: "HUMAN_IN_THE_LOOP",
        subtype: "APPROVAL",
        parameters: {
          title: "Refund order {{ $.input.order }}?",
          message: "{{ $.input.customer }} sent it back: {{ $.input.reason }}",
          data: { amount: "{{ $.input.amount }}", currency: "EUR" },
          ...parameters,
        },
        credentials,
      },
      { id: "pay", type: "ACTION", subtype: "TRANSFORM", parameters: { output: pay } },
      { id: "keep", type: "ACTION", subtype: "TRANSFORM", parameters: { output: { kept: "{{ $.input.comment }}" } } },
    ],
    connections: [
      { source: "start", target: "ask" },
      { source: "ask", target: "pay", index: 0 },
      { source: "ask", target: "keep", index: 1 },
    ],
  };
}

async function start(user: User, definition: Definition): Promise<{ workflow: string; execution: string }> {
  const workflow = await createWorkflow(user, definition, "Refunds");
  const input = { order: 4711, customer: "Ada Lovelace", reason: "the lamp arrived broken", amount: 120 };
  const { execution } = await json(call("execute", user, { json: { workflow_id: workflow, input } }), 202);
  return { workflow, execution: execution.id };
}

const linkOf = (mail: SentMail) => /https?:\/\/\S+\/hil-webhook\/respond\/[a-z2-7]+/.exec(mail.text)![0];
const post = (link: string, fields: Record<string, string>) =>
  fetch(link, { method: "POST", headers: browser, body: new URLSearchParams(fields) });
const mailConfig = (url: string) => ({
  api_url: url,
  from: "Refunds <refunds@example.com>",
  inbound_address: "approvals@in.example.com",
});

Deno.test({
  name: "nobody answers in Slack, the manager gets a mail, edits the amount on the page, and that is paid",
  // of the stack of its own
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  await using own = await ownStack();
  const { sql } = own;
  await using slack = fakeSlack(botToken);
  await using mail = fakeMail();
  const ann = await signUp("ann");
  await allow(ann, [slack.host, mail.host]);
  const team = await integrate(ann, "slack", {
    api_key: botToken,
    external_id: "T0TEAM",
    config: { api_url: slack.url },
  });
  const mails = await integrate(ann, "postmark", { api_key: mailKeys.postmark, config: mailConfig(mail.url) });
  const { workflow, execution } = await start(
    ann,
    refund({
      channel: "slack",
      to: "C0REFUNDS",
      timeout_seconds: 7200,
      escalation: { after_seconds: 3600, channel: "email", to: "manager@example.com" },
    }, { slack: team.id, email: mails.id }),
  );
  const consistent = async (when: string) => assert.deepEqual(await violations(sql, workflow), [], when);
  const statusNow = async () =>
    data(await ann.client.from("workflow_executions").select("status").eq("id", execution).single()).status;

  const asked = await until("Slack is asked", () => slack.posts[0]);
  assert.match(JSON.stringify(asked.blocks), /Refund order 4711\?.*Ada Lovelace sent it back/);
  assert.equal(mail.mails.length, 0);
  await consistent("while Slack is asked");
  await own.moveClock(3_590);
  assert.equal(mail.mails.length, 0);

  await own.moveClock(10);
  const letter = await until("the manager gets a mail", () => mail.mails[0]);
  assert.deepEqual([letter.to, letter.subject], ["manager@example.com", "Escalated: Refund order 4711?"]);
  assert.match(letter.text, /Slack C0REFUNDS did not answer\./);
  await consistent("while the manager is asked");

  const link = linkOf(letter);
  for (let i = 0; i < 10; i++) {
    const page = await fetch(link, { headers: browser });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<input type="number" [^>]*name="data.amount"[^>]* value="120"/);
  }
  assert.equal(await statusNow(), "WAITING_FOR_HUMAN", "looking decides nothing");

  const fields = { decision: "approve", "data.amount": "80", "data.currency": "EUR", comment: "The shade was whole" };
  const receipt = await post(link, fields);
  assert.equal(receipt.status, 200);
  assert.match(await receipt.text(), /<h2>Approved<\/h2>/);
  assert.match(
    await (await fetch(link, { headers: browser })).text(),
    /Approved by.*manager@example\.com.*changed:.*<dd[^>]*>80</s,
  );

  const { execution: done } = await ended(ann, execution);
  assert.equal(done.status, "SUCCESS");
  assert.deepEqual(done.output, { pay: { amount: 80, approved_by: "manager@example.com" } });
  await until("Slack's message is changed", () => asked.edited);
  assert.match(JSON.stringify(asked.blocks), /Approved by manager@example\.com.*Comment: The shade was whole/);
  assert.ok(!asked.blocks.some(({ type }) => type === "actions"), "nothing is left to click on");
  const receiptMail = await until("the manager is told as well", () => mail.mails[1]);
  assert.equal(receiptMail.headers.get("in-reply-to"), letter.headers.get("message-id"));
  assert.deepEqual([slack.posts.length, mail.mails.length, mail.refused], [1, 2, []]);
  await consistent("in the end");
});

Deno.test("two of three have to agree: one rejection rejects, and who comes late is told who it was", async () => {
  await using mail = fakeMail();
  await using sql = database();
  const ann = await signUp("ann");
  await allow(ann, mail.host);
  const mails = await integrate(ann, "postmark", { api_key: mailKeys.postmark, config: mailConfig(mail.url) });
  const people = ["ana@example.com", "ben@example.com", "carla@example.com"];
  const { workflow, execution } = await start(
    ann,
    refund({ channel: "email", assignees: people.map((email) => ({ email })), quorum: 2 }, { email: mails.id }),
  );
  await until("all three are asked", () => mail.mails.length === 3 || undefined);
  assert.deepEqual(mail.mails.map(({ to }) => to).toSorted(), people);
  const [ana, ben, carla] = people.map((person) => linkOf(mail.mails.find(({ to }) => to === person)!));

  const approve = { decision: "approve", "data.amount": "120", "data.currency": "EUR" };
  const first = await post(ana!, approve);
  assert.equal(first.status, 200);
  assert.match(await first.text(), /Others have to agree, too/);
  assert.deepEqual(await violations(sql, workflow), [], "after one of two votes");

  const second = await post(ben!, { decision: "reject", comment: "It is older than a year" });
  assert.equal(second.status, 200);
  assert.match(await second.text(), /<h2>Rejected<\/h2>/);

  const late = await post(carla!, approve);
  assert.equal(late.status, 409);
  assert.match(await late.text(), /Rejected by <bdi>ben@example\.com/);
  const { error } = await json(fetch(carla!, { method: "POST", body: new URLSearchParams(approve) }), 409);
  assert.deepEqual([error.code, error.details.outcome], ["interaction_decided", "rejected"]);

  const { execution: done } = await ended(ann, execution);
  assert.deepEqual([done.status, done.output], ["SUCCESS", { keep: { kept: "It is older than a year" } }]);
  await until("all three are told", () => mail.mails.length === 6 || undefined);
  for (const told of mail.mails.slice(3)) assert.match(told.text, /Rejected by ben@example\.com/);
  assert.deepEqual(await violations(sql, workflow), [], "in the end");
});
