import assert from "node:assert/strict";
import { ChannelError, type Network } from "./call.ts";
import { interactionId, message } from "./messages.testing.ts";
import { composeSlack, readSlackAction, sendSlack } from "./slack.ts";
import { blockProblems, type FakeSlack, fakeSlack } from "./slack.testing.ts";

const token = "xoxb-test-token";
const account = (slack: FakeSlack, keys = [token]) => ({ keys, team: null, config: { api_url: slack.url } });
const network = (slack: FakeSlack): Network => ({ allowedHosts: [slack.host], signal: AbortSignal.timeout(5_000) });
const said = (blocks: unknown) => JSON.stringify(blocks);

async function failure(promise: Promise<unknown>): Promise<ChannelError> {
  const error = await promise.then(() => assert.fail("it succeeded"), (error) => error);
  assert.ok(error instanceof ChannelError, `${error}`);
  return error;
}

Deno.test("an approval has buttons that carry the interaction, and a link", async () => {
  await using slack = fakeSlack();
  const { external_id, thread } = await sendSlack(message(), account(slack), network(slack));
  const [post] = slack.posts;
  assert.equal(post!.channel, "C0REFUNDS");
  assert.equal(post!.text, "Refund 120 EUR?: Order 42 came back.");
  assert.deepEqual(thread, { team: "T0TEAM", channel: "C0REFUNDS", ts: post!.ts, thread_ts: post!.ts });
  assert.equal(external_id, post!.ts);
  const { elements } = post!.blocks.find(({ type }) => type === "actions");
  assert.deepEqual(
    elements.map((one: Record<string, unknown>) => [one.action_id, one.value, one.style]),
    [
      [`hil:approve:${interactionId}`, interactionId, "primary"],
      [`hil:reject:${interactionId}`, interactionId, "danger"],
      [`hil:open:${interactionId}`, interactionId, undefined],
    ],
  );
  assert.match(elements[2].url, /^https:\/\/project\.test\/functions\/v1\/hil-webhook\/respond\/[a-z2-7]{52}$/);
  assert.deepEqual([slack.calls[0]!.body.unfurl_links, slack.calls[0]!.body.unfurl_media], [false, false]);
  assert.deepEqual(readSlackAction(slack.click(post!, "approve")), {
    interaction_id: interactionId,
    decision: "approve",
  });
  assert.deepEqual(readSlackAction(slack.click(post!, "reject")), {
    interaction_id: interactionId,
    decision: "reject",
  });
  assert.equal(readSlackAction(slack.click(post!, "open")), null);
});

Deno.test("a decision changes the message: who, when and what, and no button is left", async () => {
  await using slack = fakeSlack();
  const { thread } = await sendSlack(message(), account(slack), network(slack));
  const decided = message({ kind: "decided", thread }, {
    outcome: "approved",
    responded_by: { slack: "U0ANA" },
    responded_at: "2026-01-01T12:00:00Z",
    comment: "less",
    result: { order: 42, amount: 40 },
  });
  await sendSlack(decided, account(slack), network(slack));
  assert.equal(slack.posts.length, 1);
  const [post] = slack.posts;
  assert.ok(post!.edited);
  assert.ok(!post!.blocks.some(({ type, accessory }) => type === "actions" || accessory));
  assert.match(
    said(post!.blocks),
    /Approved by <@U0ANA>.*<!date\^1767268800\^.*2026-01-01 12:00 UTC>.*Comment: less.*\*amount\*\\n40/,
  );
});

Deno.test("outcomes are told apart, by whoever decided", () => {
  const line = (content: Parameters<typeof message>[1]) => composeSlack(message({ kind: "decided" }, content)).text;
  assert.equal(line({ outcome: "timed_out" }), "Refund 120 EUR?: Timed out: nobody answered in time");
  assert.equal(line({ outcome: "cancelled" }), "Refund 120 EUR?: Cancelled");
  assert.equal(
    line({ outcome: "rejected", responded_by: { email: "ana@example.com" } }),
    "Refund 120 EUR?: Rejected by ana@example.com",
  );
  const user = { outcome: "answered" as const, responded_by: { user: "0198c0de-0000-4000-8000-000000000009" } };
  assert.equal(line(user), "Refund 120 EUR?: Answered by a member");
  assert.equal(
    line({ ...user, responded_by_name: "Ana <!channel>" }),
    "Refund 120 EUR?: Answered by Ana &lt;!channel&gt;",
  );
  // what could be no Slack id is no mention
  assert.doesNotMatch(line({ outcome: "approved", responded_by: { slack: "U1> <!channel" } }), /<[@!]/);
});

Deno.test("where the message is gone the decision is told in its thread", async () => {
  await using slack = fakeSlack();
  const { thread } = await sendSlack(message(), account(slack), network(slack));
  slack.next.push(() => Response.json({ ok: false, error: "cant_update_message" }));
  await sendSlack(message({ kind: "decided", thread }, { outcome: "rejected" }), account(slack), network(slack));
  assert.deepEqual(slack.posts.map((post) => post.thread_ts), [undefined, thread.thread_ts]);
});

Deno.test("a reminder stays in the thread and is shown in the channel; an escalation asks elsewhere", async () => {
  await using slack = fakeSlack();
  const { thread } = await sendSlack(message({ recipient: "U0ANA" }), account(slack), network(slack));
  // a person's messages are in a channel of her own
  assert.equal(thread.channel, "D0ANA");
  const reminder = await sendSlack(
    message({ kind: "reminder", recipient: "U0ANA", thread }),
    account(slack),
    network(slack),
  );
  assert.equal(reminder.thread.thread_ts, thread.thread_ts);
  const escalation = message({ kind: "escalation", recipient: "C0BOSS" }, { escalated_from: "Ana" });
  await sendSlack(escalation, account(slack), network(slack));
  const [first, second, third] = slack.posts;
  assert.deepEqual([second!.channel, second!.thread_ts, second!.reply_broadcast], ["D0ANA", first!.ts, true]);
  assert.ok(!said(second!.blocks).includes("hil:approve"));
  assert.equal(third!.thread_ts, undefined);
  assert.match(said(third!.blocks), /Escalated: Refund.*Ana did not answer.*hil:approve/);
});

Deno.test("a choice keeps its JSON value, one at a time or several", async () => {
  await using slack = fakeSlack();
  const options = [{ value: 1, label: "One" }, { value: "two", label: "Two & more" }, { value: { n: 3 }, label: "" }];
  const content = { type: "selection" as const, options };
  await sendSlack(message({}, content), account(slack), network(slack));
  await sendSlack(message({}, { ...content, multiple: true }), account(slack), network(slack));
  const [one, several] = slack.posts;
  const answer = (data: unknown) => ({ interaction_id: interactionId, decision: "answer", data });
  assert.deepEqual(readSlackAction(slack.click(one!, "select", "U1", ['{"n":3}'])), answer({ n: 3 }));
  // choosing is not yet sending
  assert.equal(readSlackAction(slack.click(several!, "choice", "U1", ["1"])), null);
  assert.deepEqual(readSlackAction(slack.click(several!, "answer", "U1", ["1", '"two"'])), answer([1, "two"]));
  assert.deepEqual(readSlackAction(slack.click(several!, "answer", "U1", [])), answer([]));
});

Deno.test("what Slack cannot hold is answered on the page", () => {
  const many = Array.from({ length: 101 }, (_, i) => ({ value: i, label: `${i}` }));
  const long = [{ value: "x".repeat(200), label: "long" }];
  for (const options of [many, long, []]) {
    const { blocks } = composeSlack(message({}, { type: "selection", options }));
    assert.deepEqual(blockProblems(blocks), []);
    assert.match(said(blocks), /"Choose".*hil-webhook\/respond|hil-webhook\/respond.*"Choose"/);
    assert.doesNotMatch(said(blocks), /static_select/);
  }
  const { blocks } = composeSlack(message({ token: null }, { type: "input" }));
  assert.match(said(blocks), /Answer it in the app/);
});

Deno.test("input lists its fields, review only what is allowed", () => {
  const schema = {
    type: "object",
    required: ["amount"],
    properties: { amount: { type: "number", title: "Amount" }, why: {} },
  };
  assert.match(
    said(composeSlack(message({}, { type: "input", schema })).blocks),
    /Asked for: Amount \(required\), why/,
  );
  const review = said(composeSlack(message({}, { type: "review", allow: ["accept", "respond"] })).blocks);
  assert.match(review, /hil:accept:.*hil:open:/);
  assert.doesNotMatch(review, /hil:ignore/);
});

Deno.test("what others wrote is text: no mention, no link, no markup of Slack's", () => {
  const evil = "<!channel> <https://evil.test|click> & <@U1>";
  const { text, blocks } = composeSlack(
    message({}, {
      title: evil,
      message: evil,
      workflow: evil,
      data: { [evil]: evil, list: [evil] },
      timeout_at: undefined,
    }),
  );
  const markup = [
    text,
    ...blocks.flatMap((block) => JSON.stringify(block, (_, value) => value?.type === "plain_text" ? undefined : value)),
  ];
  for (const part of markup) assert.doesNotMatch(part, /<[!@h]/);
  assert.deepEqual(blockProblems(blocks), []);
  const fence = composeSlack(message({}, { data: ["``` <!here> ```"] }));
  assert.equal(said(fence.blocks).match(/```/g)!.length, 2);
});

Deno.test("nothing is too long for Slack, and what was cut says so", () => {
  const worst = ["<&>".repeat(5_000), "😀".repeat(8_000), "line\n".repeat(4_000), "x", ""];
  const types = ["approval", "input", "selection", "review"] as const;
  for (const text of worst) {
    for (const type of types) {
      for (const kind of ["request", "reminder", "escalation", "decided"] as const) {
        const { blocks, text: fallback } = composeSlack(message({ kind }, {
          type,
          title: text,
          message: text,
          workflow: text,
          escalated_from: text,
          data: { [text.slice(0, 80)]: text, deep: { text } },
          options: Array.from({ length: 100 }, (_, i) => ({ value: i, label: text })),
          multiple: kind === "escalation",
          schema: {
            properties: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${text.slice(0, 50)}${i}`, {}])),
          },
          comment: text,
          responded_by_name: text,
          responded_by: { user: "x" },
          outcome: "approved",
          result: [text],
        }));
        assert.deepEqual(blockProblems(blocks), [], `${kind} ${type}`);
        assert.ok(fallback.length <= 4000);
        assert.ok(said(blocks).isWellFormed());
        if (text.length > 5000 && kind !== "reminder") assert.match(said(blocks), /shortened: \d+ characters in all/);
      }
    }
  }
});

Deno.test("long text is divided at its lines and nothing of it is lost", () => {
  const text = Array.from({ length: 600 }, (_, i) => `line ${i} & more`).join("\n");
  const { blocks } = composeSlack(message({}, { message: text, data: null }));
  // deno-lint-ignore no-explicit-any
  const sections = blocks.filter((block: any) => block.type === "section").map((block: any) => block.text.text);
  assert.ok(sections.length > 2);
  assert.equal(sections.join("").replaceAll("&amp;", "&"), text);
});

Deno.test("a rate limit says when to come back; what no retry mends is told apart", async () => {
  await using slack = fakeSlack();
  const send = () => failure(sendSlack(message(), account(slack), network(slack)));
  slack.next.push(() =>
    Response.json({ ok: false, error: "ratelimited" }, { status: 429, headers: { "retry-after": "30" } })
  );
  const limited = await send();
  assert.deepEqual([limited.code, limited.retryable, limited.retryAfterSeconds], ["slack_ratelimited", true, 30]);
  const answers: [Response, string, boolean][] = [
    [Response.json({ ok: false, error: "internal_error" }), "slack_internal_error", true],
    [new Response("upstream", { status: 502 }), "slack_502", true],
    [new Response("<html>", { status: 200 }), "slack_malformed", true],
    [Response.json({ ok: false, error: "channel_not_found" }), "slack_channel_not_found", false],
    [Response.json({ ok: false, error: "not_in_channel" }), "slack_not_in_channel", false],
    [Response.json({ ok: false, error: "missing_scope", needed: "chat:write" }), "slack_missing_scope", false],
  ];
  for (const [answer, code, retryable] of answers) {
    slack.next.push(() => answer);
    const error = await send();
    assert.deepEqual([error.code, error.retryable], [code, retryable]);
  }
  assert.equal(slack.posts.length, 0);
});

Deno.test("the key before does while keys are exchanged; a wrong one is no retry", async () => {
  await using slack = fakeSlack();
  await sendSlack(message(), account(slack, ["xoxb-new-and-not-yet-valid", token]), network(slack));
  assert.equal(slack.posts.length, 1);
  const wrong = await failure(sendSlack(message(), account(slack, ["xoxb-wrong"]), network(slack)));
  assert.deepEqual([wrong.code, wrong.retryable], ["slack_invalid_auth", false]);
  assert.equal(
    (await failure(sendSlack(message(), account(slack, []), network(slack)))).code,
    "integration_incomplete",
  );
});

Deno.test("an API may be moved only to a host that the workspace may reach", async () => {
  await using slack = fakeSlack();
  const signal = AbortSignal.timeout(5_000);
  for (const allowedHosts of [[], ["example.com"], [`${slack.host}0`]]) {
    const error = await failure(sendSlack(message(), account(slack), { allowedHosts, signal }));
    assert.deepEqual([error.code, error.retryable], ["address_not_allowed", false]);
  }
  // the name of Slack that leads to a private address is none
  const resolve = () => Promise.resolve(["10.0.0.1"]);
  const error = await sendSlack(message(), { keys: [token], team: null, config: {} }, {
    allowedHosts: [],
    signal,
    resolve,
  })
    .then(() => assert.fail(), (error) => error);
  assert.equal(error.code, "address_not_allowed");
  assert.equal(slack.calls.length, 0);
});

Deno.test("a notice is a word in the thread of what was answered", async () => {
  await using slack = fakeSlack();
  const { thread } = await sendSlack(message(), account(slack), network(slack));
  const notice = message({ kind: "notice", token: null, thread }, {
    notice: "As you asked, Ana <@U1> is asked instead.",
  });
  await sendSlack(notice, account(slack), network(slack));
  const [asked, told] = slack.posts;
  assert.deepEqual([told!.thread_ts, told!.text], [asked!.ts, "As you asked, Ana &lt;@U1&gt; is asked instead."]);
  assert.deepEqual(told!.blocks.map(({ type }) => type), ["section"]);
  assert.equal(asked!.edited, false);
});
