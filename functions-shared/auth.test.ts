import assert from "node:assert/strict";
import { createAuthenticator } from "./auth.ts";
import { environment, publishableKey, secretKey, signer, signShared, userClaims, userId } from "./tokens.testing.ts";

const issuer = `${environment.url}/auth/v1`;

function keyServer(keys: () => unknown[], count = { asked: 0 }): typeof fetch {
  return () => {
    count.asked++;
    return Promise.resolve(Response.json({ keys: keys() }));
  };
}

const noKeys = keyServer(() => []);

/** The caller's kind, or the code of the refusal. */
async function who(
  headers: Record<string, string>,
  fetchKeys = noKeys,
  project: Parameters<typeof createAuthenticator>[0] = environment,
): Promise<string> {
  return await createAuthenticator(project, fetchKeys)(new Headers(headers))
    .then((caller) => caller.kind, (error) => error.code);
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

Deno.test("a publishable key is anonymous, a secret key is the service, wherever it is sent", async () => {
  assert.equal(await who({ apikey: publishableKey }), "anonymous");
  assert.equal(await who({ apikey: secretKey }), "service");
  assert.equal(await who(bearer(publishableKey)), "anonymous");
  assert.equal(await who(bearer(secretKey)), "service");
  assert.equal(await who({ apikey: publishableKey, ...bearer(publishableKey) }), "anonymous");
});

Deno.test("no key, a wrong key, a part of a key and a longer key are refused", async () => {
  assert.equal(await who({}), "authentication_required");
  assert.equal(await who({ authorization: "Basic eDp5" }), "authentication_required");
  for (const key of ["sb_secret_wrong", secretKey.slice(0, -1), secretKey + "x", "x", secretKey.toUpperCase()]) {
    assert.equal(await who({ apikey: key }), "invalid_api_key", key);
  }
  assert.equal(await who(bearer("sb_secret_wrong")), "invalid_api_key");
});

Deno.test("a wrong key is refused beside a good token", async () => {
  const token = await signShared(userClaims);
  assert.equal(await who({ apikey: "sb_publishable_of_another", ...bearer(token) }), "invalid_api_key");
});

Deno.test("a person is known by a token of the shared secret, with any good key beside it", async () => {
  const token = await signShared(userClaims);
  assert.equal(await who(bearer(token)), "user");
  assert.equal(await who({ apikey: publishableKey, ...bearer(token) }), "user");
  const caller = await createAuthenticator(environment, noKeys)(new Headers(bearer(token)));
  assert.ok(caller.kind === "user");
  assert.equal(caller.userId, userId);
  assert.equal(caller.claims.email, "a@example.com");
});

Deno.test("a token acts for its person even beside the secret key", async () => {
  assert.equal(await who({ apikey: secretKey, ...bearer(await signShared(userClaims)) }), "user");
});

Deno.test("a person is known by RS256 and ES256 tokens; keys are fetched once", async () => {
  for (const alg of ["RS256", "ES256"] as const) {
    const { sign, publicKey } = await signer(alg);
    const count = { asked: 0 };
    const authenticate = createAuthenticator(environment, keyServer(() => [publicKey], count));
    const headers = new Headers(bearer(await sign({ ...userClaims, iss: issuer })));
    for (let i = 0; i < 3; i++) assert.equal((await authenticate(headers)).kind, "user", alg);
    assert.equal(count.asked, 1);
  }
});

Deno.test("keys of the environment are used first, rotated ones are fetched", async () => {
  const old = await signer("ES256", "old");
  const next = await signer("ES256", "next");
  const count = { asked: 0 };
  const project = { ...environment, jwks: { keys: [old.publicKey] } };
  const authenticate = createAuthenticator(project, keyServer(() => [next.publicKey], count));
  const claims = { ...userClaims, iss: issuer };
  assert.equal((await authenticate(new Headers(bearer(await old.sign(claims))))).kind, "user");
  assert.equal(count.asked, 0);
  assert.equal((await authenticate(new Headers(bearer(await next.sign(claims))))).kind, "user");
  assert.equal(count.asked, 1);
});

Deno.test("a forged, changed, expired or early token is refused", async () => {
  const mine = await signer("ES256");
  const theirs = await signer("ES256");
  const keys = keyServer(() => [mine.publicKey]);
  const claims = { ...userClaims, iss: issuer };
  assert.equal(await who(bearer(await theirs.sign(claims)), keys), "invalid_token");
  assert.equal(await who(bearer(await mine.sign(claims, "unknown-key")), keys), "invalid_token");
  assert.equal(await who(bearer(await signShared(claims, "another-secret-with-enough-characters"))), "invalid_token");

  const [head, , signature] = (await mine.sign(claims)).split(".");
  const changed = btoa(JSON.stringify({ ...claims, role: "service_role" })).replace(/=+$/, "");
  assert.equal(await who(bearer(`${head}.${changed}.${signature}`), keys), "invalid_token");

  const now = Math.floor(Date.now() / 1000);
  assert.equal(await who(bearer(await signShared({ ...userClaims, exp: now - 60 }))), "token_expired");
  assert.equal(await who(bearer(await signShared({ ...userClaims, nbf: now + 600 }))), "invalid_token");
  assert.equal(await who(bearer(await signShared({ ...userClaims, exp: undefined }))), "invalid_token");
  assert.equal(await who(bearer("a.b.c")), "invalid_token");
  assert.equal(await who(bearer("nonsense")), "invalid_token");
});

Deno.test("an unsigned token, another algorithm, or a public key used as a secret are refused", async () => {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const exp = Math.floor(Date.now() / 1000) + 600;
  assert.equal(await who(bearer(`${part({ alg: "none" })}.${part({ ...userClaims, exp })}.`)), "invalid_token");
  assert.equal(await who(bearer(`${part({ alg: "none" })}.${part({ ...userClaims, exp })}.AA`)), "invalid_token");
  assert.equal(await who(bearer(await signShared(userClaims, undefined, "HS512"))), "invalid_token");
  const { publicKey } = await signer("RS256");
  const confused = await signShared({ ...userClaims, iss: issuer }, JSON.stringify(publicKey));
  assert.equal(await who(bearer(confused), keyServer(() => [publicKey])), "invalid_token");
});

Deno.test("a token must be for people of this project, and can choose no other database role", async () => {
  const { sign, publicKey } = await signer("ES256");
  const keys = keyServer(() => [publicKey]);
  const good = { ...userClaims, iss: issuer };
  const cases = [
    { ...good, iss: "https://evil.example" },
    { ...good, iss: undefined },
    { ...good, aud: "other" },
    { ...good, role: "postgres" },
    { ...good, role: undefined },
    { ...good, sub: undefined },
    { ...good, sub: "not-a-uuid" },
  ];
  assert.equal(await who(bearer(await sign(good)), keys), "user");
  for (const claims of cases) {
    assert.equal(await who(bearer(await sign(claims)), keys), "invalid_token", JSON.stringify(claims));
  }
});

Deno.test("legacy keys are tokens with a role and no person", async () => {
  const service = await signShared({ role: "service_role", iss: "supabase" });
  const anon = await signShared({ role: "anon", iss: "supabase" });
  assert.equal(await who({ apikey: service }), "service");
  assert.equal(await who(bearer(service)), "service");
  assert.equal(await who({ apikey: anon }), "anonymous");
  const forged = await signShared({ role: "service_role", iss: "supabase" }, "another-secret-with-enough-characters");
  assert.equal(await who({ apikey: forged }), "invalid_api_key");
  assert.equal(await who({ apikey: await signShared(userClaims) }), "invalid_api_key");
});

Deno.test("keys that cannot be fetched are our fault, a project without keys is not", async () => {
  const { sign } = await signer("ES256");
  const token = bearer(await sign({ ...userClaims, iss: issuer }));
  assert.equal(await who(token, () => Promise.reject(new TypeError("network"))), "keys_unavailable");
  assert.equal(await who(token, () => Promise.resolve(new Response("", { status: 503 }))), "keys_unavailable");
  assert.equal(await who(token, () => Promise.resolve(new Response("", { status: 429 }))), "keys_unavailable");
  assert.equal(await who(token, () => Promise.resolve(new Response("", { status: 404 }))), "invalid_token");
});

Deno.test("without a shared secret no HS256 token is taken", async () => {
  assert.equal(
    await who(bearer(await signShared(userClaims)), noKeys, { ...environment, jwtSecret: null }),
    "invalid_token",
  );
});
