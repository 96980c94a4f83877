import assert from "node:assert/strict";
import type { ChannelError } from "./call.ts";
import { interactionId, message } from "./messages.testing.ts";
import { composeSlack, openSlackForm, readSlackFormClick, sendSlack } from "./slack.ts";
import { type Form, formErrors, readSlackForm, slackForm } from "./slack_form.ts";
import { blockProblems, fakeSlack, viewProblems } from "./slack.testing.ts";

const schema = {
  type: "object",
  required: ["amount", "name", "agreed", "size"],
  properties: {
    amount: { type: "number", title: "Amount", minimum: 0.0000001, maximum: 1000, description: "In EUR" },
    count: { type: "integer", default: 2 },
    name: { type: "string", minLength: 2, maxLength: 50 },
    story: { type: "string", format: "textarea" },
    agreed: { type: "boolean", title: "Agreed" },
    size: { enum: ["s", 2, null], enumNames: ["small", "two"] },
    colours: { type: "array", items: { enum: ["red", "blue"] }, maxItems: 1 },
    due: { type: "string", format: "date", default: "2027-02-28" },
    at: { type: "string", format: "time" },
    mail: { type: ["string", "null"], format: "email" },
    "link to it": { type: "string", format: "uri", default: "https://example.com/" },
    choice: { type: "integer", oneOf: [{ const: 1, title: "one" }, { const: 2 }] },
  },
};
const form = (more: Partial<Form> = {}): Form => ({
  interactionId,
  title: "Where shall it be paid to?",
  text: "Order 42 came back.",
  data: { amount: 12.5, name: "Ana", size: 2, agreed: true, colours: ["blue"], other: 1 },
  schema,
  ...more,
});
const network = (host: string) => ({ allowedHosts: [host], signal: AbortSignal.timeout(5_000) });

Deno.test("a click on the message opens the form, which says what was filled in", async () => {
  await using slack = fakeSlack("xoxb-1");
  const account = { keys: ["xoxb-old", "xoxb-1"], team: null, config: { api_url: slack.url } };
  await sendSlack(message({}, { type: "input", schema }), account, network(slack.host));
  const click = slack.click(slack.posts[0]!, "form", "U0ANA");
  const { triggerId } = readSlackFormClick(click)!;
  assert.equal(await openSlackForm(triggerId, form(), account, network(slack.host)), true);
  const [opened] = slack.views;
  assert.equal(opened!.user, "U0ANA");
  const blocks = opened!.view.blocks.slice(1, -1);
  assert.deepEqual(
    // deno-lint-ignore no-explicit-any
    blocks.map((block: any) => [block.label.text, block.element.type, block.optional]),
    [
      ["Amount", "number_input", false],
      ["count", "number_input", true],
      ["name", "plain_text_input", false],
      ["story", "plain_text_input", true],
      ["Agreed", "checkboxes", true],
      ["size", "static_select", false],
      ["colours", "multi_static_select", true],
      ["due", "datepicker", true],
      ["at", "timepicker", true],
      ["mail", "email_text_input", true],
      ["link to it", "url_text_input", true],
      ["choice", "static_select", true],
    ],
  );
  assert.equal(blocks[0].element.min_value, "0.0000001");
  const proposals = {
    interaction_id: interactionId,
    decision: "answer",
    data: {
      amount: 12.5,
      count: 2,
      name: "Ana",
      agreed: true,
      size: 2,
      colours: ["blue"],
      due: "2027-02-28",
      "link to it": "https://example.com/",
    },
  };
  assert.deepEqual(readSlackForm(slack.submit(opened!, {})), proposals, "what is there already is a proposal");
  const filled = {
    Amount: "40.25",
    count: null,
    Agreed: null,
    size: "small",
    colours: null,
    choice: "one",
    at: "09:30",
  };
  assert.deepEqual(readSlackForm(slack.submit(opened!, { ...filled, due: null, Comment: "now" })), {
    ...proposals,
    data: {
      amount: 40.25,
      name: "Ana",
      agreed: false,
      size: "s",
      at: "09:30",
      "link to it": "https://example.com/",
      choice: 1,
    },
    comment: "now",
  });
  assert.throws(() => slack.submit(opened!, { Amount: null }), /required/);
  assert.throws(() => slack.submit(opened!, { Amount: "2000" }), /range/);
  assert.throws(() => slack.submit(opened!, { count: "1.5" }), /number/);

  const again = await openSlackForm(triggerId, form(), account, network(slack.host)).catch((error) => error);
  assert.equal((again as ChannelError).code, "slack_exchanged_trigger_id");
  const odd = await openSlackForm("1.2.3", form(), account, network(slack.host)).catch((error) => error);
  assert.equal((odd as ChannelError).code, "slack_invalid_arguments");
});

Deno.test("a form that Slack's inputs cannot hold stays on the page", () => {
  const field = (property: unknown) => ({ type: "object", properties: { a: property } });
  const odd: unknown[] = [
    null,
    {},
    { type: "string" },
    field({}),
    field({ type: "object", properties: {} }),
    field({ type: "array", items: { type: "string" } }),
    field({ type: ["string", "number"] }),
    field({ enum: Array.from({ length: 101 }, (_, i) => i) }),
    field({ enum: ["x".repeat(200)] }),
    field({ enum: [1, 1] }),
    field(true),
    { properties: { ["x".repeat(201)]: { type: "string" } } },
    { properties: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, { type: "string" }])) },
  ];
  for (const schema of odd) {
    assert.equal(slackForm(form({ schema })), null, JSON.stringify(schema));
    const { blocks } = composeSlack(message({}, { type: "input", schema }));
    assert.doesNotMatch(JSON.stringify(blocks), /hil:form/);
    assert.match(JSON.stringify(blocks), /hil-webhook\/respond/);
    assert.deepEqual(blockProblems(blocks), []);
  }
});

Deno.test("nothing that others wrote is too much for a modal", () => {
  for (const worst of ["<&>".repeat(5_000), "😀".repeat(8_000), "line\n".repeat(4_000), "\u0000", " ", "x"]) {
    const name = worst.slice(0, 200);
    const properties = Object.fromEntries(
      ["string", "number", "boolean"].map((type, i) => [`${i}${name}`.slice(0, 200), {
        type,
        title: worst,
        description: worst,
        default: worst,
        minLength: 5_000,
        maxLength: 4_000,
        minimum: "x",
      }]),
    );
    const menu = { title: worst, enum: [1, 2], enumNames: [worst, worst] };
    const view = slackForm(form({ title: worst, text: worst, schema: { properties: { ...properties, menu } } }));
    assert.deepEqual(viewProblems(view), [], JSON.stringify(worst.slice(0, 10)));
    assert.ok(JSON.stringify(view).isWellFormed());
  }
  // where Slack's own limits are wrong the testing server says so
  assert.notDeepEqual(viewProblems({ ...slackForm(form()), title: { type: "plain_text", text: "x".repeat(25) } }), []);
});

Deno.test("what is wrong is said at the input that it is about", () => {
  const view = slackForm(form())!;
  const payload = { type: "view_submission", view };
  assert.deepEqual(
    formErrors([
      { message: "is less than 0", path: "$.data.amount" },
      { message: "again", path: "$.data.amount" },
      { message: "is no link", path: '$.data."link to it"' },
      { message: "has one element twice", path: "$.data.colours[1]" },
    ], payload),
    {
      "hil:field:amount": "is less than 0",
      "hil:field:link to it": "is no link",
      "hil:field:colours": "has one element twice",
    },
  );
  assert.deepEqual(formErrors([{ message: "is too large", path: "$.data" }], payload), {
    "hil:field:amount": "is too large",
  });
  assert.equal(formErrors([{ message: "x", path: "$.data" }], { view: { blocks: [] } }), null);
  assert.equal(formErrors([], payload), null);
});

Deno.test("a modal of another app or without a question is none of ours, and no field reaches into an object", () => {
  const values = { "hil:field:__proto__": { string: { type: "plain_text_input", value: "x" } } };
  const view = {
    callback_id: "hil:form",
    private_metadata: JSON.stringify({ interaction_id: interactionId }),
    state: { values },
  };
  const answer = readSlackForm({ type: "view_submission", view })!;
  assert.deepEqual(Object.keys(answer.data), ["__proto__"]);
  assert.equal(Object.getPrototypeOf(answer.data), Object.prototype);
  for (
    const odd of [
      { type: "view_closed", view },
      { type: "view_submission", view: { ...view, callback_id: "other" } },
      { type: "view_submission", view: { ...view, private_metadata: "{" } },
      { type: "view_submission", view: { ...view, private_metadata: "{}" } },
      { type: "view_submission" },
    ]
  ) assert.equal(readSlackForm(odd), null);
});
