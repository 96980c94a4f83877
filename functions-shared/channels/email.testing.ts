// The four e-mail providers on loopback for tests: each checks its own way of being called, and answers like the real one.
import { isAddress, parseAddress } from "./email.ts";
import type { EmailProvider } from "./email_providers.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

export interface SentMail {
  provider: EmailProvider;
  from: string;
  to: string;
  replyTo: string | null;
  subject: string;
  text: string;
  html: string;
  /** By lower-case name. */
  headers: Map<string, string>;
}

export interface FakeMail extends AsyncDisposable {
  /** What an integration's api_url is set to. */
  url: string;
  host: string;
  mails: SentMail[];
  /** Why requests were refused. */
  refused: string[];
  next: (() => Response | null)[];
  /** What Resend has received, by id: its hook tells the id, and the content is asked of it. */
  received: Map<string, Record<string, unknown>>;
}

export const mailKeys: Record<EmailProvider, string> = {
  resend: "re_test_key_123456",
  sendgrid: "SG.test_key_123456",
  mailgun: "key-test-123456",
  postmark: "00000000-0000-4000-8000-00000000pmrk",
};

export function fakeMail(keys = mailKeys): FakeMail {
  const mails: SentMail[] = [];
  const refused: string[] = [];
  const next: FakeMail["next"] = [];
  const received: FakeMail["received"] = new Map();
  const idempotent = new Map<string, { body: string; id: string }>();

  function strict(value: Json, path: string, ...names: string[]): string | null {
    if (typeof value !== "object" || value === null) return `${path} is no object`;
    const odd = Object.keys(value).find((name) => !names.includes(name));
    return odd ? `${path} has an unknown ${odd}` : null;
  }

  /** Takes the mail, or says what is wrong with it. */
  function take(mail: SentMail): string | null {
    const lines = [mail.from, mail.to, mail.replyTo ?? "", mail.subject, ...mail.headers.values()];
    const problem = !parseAddress(mail.from)
      ? "from"
      : !isAddress(mail.to)
      ? "to"
      : mail.replyTo !== null && (!isAddress(mail.replyTo) || mail.replyTo.split("@")[0]!.length > 64)
      ? "reply-to"
      : lines.some((line) => /[\r\n]/.test(line))
      ? "a header with a line end"
      : mail.subject === "" || mail.subject.length > 998
      ? "subject"
      : !mail.text || !mail.html.startsWith("<!doctype html>")
      ? "content"
      : !/^<[^<>\s@]+@[^<>\s@]+>$/.test(mail.headers.get("message-id") ?? "")
      ? "message-id"
      : null;
    if (problem === null) mails.push(mail);
    return problem;
  }

  const list = (headers: Record<string, string> = {}) =>
    new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

  function resend(request: Request, text: string): Response {
    const error = (status: number, name: string, message = name) =>
      Response.json({ statusCode: status, name, message }, { status });
    if (request.headers.get("authorization") !== `Bearer ${keys.resend}`) return error(401, "restricted_api_key");
    if (request.headers.get("content-type") !== "application/json") return error(415, "invalid_content_type");
    const body = JSON.parse(text);
    const odd = strict(body, "body", "from", "to", "subject", "text", "html", "reply_to", "headers") ??
      (Array.isArray(body.to) && body.to.length === 1 ? null : "to");
    if (odd) return error(422, "validation_error", odd);
    const key = request.headers.get("idempotency-key") ?? "";
    if (key.length > 256) return error(400, "invalid_idempotency_key");
    const before = idempotent.get(key);
    if (before) {
      return before.body === text ? Response.json({ id: before.id }) : error(409, "invalid_idempotent_request");
    }
    const wrong = take({
      provider: "resend",
      from: body.from,
      to: body.to[0],
      replyTo: body.reply_to ?? null,
      subject: body.subject,
      text: body.text,
      html: body.html,
      headers: list(body.headers),
    });
    if (wrong) return error(422, "validation_error", `Invalid ${wrong}`);
    const id = crypto.randomUUID();
    if (key) idempotent.set(key, { body: text, id });
    return Response.json({ id });
  }

  function resendContent(request: Request, id: string): Response {
    if (request.headers.get("authorization") !== `Bearer ${keys.resend}`) {
      return Response.json({ statusCode: 401, name: "restricted_api_key" }, { status: 401 });
    }
    const content = received.get(id);
    return content ? Response.json({ object: "email", id, ...content }) : new Response(null, { status: 404 });
  }

  function sendgrid(request: Request, text: string): Response {
    const error = (status: number, message: string) =>
      Response.json({ errors: [{ message, field: null, help: null }] }, { status });
    if (request.headers.get("authorization") !== `Bearer ${keys.sendgrid}`) {
      return error(401, "The provided authorization grant is invalid, expired, or revoked");
    }
    if (request.headers.get("content-type") !== "application/json") return error(415, "Content-Type");
    const body = JSON.parse(text);
    const odd = strict(
      body,
      "body",
      "personalizations",
      "from",
      "reply_to",
      "subject",
      "content",
      "headers",
      "tracking_settings",
    );
    if (odd) return error(400, odd);
    const [first] = body.personalizations;
    // text/plain must come first
    if (body.content.map((one: Json) => one.type).join() !== "text/plain,text/html") return error(400, "content");
    const headers = list(body.headers);
    const reserved = [
      "x-sg-id",
      "x-sg-eid",
      "received",
      "dkim-signature",
      "content-type",
      "content-transfer-encoding",
      "to",
      "from",
      "subject",
      "reply-to",
      "cc",
      "bcc",
    ].find((name) => headers.has(name));
    if (reserved) return error(400, `The header ${reserved} is reserved`);
    if (body.tracking_settings?.click_tracking?.enable !== false) return error(400, "links would be rewritten");
    const wrong = take({
      provider: "sendgrid",
      from: body.from.name ? `"${body.from.name}" <${body.from.email}>` : body.from.email,
      to: first.to[0].email,
      replyTo: body.reply_to?.email ?? null,
      subject: body.subject,
      text: body.content[0].value,
      html: body.content[1].value,
      headers,
    });
    if (wrong) return error(400, wrong);
    return new Response(null, { status: 202, headers: { "x-message-id": crypto.randomUUID().replaceAll("-", "") } });
  }

  function mailgun(request: Request, text: string, domain: string): Response {
    if (request.headers.get("authorization") !== `Basic ${btoa(`api:${keys.mailgun}`)}`) {
      return new Response("Forbidden", { status: 401 });
    }
    if (request.headers.get("content-type") !== "application/x-www-form-urlencoded") {
      return Response.json({ message: "unsupported" }, { status: 400 });
    }
    const form = new URLSearchParams(text);
    const odd = [...form.keys()].find((name) =>
      !/^(from|to|subject|text|html|o:tracking(-clicks|-opens)?|h:[\w-]+)$/.test(name)
    );
    if (odd) return Response.json({ message: `${odd} is not a parameter` }, { status: 400 });
    if (form.get("o:tracking-clicks") !== "no") {
      return Response.json({ message: "links would be rewritten" }, { status: 400 });
    }
    const headers = list(
      Object.fromEntries(
        [...form].filter(([name]) => name.startsWith("h:")).map(([name, value]) => [name.slice(2), value]),
      ),
    );
    const wrong = take({
      provider: "mailgun",
      from: form.get("from") ?? "",
      to: form.get("to") ?? "",
      replyTo: headers.get("reply-to") ?? null,
      subject: form.get("subject") ?? "",
      text: form.get("text") ?? "",
      html: form.get("html") ?? "",
      headers,
    });
    if (wrong) return Response.json({ message: `'${wrong}' parameter is not valid` }, { status: 400 });
    if (!domain.includes(".")) return Response.json({ message: "Domain not found" }, { status: 404 });
    return Response.json({ id: headers.get("message-id"), message: "Queued. Thank you." });
  }

  function postmark(request: Request, text: string): Response {
    const error = (status: number, code: number, message: string) =>
      Response.json({ ErrorCode: code, Message: message }, { status });
    if (request.headers.get("x-postmark-server-token") !== keys.postmark) {
      return error(401, 10, "No Account or Server API tokens were supplied in the HTTP headers.");
    }
    if (request.headers.get("accept") !== "application/json") return error(422, 402, "Accept");
    const body = JSON.parse(text);
    const odd = strict(
      body,
      "body",
      "From",
      "To",
      "Subject",
      "TextBody",
      "HtmlBody",
      "ReplyTo",
      "Headers",
      "MessageStream",
      "TrackOpens",
      "TrackLinks",
    );
    if (odd) return error(422, 402, odd);
    if (body.TrackLinks !== "None") return error(422, 300, "links would be rewritten");
    const headers = list(Object.fromEntries(body.Headers.map(({ Name, Value }: Json) => [Name, Value])));
    const id = crypto.randomUUID();
    // it writes its own otherwise
    if (headers.get("x-pm-keepid") !== "true") headers.set("message-id", `<${id}@mtasv.net>`);
    const wrong = take({
      provider: "postmark",
      from: body.From,
      to: body.To,
      replyTo: body.ReplyTo ?? null,
      subject: body.Subject,
      text: body.TextBody,
      html: body.HtmlBody,
      headers,
    });
    if (wrong) return error(422, 300, `Invalid '${wrong}'`);
    return Response.json({
      To: body.To,
      SubmittedAt: new Date().toISOString(),
      MessageID: id,
      ErrorCode: 0,
      Message: "OK",
    });
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    const special = next.shift()?.();
    if (special) return special;
    const content = /^\/emails\/receiving\/([^/]+)$/.exec(pathname)?.[1];
    const domain = /^\/v3\/([^/]+)\/messages$/.exec(pathname)?.[1];
    const answer = request.method === "GET" && content !== undefined
      ? resendContent(request, content)
      : request.method !== "POST"
      ? new Response(null, { status: 405 })
      : pathname === "/emails"
      ? resend(request, text)
      : pathname === "/v3/mail/send"
      ? sendgrid(request, text)
      : domain !== undefined
      ? mailgun(request, text, domain)
      : pathname === "/email"
      ? postmark(request, text)
      : new Response(null, { status: 404 });
    if (!answer.ok) refused.push(await answer.clone().text());
    return answer;
  });
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    url: `http://${host}`,
    host,
    mails,
    refused,
    next,
    received,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
