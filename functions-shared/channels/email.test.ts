import assert from "node:assert/strict";
import { ChannelError, type Network } from "./call.ts";
import { composeEmail, isAddress, parseAddress } from "./email.ts";
import { type EmailProvider, emailProviders, sendEmail } from "./email_providers.ts";
import { type FakeMail, fakeMail, mailKeys } from "./email.testing.ts";
import { message } from "./messages.testing.ts";

const config = { from: "Refunds, Inc. <refunds@example.com>", inbound_address: "approvals@in.example.com" };
const mailTo = (...[row, content]: Parameters<typeof message>) =>
  message({ channel: "email", recipient: "ana@example.com", ...row }, content);
const network = (mail: FakeMail): Network => ({ allowedHosts: [mail.host], signal: AbortSignal.timeout(5_000) });
const account = (mail: FakeMail, provider: EmailProvider, keys = [mailKeys[provider]]) => ({
  keys,
  config: { ...config, api_url: mail.url },
});

async function failure(promise: Promise<unknown>): Promise<ChannelError> {
  const error = await promise.then(() => assert.fail("it succeeded"), (error) => error);
  assert.ok(error instanceof ChannelError, `${error}`);
  return error;
}

for (const provider of emailProviders) {
  Deno.test(`${provider} takes a mail with our ids, an address for answers, and no tracking`, async () => {
    await using server = fakeMail();
    const request = mailTo();
    const { external_id, thread } = await sendEmail(request, provider, account(server, provider), network(server));
    assert.deepEqual(server.refused, []);
    const [mail] = server.mails;
    assert.equal(mail!.provider, provider);
    assert.deepEqual(parseAddress(mail!.from), { name: "Refunds, Inc.", address: "refunds@example.com" });
    assert.equal(mail!.to, "ana@example.com");
    assert.equal(mail!.subject, "Refund 120 EUR?");
    assert.equal(mail!.replyTo, `approvals+${request.replyTag}@in.example.com`);
    assert.equal(mail!.headers.get("message-id"), `<${request.id}@example.com>`);
    assert.equal(mail!.headers.get("auto-submitted"), "auto-generated");
    assert.ok(mail!.text.includes(request.link!) && mail!.html.includes(`href="${request.link}"`));
    assert.equal(external_id, `<${request.id}@example.com>`);

    const reminder = mailTo({ kind: "reminder", thread });
    const second = await sendEmail(reminder, provider, account(server, provider), network(server));
    const [, followed] = server.mails;
    assert.equal(followed!.headers.get("in-reply-to"), external_id);
    assert.equal(followed!.headers.get("references"), `<${request.id}.root@example.com> ${external_id}`);
    assert.equal(followed!.subject, "Re: Refund 120 EUR?");
    assert.deepEqual(second.thread.message_ids, [
      `<${reminder.id}@example.com>`,
      external_id,
      `<${request.id}.root@example.com>`,
    ]);

    const decided = mailTo({ kind: "decided", thread }, {
      outcome: "approved",
      responded_by: { email: "bob@example.com" },
      responded_at: "2026-01-01T12:00:00Z",
      result: { order: 42, amount: 40 },
    });
    await sendEmail(decided, provider, account(server, provider), network(server));
    const [, , last] = server.mails;
    assert.match(last!.text, /Approved by bob@example.com, 2026-01-01 12:00 UTC[^]*amount: 40/);
    assert.doesNotMatch(last!.text + last!.html, /respond\/|answer this mail/);
    assert.equal(last!.replyTo, null);
  });

  Deno.test(`${provider}: a wrong key is no retry, a busy server is, the key before does`, async () => {
    await using server = fakeMail();
    const send = (keys?: string[]) => sendEmail(mailTo(), provider, account(server, provider, keys), network(server));
    assert.equal((await failure(send(["wrong"]))).retryable, false);
    server.next.push(() => new Response("busy", { status: 429, headers: { "retry-after": "7" } }));
    const limited = await failure(send());
    assert.deepEqual([limited.code, limited.retryable, limited.retryAfterSeconds], [`${provider}_429`, true, 7]);
    server.next.push(() => new Response(null, { status: 503 }));
    assert.equal((await failure(send())).retryable, true);
    server.next.push(() => Response.json({ message: "no" }, { status: 422 }));
    assert.equal((await failure(send())).retryable, false);
    server.next.push(() => new Response("<html>welcome</html>", { status: 200 }));
    assert.equal((await failure(send())).code, `${provider}_malformed`);
    await send(["new", mailKeys[provider]]);
    assert.equal(server.mails.length, 1);
  });
}

Deno.test("Resend does not send one message twice, also where its link differs", async () => {
  await using server = fakeMail();
  const request = mailTo();
  await sendEmail(request, "resend", account(server, "resend"), network(server));
  // claimed again after a lost answer, with another token
  const again = { ...request, link: `${request.link}x` };
  const { external_id } = await sendEmail(again, "resend", account(server, "resend"), network(server));
  assert.equal(external_id, `<${request.id}@example.com>`);
  assert.equal(server.mails.length, 1);
});

Deno.test("the European hosts are the providers' own", async () => {
  const hosts: string[] = [];
  const resolve = (host: string) => {
    hosts.push(host);
    return Promise.resolve(["127.0.0.1"]);
  };
  for (const provider of ["sendgrid", "mailgun"] as const) {
    for (const region of ["us", "eu"]) {
      const given = { keys: ["k"], config: { ...config, region } };
      await assert.rejects(
        sendEmail(mailTo(), provider, given, { allowedHosts: [], signal: AbortSignal.timeout(5_000), resolve }),
        { code: "address_not_allowed" },
      );
    }
  }
  assert.deepEqual(hosts, ["api.sendgrid.com", "api.eu.sendgrid.com", "api.mailgun.net", "api.eu.mailgun.net"]);
});

Deno.test("both forms show what others wrote as text", () => {
  const evil = `<script>alert("1")</script><a href='https://evil.test'>&amp;`;
  const { html, text, subject } = composeEmail(
    mailTo({}, {
      title: `${evil}\r\nBcc: x@evil.test`,
      message: evil,
      workflow: evil,
      data: { [evil]: evil, deep: [evil] },
    }),
    config,
  );
  assert.doesNotMatch(html, /<script>|href='|<a href="https:\/\/evil/);
  assert.equal(html.match(/&lt;script&gt;/g)!.length >= 5, true);
  assert.ok(text.includes(evil));
  assert.doesNotMatch(subject, /[\r\n]/);
});

Deno.test("every kind of question says how it is answered", () => {
  const schema = { required: ["amount"], properties: { amount: { title: "Amount" } } };
  const text = (content: Parameters<typeof message>[1], given: object = config) =>
    composeEmail(mailTo({}, content), given as typeof config).text;
  assert.match(
    text({}),
    /Review and decide: https[^]*answer this mail: "approve" or "reject"[^]*Open until 2026-01-02 10:00 UTC/,
  );
  assert.match(text({ type: "input", schema }), /Asked for: Amount \(required\)/);
  const options = Array.from({ length: 60 }, (_, i) => ({ value: i, label: `Choice ${i}` }));
  assert.match(text({ type: "selection", options }), /- Choice 0\n[^]*- and 10 more/);
  // nobody would read the answer
  assert.doesNotMatch(text({}, { from: "a@example.com" }), /answer this mail/);
  const escalation = composeEmail(
    mailTo({ kind: "escalation" }, { escalated_from: "Ana", priority: "critical" }),
    config,
  );
  assert.match(escalation.text, /Ana did not answer/);
  assert.equal(escalation.subject, "[Critical] Escalated: Refund 120 EUR?");
});

Deno.test("a long message is cut and says so", () => {
  const { text, html, subject } = composeEmail(
    mailTo({}, { title: "t".repeat(5_000), message: "ü".repeat(100_000), data: { list: ["x".repeat(100_000)] } }),
    config,
  );
  assert.ok(subject.length <= 200);
  assert.ok(text.length < 60_000 && html.length < 80_000);
  assert.match(text, /shortened: 100000 characters in all/);
});

Deno.test("an address for answers that would be too long is used without the tag", () => {
  const long = composeEmail(mailTo(), { ...config, inbound_address: `${"a".repeat(20)}@in.example.com` });
  assert.equal(long.replyTo, `${"a".repeat(20)}@in.example.com`);
});

Deno.test("no mail without a sender, or to what is no single address", () => {
  assert.throws(() => composeEmail(mailTo(), {}), { code: "integration_incomplete" });
  assert.throws(() => composeEmail(mailTo(), { from: "nobody" }), { code: "integration_incomplete" });
  const odd = ["", "ana", "a@b@c", "a@b,c@d", "a@b\nBcc: c@d", "Ana <a@b.c>", "a b@c.d", `${"a".repeat(65)}@b.c`];
  for (const recipient of odd) {
    assert.ok(!isAddress(recipient), recipient);
    assert.throws(() => composeEmail(mailTo({ recipient }), config), { code: "recipient_invalid" });
  }
  assert.ok(isAddress("ana.o'hara+tag@mail.example.com"));
});

Deno.test("a notice is in the thread of what was answered, and asks for nothing", async () => {
  await using server = fakeMail();
  const asked = mailTo();
  const { thread } = await sendEmail(asked, "postmark", account(server, "postmark"), network(server));
  const content = {
    notice: "As you asked, Ana is asked instead.",
    schema: { properties: { a: {} } },
    type: "input" as const,
  };
  const notice = mailTo({ kind: "notice", token: null, thread }, content);
  await sendEmail(notice, "postmark", account(server, "postmark"), network(server));
  const told = server.mails[1]!;
  assert.deepEqual([told.subject, told.replyTo], ["Re: Refund 120 EUR?", null]);
  assert.equal(told.headers.get("in-reply-to"), `<${asked.id}@example.com>`);
  assert.match(
    told.text,
    /^Refund 120 EUR\?\n\nAs you asked, Ana is asked instead\.\n\n--\nSent by the workflow Refunds\./,
  );
  assert.doesNotMatch(told.text, /respond|Asked for|amount|Open until/);
});
