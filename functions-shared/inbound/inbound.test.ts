// Providers' payloads, in the shapes that they document, and in shapes that they should not have.
import assert from "node:assert/strict";
import { utf8 } from "../encoding.ts";
import { addresses, emailEvent, type Mail, parseMime, withoutTag } from "./email.ts";
import { readForm } from "./event.ts";
import { parseGithub } from "./github.ts";
import { mailgunSignature, parseMailgun } from "./mailgun.ts";
import { parsePostmark } from "./postmark.ts";
import { parseResend } from "./resend.ts";
import { parseSendgrid } from "./sendgrid.ts";
import { parseSlack } from "./slack.ts";

const code = (work: () => unknown) =>
  Promise.resolve().then(work).then(() => null, (error) => error.code ?? error.message);
const jsonHeaders = new Headers({ "content-type": "application/json" });

async function formOf(
  fields: Record<string, string | File>,
): Promise<{ headers: Headers; bytes: Uint8Array<ArrayBuffer> }> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const response = new Response(body);
  return { headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

Deno.test("an address is found without its tag, in any case", () => {
  for (
    const [given, key] of [
      ["Orders+42@In.Example.com", "orders@in.example.com"],
      ["orders@in.example.com", "orders@in.example.com"],
      ["a+b+c@x.example", "a@x.example"],
      ["a+@x.example", "a@x.example"],
      ["+tag@x.example", "+tag@x.example"],
      ["a@b+c.example", "a@b+c.example"],
    ]
  ) assert.equal(withoutTag(given!), key);
  assert.deepEqual(
    addresses(`"Lee, Ann" <ann@x.example>, bob@y.example, nobody, team: c@z.example;`).map((a) => a.address),
    [
      "ann@x.example",
      "bob@y.example",
      "c@z.example",
    ],
  );
  assert.deepEqual(addresses(null), []);
});

const mail: Mail = {
  from: "Ann@x.example",
  from_name: null,
  to: ["a+1@y.example"],
  cc: ["b@y.example"],
  recipients: ["hidden@y.example"],
  subject: "",
  text: null,
  html: null,
  message_id: "<1@x>",
  in_reply_to: null,
  references: [],
  automatic: false,
  attachments: [],
  spam: { is_spam: null, score: null },
  provider: "test",
};

Deno.test("To, Cc and who it was delivered to count, each once", () => {
  const event = emailEvent({ ...mail, recipients: ["hidden@y.example", "A@y.example"] });
  assert.deepEqual(event.keys, ["hidden@y.example", "a@y.example", "b@y.example"]);
  assert.deepEqual([event.payload.tag, event.event.from], ["1", "ann@x.example"]);
});

Deno.test("a mail is known by its provider's id, else by Message-ID and sender, which others cannot take from it", () => {
  assert.equal(emailEvent({ ...mail, deliveryId: "p-1" }).deliveryId, "p-1");
  assert.notEqual(emailEvent(mail).deliveryId, emailEvent({ ...mail, from: "eve@x.example" }).deliveryId);
  assert.equal(emailEvent({ ...mail, message_id: null }).deliveryId, null);
});

Deno.test("attachments and texts beyond the limits are listed without content", () => {
  const file = (bytes: number) => ({
    filename: "f",
    content_type: "x/y",
    size: bytes,
    base64: new Uint8Array(bytes).toBase64(),
  });
  const kept = (sizes: number[]) =>
    (emailEvent({ ...mail, attachments: sizes.map(file) }).payload.attachments as { base64?: string; size: number }[])
      .map((one) => one.base64 !== undefined);
  assert.deepEqual(kept([256 * 1024, 256 * 1024 + 3, 1]), [true, false, true]);
  assert.deepEqual(kept([250_000, 250_000, 250_000, 250_000, 10]), [true, true, true, false, true]);
  assert.equal(
    (emailEvent({ ...mail, attachments: Array(150).fill(file(1)) }).payload.attachments as unknown[]).length,
    100,
  );
  assert.equal((emailEvent({ ...mail, text: "x".repeat(300_000) }).payload.text as string).length, 256 * 1024);
});

const mime = [
  "Received: from mx",
  "Message-ID: <raw@x.example>",
  "In-Reply-To: <before@x.example>",
  "References: <first@x.example>",
  " <before@x.example>",
  "From: =?utf-8?q?J=C3=B6rg?= <joerg@x.example>",
  "To: Orders <orders+7@y.example>",
  "Subject: =?utf-8?b?w5xiZXI=?=",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain; charset=utf-8",
  "",
  "hello",
  "--b",
  'Content-Type: application/pdf; name="a.pdf"',
  "Content-Disposition: attachment; filename=a.pdf",
  "Content-Transfer-Encoding: base64",
  "",
  "aGk=",
  "--b--",
  "",
].join("\r\n");
const ofMime = {
  from: "joerg@x.example",
  from_name: "Jörg",
  to: ["orders+7@y.example"],
  cc: [],
  subject: "Über",
  text: "hello\n",
  html: null,
  tag: "7",
  message_id: "<raw@x.example>",
  in_reply_to: "<before@x.example>",
  references: ["<first@x.example>", "<before@x.example>"],
  automatic: false,
  attachments: [{ filename: "a.pdf", content_type: "application/pdf", size: 2, base64: "aGk=" }],
};

Deno.test("raw mails of SendGrid and Mailgun are read like parsed ones", async () => {
  const sendgrid = await formOf({ email: mime, envelope: '{"to":["orders+7@y.example"]}', spam_score: "6.5" });
  const fromSendgrid = await parseSendgrid(sendgrid.headers, sendgrid.bytes);
  assert.deepEqual(fromSendgrid.payload, {
    ...ofMime,
    recipients: ["orders+7@y.example"],
    spam: { is_spam: true, score: 6.5 },
    provider: "sendgrid",
  });
  assert.deepEqual(fromSendgrid.keys, ["orders@y.example"]);
  const mailgun = await formOf({
    "body-mime": mime,
    recipient: "orders+7@y.example",
    token: "t",
    timestamp: "1",
    signature: "s",
  });
  const form = await readForm(mailgun.headers, mailgun.bytes);
  assert.deepEqual(mailgunSignature(form), { token: "t", timestamp: "1", signature: "s" });
  const fromMailgun = await parseMailgun(form);
  assert.deepEqual(fromMailgun.payload, {
    ...ofMime,
    recipients: ["orders+7@y.example"],
    spam: { is_spam: null, score: null },
    provider: "mailgun",
  });
  assert.equal(fromMailgun.singleUseToken, "t");
});

Deno.test("Mailgun's urlencoded form, with fields instead of a list of headers", async () => {
  const headers = new Headers({ "content-type": "application/x-www-form-urlencoded" });
  const body = new URLSearchParams({
    recipient: "x@y.example",
    sender: "bounce@x.example",
    "Message-Id": "<f@x>",
    To: "X <x@y.example>",
    Cc: "z@y.example",
    "body-plain": "t",
    "body-html": "<p>t</p>",
    "X-Mailgun-Sflag": "Yes",
    "X-Mailgun-Sscore": "9.1",
    "message-headers": "no list",
  });
  const { payload, deliveryId } = await parseMailgun(await readForm(headers, utf8(body.toString())));
  assert.deepEqual([payload.from, payload.to, payload.cc, payload.html, payload.spam], [
    "bounce@x.example",
    ["x@y.example"],
    ["z@y.example"],
    "<p>t</p>",
    { is_spam: true, score: 9.1 },
  ]);
  assert.equal(deliveryId, "<f@x> bounce@x.example");
});

Deno.test("a SendGrid mail without a Message-ID is known by what was signed, not by one of its signatures", async () => {
  const { headers, bytes } = await formOf({ from: "a@x.example", to: "b@y.example", envelope: "[]" });
  const idOf = async (signature: string, timestamp: string) => {
    headers.set("x-twilio-email-event-webhook-signature", signature);
    headers.set("x-twilio-email-event-webhook-timestamp", timestamp);
    return (await parseSendgrid(headers, bytes)).deliveryId;
  };
  const id = await idOf("MEUC", "1700000000");
  assert.ok(id);
  assert.equal(await idOf("MEUC=", "1700000000"), id, "the same in another spelling");
  assert.notEqual(await idOf("MEUC", "1700000001"), id);
  const event = await parseSendgrid(headers, bytes);
  assert.deepEqual([event.payload.recipients, event.keys], [[], ["b@y.example"]]);
});

Deno.test("a form of millions of fields is refused before it is read: who sends it is not known yet", async () => {
  const field = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n';
  const cases: [type: string, body: string, fields: number | string][] = [
    ["application/x-www-form-urlencoded", "a=1&".repeat(1_000), 1_000],
    ["application/x-www-form-urlencoded", "a&".repeat(5_000_000), "body_unreadable"],
    ["multipart/form-data; boundary=x", `${field.repeat(1_000)}--x--\r\n`, 1_000],
    ['multipart/form-data; charset=utf-8; boundary="x"', `${field}--x--\r\n`, 1],
    ["multipart/form-data; boundary=x", `${field.repeat(50_000)}--x--\r\n`, "body_unreadable"],
    // counted by one boundary, read by another
    ['multipart/form-data; boundary="\\x"', `${field.repeat(50_000)}--x--\r\n`, "body_unreadable"],
    ["multipart/form-data; a=boundary=y; boundary=x", `${field.repeat(50_000)}--x--\r\n`, "body_unreadable"],
    ['multipart/form-data; a="; boundary=y"; boundary=x', `${field.repeat(50_000)}--x--\r\n`, "body_unreadable"],
    // what looks like its boundary again and again
    [`multipart/form-data; boundary=${"-".repeat(60)}x`, "-".repeat(5_000_000), "body_unreadable"],
    ["application/json", "{}", "body_unreadable"],
  ];
  for (const [type, body, expected] of cases) {
    const read = readForm(new Headers({ "content-type": type }), utf8(body));
    const outcome = await read.then((form) => [...form].length, (error) => error.code);
    assert.equal(outcome, expected, type);
  }
});

Deno.test("forms that are none are refused", async () => {
  const broken = new Headers({ "content-type": "multipart/form-data; boundary=x" });
  assert.equal(await code(() => parseSendgrid(broken, utf8("nothing"))), "body_unreadable");
  assert.equal(await code(() => parseSendgrid(jsonHeaders, utf8("{}"))), "body_unreadable");
  const empty = await formOf({ x: "y" });
  assert.equal(await code(() => parseSendgrid(empty.headers, empty.bytes)), "body_unreadable");
});

Deno.test("JSON of unexpected shapes makes an odd event, or is refused, and never a fault", async () => {
  const odd = [
    "{}",
    '{"FromFull":1,"ToFull":{},"Headers":[1,null,{}],"Attachments":[null,{}]}',
    '{"ToFull":[{"Email":5}]}',
  ];
  for (const body of odd) assert.equal(parsePostmark(utf8(body)).payload.provider, "postmark");
  for (const body of ["[]", "1", "null", "", "{", '"x"']) {
    assert.equal(await code(() => parsePostmark(utf8(body))), "json_invalid", body);
    assert.equal(await code(() => parseSlack(jsonHeaders, utf8(body))), "json_invalid", body);
    assert.equal(
      await code(() => parseGithub(new Headers({ "x-github-event": "push" }), utf8(body))),
      "json_invalid",
      body,
    );
  }
  for (
    const body of ["{}", '{"type":"event_callback"}', '{"type":"event_callback","event":{"type":3}}', '{"type":["x"]}']
  ) {
    assert.deepEqual(parseSlack(jsonHeaders, utf8(body)), { kind: "ignored" });
  }
  const github = parseGithub(new Headers({ "x-github-event": "push" }), utf8('{"ref":7,"repository":[],"action":{}}'))!;
  assert.deepEqual([github.keys, github.event, github.deliveryId], [[], { event: "push", branch: null }, null]);
  for (const event of ["", "Push", "a b", "x".repeat(101)]) {
    assert.equal(
      await code(() => parseGithub(new Headers({ "x-github-event": event }), utf8("{}"))),
      "request_invalid",
    );
  }
});

Deno.test("channels of Slack are found where each event has them", () => {
  const channelOf = (event: Record<string, unknown>) => {
    const request = parseSlack(jsonHeaders, utf8(JSON.stringify({ type: "event_callback", team_id: "T", event })));
    return request.kind === "event" ? request.event.event.channel : null;
  };
  assert.equal(channelOf({ type: "message", channel: "C1" }), "C1");
  assert.equal(channelOf({ type: "channel_created", channel: { id: "C2" } }), "C2");
  assert.equal(channelOf({ type: "reaction_added", item: { channel: "C3" } }), "C3");
  assert.equal(channelOf({ type: "team_join", user: { id: "U" } }), null);
});

Deno.test("what Resend leaves out of its hook is fetched from its API", async (t) => {
  const hook = {
    type: "email.received",
    created_at: "2024-02-22T23:41:12.126Z",
    data: {
      email_id: "56761188-7520-42d8-8898-ff6fc54ce618",
      from: "Acme <onboarding@x.example>",
      to: ["orders+9@y.example"],
      bcc: [],
      cc: [],
      message_id: "<example+123>",
      subject: "Sending this example",
      attachments: [],
    },
  };
  const content = {
    object: "email",
    id: hook.data.email_id,
    to: ["orders+9@y.example"],
    from: "Acme <onboarding@x.example>",
    subject: "Sending this example",
    html: "<p>Hi</p>",
    text: "Hi",
    headers: { "In-Reply-To": "<before@x> <earlier@x>", "Message-ID": "<example+123>" },
    bcc: ["blind@y.example"],
    cc: null,
    message_id: "<example+123>",
    attachments: [{ id: "a-1", filename: "avatar.png", size: 4096, content_type: "image/png" }],
  };
  const asked: [path: string, authorization: string | null][] = [];
  let answer: (key: string | null) => Response = () => Response.json(content);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const url = new URL(request.url);
    asked.push([url.pathname, request.headers.get("authorization")]);
    return answer(request.headers.get("authorization"));
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  const parse = (body: unknown = hook, keys = ["re_1"], signal?: AbortSignal) =>
    parseResend(utf8(JSON.stringify(body)), keys, base, signal);
  try {
    await t.step("with the integration's key", async () => {
      const event = (await parse())!;
      assert.deepEqual(asked, [[`/emails/receiving/${hook.data.email_id}`, "Bearer re_1"]]);
      assert.deepEqual(event.payload, {
        from: "onboarding@x.example",
        from_name: "Acme",
        to: ["orders+9@y.example"],
        cc: [],
        recipients: ["blind@y.example"],
        subject: "Sending this example",
        text: "Hi",
        html: "<p>Hi</p>",
        tag: "9",
        message_id: "<example+123>",
        in_reply_to: "<before@x>",
        references: ["<earlier@x>"],
        automatic: false,
        attachments: [{ filename: "avatar.png", content_type: "image/png", size: 4096, id: "a-1" }],
        spam: { is_spam: null, score: null },
        provider: "resend",
      });
      assert.equal(event.deliveryId, hook.data.email_id);
      assert.deepEqual(event.keys, ["blind@y.example", "orders@y.example"]);
    });
    await t.step("with the key before, while they are exchanged", async () => {
      answer = (key) => key === "Bearer old" ? Response.json(content) : new Response(null, { status: 401 });
      assert.equal((await parse(hook, ["new", "old"]))!.deliveryId, hook.data.email_id);
    });
    await t.step("or it is delivered again", async () => {
      for (
        const odd of [
          () => new Response(null, { status: 500 }),
          () => new Response("no json"),
          () => Response.json([]),
          () => new Response(null, { status: 302, headers: { location: "http://169.254.169.254/" } }),
          () => new Response(new Uint8Array(11 * 1024 * 1024)),
        ]
      ) {
        answer = odd;
        assert.equal(await code(() => parse()), "provider_failed");
      }
      assert.equal(await code(() => parse(hook, ["re_1"], AbortSignal.abort())), "provider_failed");
    });
    await t.step("and other events, or ids that are none, ask for nothing", async () => {
      asked.length = 0;
      assert.equal(await parse({ type: "email.sent", data: hook.data }), null);
      for (const email_id of ["../../domains", "", null, "a?b"]) {
        assert.equal(await code(() => parse({ ...hook, data: { ...hook.data, email_id } })), "request_invalid");
      }
      assert.deepEqual(asked, []);
    });
  } finally {
    await server.shutdown();
  }
});

Deno.test("a mail that nobody wrote says so", async () => {
  const raw = async (...headers: string[]) =>
    (await parseMime([...headers, "From: a@x.example", "Subject: x", "", "yes"].join("\r\n"))).automatic;
  assert.equal(await raw(), false);
  assert.equal(await raw("Auto-Submitted: no"), false);
  for (
    const header of [
      "Auto-Submitted: auto-replied",
      "Auto-Submitted: auto-generated; x=y",
      "Precedence: bulk",
      "X-Autoreply: yes",
      "Return-Path: <>",
    ]
  ) assert.equal(await raw(header), true, header);
});

Deno.test("people's words in a thread or a direct message may be an answer, all else in Slack is none", () => {
  const reply = (event: Record<string, unknown>) => {
    const request = parseSlack(
      jsonHeaders,
      utf8(JSON.stringify({
        type: "event_callback",
        team_id: "T1",
        event_id: "E1",
        event: { type: "message", channel: "C1", user: "U1", ts: "2.0", text: "yes", ...event },
      })),
    );
    return request.kind === "event" ? request.reply ?? null : null;
  };
  const answer = { messageId: "C1 2.0", text: "yes", team: "T1", channel: "C1", thread_ts: "1.0", user: "U1" };
  assert.deepEqual(reply({ thread_ts: "1.0" }), answer);
  assert.deepEqual(reply({ thread_ts: "1.0", subtype: "thread_broadcast" }), answer);
  assert.deepEqual(reply({ type: "app_mention", thread_ts: "1.0", text: "<@UBOT>: yes" }), answer, "the same message");
  assert.deepEqual(reply({ channel_type: "im" }), { ...answer, thread_ts: null });
  assert.equal(
    reply({ thread_ts: "1.0", text: "a &lt; b &amp;amp; <https://x.example|the site> <mailto:a@x.example>" })!.text,
    "a < b &amp; the site a@x.example",
  );
  for (
    const event of [
      {},
      { thread_ts: "2.0" },
      { thread_ts: "1.0", bot_id: "B1" },
      { thread_ts: "1.0", subtype: "message_changed" },
      { thread_ts: "1.0", user: null },
      { type: "reaction_added", thread_ts: "1.0" },
    ]
  ) assert.equal(reply(event), null, JSON.stringify(event));
});
