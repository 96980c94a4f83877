// Every provider of mail both ways: the question goes out by its API, and the reply that it delivers, proved as it does,
// decides. What it does to a mail on the way is its own: ids are replaced, addresses with tags are lost.
import assert from "node:assert/strict";
import { fakeMail, mailKeys, type SentMail } from "shared/channels/email.testing.ts";
import { utf8 } from "shared/encoding.ts";
import { hmac } from "shared/signatures/hmac.ts";
import { newStandardSecret, signStandard } from "shared/signatures/standard_webhooks.ts";
import { signUp } from "../stack.ts";
import {
  allow,
  call,
  chain,
  createWorkflow,
  database,
  ended,
  integrate,
  json,
  manual,
  until,
  violations,
} from "./wire.ts";

interface Reply {
  from: string;
  to: string;
  text: string;
  headers: Record<string, string>;
}

const now = () => String(Math.floor(Date.now() / 1000));
const multipart = (fields: Record<string, string>): Request => {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return new Request("http://unsent.test", { method: "POST", body });
};
const asLines = (headers: Record<string, string>) =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");

/** WebCrypto's signature as SendGrid sends it. */
function der(signature: Uint8Array): Uint8Array {
  const number = (digits: Uint8Array) => {
    const trimmed = [...digits.subarray(digits.findIndex((digit) => digit !== 0))];
    if (trimmed[0]! >= 0x80) trimmed.unshift(0);
    return [2, trimmed.length, ...trimmed];
  };
  const both = [...number(signature.subarray(0, 32)), ...number(signature.subarray(32))];
  return new Uint8Array([0x30, both.length, ...both]);
}

const sendgridKeys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const resendSecret = newStandardSecret();
const mailgunSecret = "a signing key of Mailgun's";
const outlook = "<AM0PR07MB1@eurprd07.prod.outlook.com>";
const rewritten = (sent: SentMail) => ({
  // the provider gave it another id; what it referred to came through
  "In-Reply-To": "<0100018f@provider.example>",
  References: `${sent.headers.get("references")} <0100018f@provider.example>`,
});

interface Case {
  secret: string;
  /** What of the mail comes back. */
  reply(sent: SentMail): Pick<Reply, "to" | "headers">;
  /** The function that the provider's hook leads to: only questions, or triggers as well. */
  path: string;
  deliver(
    url: string,
    reply: Reply,
    forged: boolean,
    mail: { received: Map<string, Record<string, unknown>> },
  ): Promise<
    Response
  >;
}

const cases: Record<"resend" | "sendgrid" | "mailgun", Case> = {
  resend: {
    secret: resendSecret,
    reply: (sent) => ({ to: "approvals@in.example.com", headers: rewritten(sent) }),
    path: "execute/hooks/email/resend",
    async deliver(url, { from, to, text, headers }, forged, { received }) {
      const id = crypto.randomUUID();
      received.set(id, { from, to: [to], subject: "Re: Refund?", text, html: null, headers, attachments: [] });
      const body = JSON.stringify({ type: "email.received", data: { email_id: id, from, to: [to] } });
      const signed = await signStandard(
        [forged ? newStandardSecret() : resendSecret],
        `msg_${id}`,
        Number(now()),
        body,
      );
      const svix = Object.fromEntries(
        Object.entries(signed).map(([name, value]) => [name.replace("webhook", "svix"), value]),
      );
      return await call(url, null, { method: "POST", body, headers: { "content-type": "application/json", ...svix } });
    },
  },
  sendgrid: {
    secret: new Uint8Array(await crypto.subtle.exportKey("spki", sendgridKeys.publicKey)).toBase64(),
    reply: (sent) => ({ to: sent.replyTo!.toUpperCase(), headers: {} }),
    path: "hil-webhook/email/sendgrid",
    async deliver(url, { from, to, text, headers }, forged) {
      const form = multipart({
        from,
        to,
        subject: "Re: Refund?",
        text,
        headers: asLines({ ...headers, "Message-ID": outlook }),
        envelope: JSON.stringify({ to: [to], from }),
      });
      const bytes = new Uint8Array(await form.arrayBuffer());
      const at = now();
      const signature = new Uint8Array(
        await crypto.subtle.sign(
          { name: "ECDSA", hash: "SHA-256" },
          sendgridKeys.privateKey,
          new Uint8Array([...utf8(at), ...bytes, ...(forged ? [1] : [])]),
        ),
      );
      return await call(url, null, {
        method: "POST",
        body: bytes,
        headers: {
          "content-type": form.headers.get("content-type")!,
          "x-twilio-email-event-webhook-timestamp": at,
          "x-twilio-email-event-webhook-signature": der(signature).toBase64(),
        },
      });
    },
  },
  mailgun: {
    secret: mailgunSecret,
    reply: (sent) => ({ to: "approvals@in.example.com", headers: { "In-Reply-To": sent.headers.get("message-id")! } }),
    path: "hil-webhook/email/mailgun",
    async deliver(url, { from, to, text, headers }, forged) {
      const timestamp = now();
      const token = crypto.getRandomValues(new Uint8Array(25)).toHex();
      const key = forged ? "another key" : mailgunSecret;
      const form = multipart({
        from,
        sender: from,
        recipient: to,
        subject: "Re: Refund?",
        "body-plain": text,
        "message-headers": JSON.stringify(Object.entries({ ...headers, "Message-Id": outlook })),
        timestamp,
        token,
        signature: (await hmac("SHA-256", utf8(key), utf8(timestamp + token))).toHex(),
      });
      return await call(url, null, {
        method: "POST",
        body: await form.arrayBuffer(),
        headers: { "content-type": form.headers.get("content-type")! },
      });
    },
  },
};

for (const [provider, { secret, reply, path, deliver }] of Object.entries(cases)) {
  Deno.test(`${provider} carries a question out and its answer in`, async () => {
    await using mail = fakeMail();
    await using sql = database();
    const ann = await signUp("ann");
    await allow(ann, mail.host);
    const account = await integrate(ann, provider, {
      api_key: mailKeys[provider as keyof typeof mailKeys],
      secret,
      config: { api_url: mail.url, from: "Refunds <refunds@example.com>", inbound_address: "approvals@in.example.com" },
    });
    const workflow = await createWorkflow(
      ann,
      chain(manual, {
        id: "ask",
        type: "HUMAN_IN_THE_LOOP",
        subtype: "APPROVAL",
        parameters: { channel: "email", to: "boss@example.com", message: "Refund?", data: { amount: 50 } },
        credentials: { email: account.id },
      }, { id: "end", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input.data.amount }}" } }),
    );
    const { execution } = await json(call("execute", ann, { json: { workflow_id: workflow } }), 202);
    const sent = await until(`${provider} is asked`, () => mail.mails[0]);
    const url = `${path}/${account.id}`;
    const quoted = `On Mon, 1 Feb 2027 at 10:02, Refunds <refunds@example.com> wrote:\n> reject it?`;
    const answer = (from: string, text: string) => ({ from, text: `${text}\n\n${quoted}`, ...reply(sent) });
    const yes = answer("Boss <Boss@example.com>", "Yes, but change the amount to 40");

    assert.equal((await deliver(url, yes, true, mail)).status, 401, "unsigned it is nobody's");
    const stranger = await deliver(url, answer("eve@example.com", "I approve"), false, mail);
    assert.equal(stranger.status, 200);
    const [pending] = await sql`select status from public.human_interactions where execution_id = ${execution.id}`;
    assert.equal(pending!.status, "pending", "a stranger decides nothing, though he has the mail");

    const taken = await deliver(url, yes, false, mail);
    assert.equal(taken.status, 200, await taken.text());
    const { execution: done } = await ended(ann, execution.id);
    assert.deepEqual([done.status, done.output], ["SUCCESS", { end: 40 }]);
    const told = await until("the boss is told", () => mail.mails[1]);
    assert.match(told.text, /Approved by boss@example\.com/);
    assert.deepEqual([mail.mails.length, mail.refused], [2, []]);
    const responses = await sql`
      select r.provider, r.status, r.responder from public.hil_responses r
      join public.human_interactions i on i.id = r.matched_interaction_id
      where i.execution_id = ${execution.id} order by r.id`;
    assert.deepEqual(responses.map((row) => ({ ...row })), [
      { provider, status: "error", responder: "email:eve@example.com" },
      { provider, status: "matched", responder: "email:boss@example.com" },
    ]);
    assert.deepEqual(await violations(sql, workflow), []);
  });
}

Deno.test("a reply that names another puts the question to her, and its sender is told", async () => {
  await using mail = fakeMail();
  await using sql = database();
  const ann = await signUp("ann");
  await allow(ann, mail.host);
  const account = await integrate(ann, "postmark", {
    api_key: mailKeys.postmark,
    config: { api_url: mail.url, from: "Refunds <refunds@example.com>", inbound_address: "approvals@in.example.com" },
  });
  const workflow = await createWorkflow(
    ann,
    chain(manual, {
      id: "ask",
      type: "HUMAN_IN_THE_LOOP",
      subtype: "APPROVAL",
      parameters: {
        channel: "email",
        to: "boss@example.com",
        title: "Refund?",
        message: "Refund?",
        data: { amount: 50 },
      },
      credentials: { email: account.id },
    }, { id: "end", type: "ACTION", subtype: "TRANSFORM", parameters: { output: "{{ $.input.responded_by.email }}" } }),
  );
  const { execution } = await json(call("execute", ann, { json: { workflow_id: workflow } }), 202);
  const sent = await until("the boss is asked", () => mail.mails[0]);
  const reply = (from: string, to: string, text: string) =>
    json(
      call(`hil-webhook/email/postmark/${account.id}`, null, {
        json: {
          MessageID: crypto.randomUUID(),
          FromFull: { Email: from, Name: "" },
          ToFull: [{ Email: to }],
          Subject: "Re: Refund?",
          TextBody: text,
          Headers: [{ Name: "Message-ID", Value: `<${crypto.randomUUID()}@example.com>` }],
        },
        headers: { authorization: `Basic ${btoa(`postmark:${account.secret}`)}` },
      }),
      200,
    );
  // her address before the @, which only she has
  const name = ann.email.split("@")[0]!;
  const told = await reply("boss@example.com", sent.replyTo!, `Please ask ${name}@example.com`);
  assert.equal(told.message, `${ann.email} is asked instead`, JSON.stringify(told));
  const notice = await until(
    "the boss is told",
    () => mail.mails.find(({ to }, i) => i > 0 && to === "boss@example.com"),
  );
  assert.match(notice.text, /As you asked, ann-\S+ is asked instead/);
  assert.equal(notice.headers.get("in-reply-to"), sent.headers.get("message-id"));
  const link = /\/respond\/([a-z2-7]+)/.exec(sent.text)![1];
  assert.equal((await json(call(`hil-webhook/respond/${link}`, null), 200)).state, "reassigned");
  const asked = await until("she is asked", () => mail.mails.find(({ to }) => to === ann.email));
  assert.equal((await reply("boss@example.com", sent.replyTo!, "Yes, approved")).code, "interaction_reassigned");
  assert.equal((await reply(ann.email, asked.replyTo!, "Yes, approved")).outcome, "approved");
  assert.deepEqual((await ended(ann, execution.id)).execution.output, { end: ann.email });
  assert.deepEqual([mail.refused, await violations(sql, workflow)], [[], []]);
});
