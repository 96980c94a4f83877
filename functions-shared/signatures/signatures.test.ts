// Every scheme: what its vendor publishes is taken, and whatever differs from it is not.
import { type Bytes, utf8 } from "../encoding.ts";
import assert from "node:assert/strict";
import { verifyConfiguredHmac } from "./configured_hmac.ts";
import { verifyGithub } from "./github.ts";
import { hmac } from "./hmac.ts";
import { verifyMailgun } from "./mailgun.ts";
import { verifySendgrid } from "./sendgrid.ts";
import { verifyBasic, verifyHeader } from "./shared_secret.ts";
import { verifySlack } from "./slack.ts";
import { newStandardSecret, signStandard, verifyStandard } from "./standard_webhooks.ts";
import type { Verdict } from "./verdict.ts";

interface Request {
  secrets: string[];
  headers: Record<string, string>;
  body: Bytes;
  now: number;
}
interface Scheme {
  verify(request: Request): Promise<Verdict>;
  /** Published by the vendor. */
  vector: Request;
  signature: string;
  prefix: string;
  encoding: "hex" | "base64";
  timestamp?: string;
  tolerance?: number;
  otherSecret: string;
}

const headersOf = (request: Request) => new Headers(request.headers);
const slackBody =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
  "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com" +
  "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

const schemes: Record<string, Scheme> = {
  // docs.github.com: validating webhook deliveries
  github: {
    verify: (r) => verifyGithub(r.secrets, headersOf(r), r.body),
    vector: {
      secrets: ["It's a Secret to Everybody"],
      headers: {
        "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      },
      body: utf8("Hello, World!"),
      now: 0,
    },
    signature: "x-hub-signature-256",
    prefix: "sha256=",
    encoding: "hex",
    otherSecret: "another",
  },
  // docs.slack.dev: verifying requests from Slack
  slack: {
    verify: (r) => verifySlack(r.secrets, headersOf(r), r.body, r.now),
    vector: {
      secrets: ["8f742231b10e8888abcd99yyyzzz85a5"],
      headers: {
        "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "x-slack-request-timestamp": "1531420618",
      },
      body: utf8(slackBody),
      now: 1531420618,
    },
    signature: "x-slack-signature",
    prefix: "v0=",
    encoding: "hex",
    timestamp: "x-slack-request-timestamp",
    tolerance: 300,
    otherSecret: "8f742231b10e8888abcd99yyyzzz85a6",
  },
  // the tests of Standard Webhooks' reference libraries
  "standard webhooks": {
    verify: (r) => verifyStandard(r.secrets, headersOf(r), r.body, r.now),
    vector: {
      secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      headers: {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      },
      body: utf8(`{"test": 2432232314}`),
      now: 1614265330,
    },
    signature: "webhook-signature",
    prefix: "v1,",
    encoding: "base64",
    timestamp: "webhook-timestamp",
    tolerance: 300,
    otherSecret: newStandardSecret(),
  },
  // docs.svix.com: verifying webhooks manually
  svix: {
    verify: (r) => verifyStandard(r.secrets, headersOf(r), r.body, r.now, "svix"),
    vector: {
      secrets: ["whsec_plJ3nmyCDGBKInavdOK15jsl"],
      headers: {
        "svix-id": "msg_loFOjxBNrRLzqYUf",
        "svix-timestamp": "1731705121",
        "svix-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
      },
      body: utf8(`{"event_type":"ping","data":{"success":true}}`),
      now: 1731705121,
    },
    signature: "svix-signature",
    prefix: "v1,",
    encoding: "base64",
    timestamp: "svix-timestamp",
    tolerance: 300,
    otherSecret: newStandardSecret(),
  },
  // the tests of SendGrid's library, its second key too
  sendgrid: {
    verify: (r) => verifySendgrid(r.secrets, headersOf(r), r.body, r.now, 600),
    vector: {
      secrets: [
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==",
      ],
      headers: {
        "x-twilio-email-event-webhook-signature":
          "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=",
        "x-twilio-email-event-webhook-timestamp": "1588788367",
      },
      body: utf8(JSON.stringify({ category: "example_payload", event: "test_event", message_id: "message_id" })),
      now: 1588788367,
    },
    signature: "x-twilio-email-event-webhook-signature",
    prefix: "",
    encoding: "base64",
    timestamp: "x-twilio-email-event-webhook-timestamp",
    tolerance: 600,
    otherSecret:
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuFDb/R1NGe1OPzpA==",
  },
  // Stripe's form of it: made here, the scheme is whatever is configured
  "configured hmac": {
    verify: (r) =>
      verifyConfiguredHmac(
        r.secrets,
        { header: "X-Signature", prefix: "v1=", encoding: "base64", algorithm: "sha512", timestamp_header: "X-Time" },
        headersOf(r),
        r.body,
        r.now,
      ),
    vector: {
      secrets: ["a secret"],
      headers: {
        "x-signature": `v1=${(await hmac("SHA-512", utf8("a secret"), utf8(`1700000000.{"a":1}`))).toBase64()}`,
        "x-time": "1700000000",
      },
      body: utf8(`{"a":1}`),
      now: 1700000000,
    },
    signature: "x-signature",
    prefix: "v1=",
    encoding: "base64",
    timestamp: "x-time",
    tolerance: 300,
    otherSecret: "another",
  },
};

for (const [name, scheme] of Object.entries(schemes)) {
  const { vector, signature, prefix, timestamp, tolerance } = scheme;
  const verify = (change: Partial<Request>) => scheme.verify({ ...vector, ...change });
  const withHeader = (header: string, value: string | null) => {
    const { [header]: _, ...rest } = vector.headers;
    return verify({ headers: value === null ? rest : { ...rest, [header]: value } });
  };
  const good = vector.headers[signature]!;
  const digits = good.slice(prefix.length);

  Deno.test(`${name}: the published vector is taken`, async () => {
    assert.equal(await verify({}), null);
    assert.equal(await verify({ secrets: [scheme.otherSecret, ...vector.secrets] }), null, "any secret of the ring");
  });

  Deno.test(`${name}: another secret, none, an empty one`, async () => {
    assert.equal(await verify({ secrets: [scheme.otherSecret] }), "mismatch");
    assert.equal(await verify({ secrets: [] }), "mismatch");
    assert.equal(await verify({ secrets: [""] }), "mismatch");
  });

  Deno.test(`${name}: a body that differs in one byte, anywhere`, async () => {
    for (const at of [0, vector.body.length >> 1, vector.body.length - 1]) {
      const body = vector.body.slice();
      body[at]! ^= 1;
      assert.equal(await verify({ body }), "mismatch");
    }
    assert.equal(await verify({ body: vector.body.slice(0, -1) }), "mismatch");
    assert.equal(await verify({ body: new Uint8Array([...vector.body, 0x20]) }), "mismatch");
    assert.equal(await verify({ body: new Uint8Array() }), "mismatch");
    assert.equal(await verify({ body: new Uint8Array([0xff, 0xfe, 0x00]) }), "mismatch");
  });

  Deno.test(`${name}: a signature that is missing, empty, cut off, malformed, of another`, async () => {
    assert.equal(await withHeader(signature, null), "missing");
    assert.equal(await withHeader(signature, ""), "missing");
    for (const odd of [prefix, `${prefix}%%%`, `${prefix}\u00e9\u00fc`, `${prefix}=`, "x", `${prefix}a`]) {
      assert.ok(["malformed", "missing"].includes((await withHeader(signature, odd))!), odd);
    }
    if (prefix) assert.equal(await withHeader(signature, digits), "malformed", "without its prefix");
    const cut = digits.slice(0, scheme.encoding === "hex" ? -2 : -4);
    assert.ok(await withHeader(signature, prefix + cut), "cut off");
    const other = (digits[10] === "a" ? "b" : "a") + digits.slice(11);
    assert.ok(await withHeader(signature, prefix + digits.slice(0, 10) + other), "one character differs");
    const zeros = scheme.encoding === "hex" ? "0".repeat(64) : new Uint8Array(32).toBase64();
    assert.ok(await withHeader(signature, prefix + zeros), "zeros");
  });

  if (timestamp && tolerance) {
    Deno.test(`${name}: a time that is missing, altered, old, to come`, async () => {
      const time = Number(vector.headers[timestamp]);
      assert.equal(await withHeader(timestamp, null), "missing");
      assert.equal(await withHeader(timestamp, ""), "missing");
      for (const odd of ["soon", "1e9", "-1", "0x10", `${time}.5`, `${time} 1`, "9".repeat(30)]) {
        assert.equal(await withHeader(timestamp, odd), "malformed", odd);
      }
      assert.equal(await withHeader(timestamp, String(time + 1)), "mismatch");
      assert.equal(await verify({ now: time + tolerance }), null, "as old as it may be");
      assert.equal(await verify({ now: time + tolerance + 1 }), "too_old");
      assert.equal(await verify({ now: time - tolerance }), null, "clocks differ");
      assert.equal(await verify({ now: time - tolerance - 1 }), "too_new");
    });
  }
}

Deno.test("standard webhooks: several signatures in a header, of which one is ours", async () => {
  const { vector, verify } = schemes["standard webhooks"]!;
  const ours = vector.headers["webhook-signature"]!;
  const other = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
  const signed = (header: string) => verify({ ...vector, headers: { ...vector.headers, "webhook-signature": header } });
  assert.equal(await signed(`${other} ${ours}`), null);
  assert.equal(await signed(`v1a,abcd ${ours} v2,${ours.slice(3)}`), null, "other versions are passed over");
  assert.equal(await signed(`v2,${ours.slice(3)}`), "malformed", "but are not taken");
  assert.equal(await signed(`${other} ${other}`), "mismatch");
  assert.equal(await signed(`${other.repeat(1)} `.repeat(20) + ours), "mismatch", "no more than twenty are tried");
  for (const id of ["", "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330", "a b"]) {
    assert.ok(await verify({ ...vector, headers: { ...vector.headers, "webhook-id": id } }));
  }
  const svixHeaders = Object.fromEntries(
    Object.entries(vector.headers).map(([name, value]) => [name.replace("webhook", "svix"), value]),
  );
  assert.equal(await verify({ ...vector, headers: svixHeaders }), "missing", "the other names of the headers");
});

Deno.test("sendgrid: signatures that are not DER, and keys that are none", async () => {
  const { vector, signature } = schemes.sendgrid!;
  const der = Uint8Array.fromBase64(vector.headers[signature]!);
  const changed = (change: (bytes: number[]) => number[]) =>
    schemes.sendgrid!.verify({
      ...vector,
      headers: { ...vector.headers, [signature]: new Uint8Array(change([...der])).toBase64() },
    });
  assert.equal(await changed((b) => b), null);
  for (
    const change of [
      (b: number[]) => [0x31, ...b.slice(1)],
      (b: number[]) => [b[0]!, b[1]! + 1, ...b.slice(2)],
      (b: number[]) => [b[0]!, b[1]! - 1, ...b.slice(2)],
      (b: number[]) => [...b, 0],
      (b: number[]) => b.slice(0, 10),
      (b: number[]) => [b[0]!, b[1]!, 0x04, ...b.slice(3)],
      (b: number[]) => [b[0]!, b[1]!, 0x02, 0xff, ...b.slice(4)],
      () => [0x30, 0],
    ]
  ) assert.equal(await changed(change), "malformed");
  for (const key of ["", "no key", "AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]) {
    assert.equal(await schemes.sendgrid!.verify({ ...vector, secrets: [key] }), "mismatch");
  }
  const pem = `-----BEGIN PUBLIC KEY-----\n${vector.secrets[0]}\n-----END PUBLIC KEY-----\n`;
  assert.equal(await schemes.sendgrid!.verify({ ...vector, secrets: [pem] }), null, "PEM is taken too");
  assert.equal(
    await verifySendgrid(vector.secrets, new Headers(vector.headers), vector.body, vector.now + 1e8),
    null,
    "without a tolerance its age does not count",
  );
});

Deno.test("mailgun: the token and its time, in the form's fields", async () => {
  // the test vector of a library of Mailgun's users; Mailgun publishes none
  const good = {
    timestamp: "1461261330",
    token: "06c96bafc3f42a66b9edd546347a2fe18dc23461fe80dc52f0",
    signature: "dbb05e62be402448b36ffb81f6abfb888273c95617aa077b4da355b25bab3670",
  };
  const at = 1461261330;
  const verify = (change: Partial<typeof good>, now = at, secrets = ["secret"]) =>
    verifyMailgun(secrets, { ...good, ...change }, now);
  assert.equal(await verify({}), null);
  assert.equal(await verify({}, at, ["other", "secret"]), null);
  assert.equal(await verify({}, at, ["other"]), "mismatch");
  assert.equal(await verify({}, at, [""]), "mismatch");
  assert.equal(await verify({}, at + 8 * 3600), null);
  assert.equal(await verify({}, at + 8 * 3600 + 1), "too_old");
  assert.equal(await verify({}, at - 8 * 3600 - 1), "too_new");
  assert.equal(await verify({ timestamp: "1461261331" }), "mismatch");
  assert.equal(await verify({ token: good.token.replace("0", "1") }), "mismatch");
  for (const field of ["timestamp", "token", "signature"] as const) {
    assert.equal(await verify({ [field]: undefined }), "missing");
    assert.equal(await verify({ [field]: "" }), "missing");
    assert.equal(await verify({ [field]: "\u00e9" }), "malformed");
  }
  assert.equal(
    await verify({ timestamp: "14612613300", token: good.token.slice(1) }),
    "malformed",
    "digits moved over",
  );
  assert.equal(await verify({ timestamp: "146126133", token: `0${good.token}` }), "malformed", "digits moved over");
  assert.equal(await verify({ signature: good.signature.slice(2) }), "mismatch");
  assert.equal(await verify({ signature: good.signature.slice(1) }), "malformed");
});

Deno.test("secrets that are sent along", async () => {
  const basic = (credentials: string, scheme = "Basic") =>
    verifyBasic(["old", "s3cret:x"], "ann", new Headers({ authorization: `${scheme} ${credentials}` }));
  assert.equal(await basic(btoa("ann:s3cret:x")), null);
  assert.equal(await basic(btoa("ann:old"), "basic"), null);
  for (const wrong of ["ann:s3cret", "ann:", "bob:old", "ann:older", "ANN:old", ":old", "ann"]) {
    assert.equal(await basic(btoa(wrong)), "mismatch", wrong);
  }
  assert.equal(await basic("%%%"), "malformed");
  assert.equal(await basic(btoa("ann:old"), "Bearer"), "malformed");
  assert.equal(await verifyBasic(["old"], "ann", new Headers()), "missing");
  assert.equal(await verifyBasic([], "ann", new Headers({ authorization: `Basic ${btoa("ann:")}` })), "mismatch");

  const header = (value: string) => verifyHeader(["old", "new"], "X-Key", new Headers({ "x-key": value }));
  assert.equal(await header("new"), null);
  assert.equal(await header("old"), null);
  assert.equal(await header("ne"), "mismatch");
  assert.equal(await header(""), "missing");
  assert.equal(await verifyHeader(["new"], "X-Key", new Headers({ "x-other": "new" })), "missing");
  assert.equal(await verifyHeader([""], "X-Key", new Headers({ "x-key": "x" })), "mismatch");
});

Deno.test("standard webhooks: what we sign is the library's vector, and the verifying side takes it", async () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const body = '{"test": 2432232314}';
  const signed = await signStandard([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body);
  assert.deepEqual(signed, {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
  assert.equal(await verifyStandard([secret], new Headers(signed), utf8(body), 1614265330), null);
  await assert.rejects(signStandard(["whsec_?"], "id", 0, body));
});
