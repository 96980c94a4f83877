// Who calls: a person (a JWT that this project's Auth signed), the publishable key, or the secret key.
import { createLocalJWKSet, createRemoteJWKSet, customFetch, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { JWTPayload, JWTVerifyGetKey } from "jose";
import type { Environment } from "./env.ts";
import { ApiError, apiError } from "./errors.ts";
import { sha256 } from "./sha256.ts";

export type Caller =
  | { kind: "user"; userId: string; claims: JWTPayload; expiresAt: number }
  | { kind: "anonymous" }
  | { kind: "service" };
export type CallerKind = Caller["kind"];
export type Authenticate = (headers: Headers) => Promise<Caller>;

type AuthEnvironment = Pick<Environment, "url" | "publishableKeys" | "secretKeys" | "jwks" | "jwtSecret">;

/**
 * The token in Authorization decides, the key in `apikey` identifies the project; a client library that has no session
 * sends its key in both. Throws authentication_required, invalid_api_key, invalid_token, token_expired,
 * keys_unavailable.
 */
export function createAuthenticator(environment: AuthEnvironment, fetchKeys: typeof fetch = fetch): Authenticate {
  const verify = createVerifier(environment, fetchKeys);
  const publishable = environment.publishableKeys.map(sha256);
  const secret = environment.secretKeys.map(sha256);

  const keyKind = async (key: string): Promise<"anonymous" | "service" | null> => {
    const given = await sha256(key);
    // No early exit: the time taken does not tell which key matched, or how far.
    let kind: "anonymous" | "service" | null = null;
    for (const known of publishable) if (equalDigests(given, await known)) kind = "anonymous";
    for (const known of secret) if (equalDigests(given, await known)) kind = "service";
    return kind;
  };

  const keyCaller = async (key: string): Promise<Caller> => {
    const kind = await keyKind(key);
    if (kind) return { kind };
    // A legacy key is a JWT with the role in it and no person.
    if (looksLikeJwt(key)) {
      const caller = await verify(key).catch((error) => {
        if (error.code === "keys_unavailable") throw error;
        return null;
      });
      if (caller && caller.kind !== "user") return caller;
    }
    throw apiError("invalid_api_key");
  };

  return async (headers) => {
    const apiKey = headers.get("apikey")?.trim() || null;
    const bearer = bearerToken(headers);
    const byKey = apiKey ? await keyCaller(apiKey) : null;
    if (bearer === null) {
      if (byKey) return byKey;
      throw apiError("authentication_required");
    }
    if (bearer === apiKey) return byKey!;
    const kind = await keyKind(bearer);
    if (kind) return { kind };
    if (!looksLikeJwt(bearer)) throw apiError(bearer.startsWith("sb_") ? "invalid_api_key" : "invalid_token");
    return await verify(bearer);
  };
}

/** The token of an `Authorization: Bearer` header, or null. */
export function bearerToken(headers: Headers): string | null {
  const match = /^Bearer +(\S+)$/i.exec(headers.get("authorization")?.trim() ?? "");
  return match ? match[1]! : null;
}

const asymmetric = ["ES256", "RS256"];
const clockTolerance = 10;

function createVerifier(environment: AuthEnvironment, fetchKeys: typeof fetch): (token: string) => Promise<Caller> {
  const local = environment.jwks ? createLocalJWKSet(environment.jwks as never) : null;
  const remote = createRemoteJWKSet(new URL(`${environment.url}/auth/v1/.well-known/jwks.json`), {
    [customFetch]: async (url, options) => {
      const answer = await fetchKeys(url, options as RequestInit).catch((cause) => {
        throw apiError("keys_unavailable", { cause });
      });
      if (answer.ok) return answer;
      await answer.body?.cancel();
      // Whatever else it says, it says nothing about the key: a limit on requests must not sign anybody out.
      if (answer.status !== 404) throw apiError("keys_unavailable");
      // A project that signs with a shared secret only has no key set: an unknown key is then just not its own.
      return Response.json({ keys: [] });
    },
    timeoutDuration: 5_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
  });
  const publicKey: JWTVerifyGetKey = async (header, token) => {
    try {
      if (local) return await local(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // the project rotated its keys after this function was deployed
    }
    return await remote(header, token);
  };
  const sharedSecret = environment.jwtSecret ? new TextEncoder().encode(environment.jwtSecret) : null;

  return async (token) => {
    let payload: JWTPayload;
    let symmetric: boolean;
    try {
      const { alg } = decodeProtectedHeader(token);
      symmetric = alg === "HS256";
      // The algorithm picks the kind of key, so a public key can never serve as a shared secret.
      if (symmetric) {
        if (!sharedSecret) throw apiError("invalid_token");
        ({ payload } = await jwtVerify(token, sharedSecret, { algorithms: ["HS256"], clockTolerance }));
      } else {
        ({ payload } = await jwtVerify(token, publicKey, { algorithms: asymmetric, clockTolerance }));
      }
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw apiError("token_expired");
      if (error instanceof ApiError) throw error;
      throw apiError("invalid_token", { cause: error });
    }
    return callerOf(payload, symmetric);
  };
}

function callerOf(payload: JWTPayload, symmetric: boolean): Caller {
  // The keys are this project's own and so pin the issuer; what is not from an Auth server at all is refused.
  // Legacy keys say "supabase", and some local Auth servers name none.
  const issuer = payload.iss;
  const issuerFits = issuer === undefined ? symmetric : issuer === "supabase" || /\/auth\/v1\/?$/.test(issuer);
  if (!issuerFits || payload.exp === undefined) throw apiError("invalid_token");

  // Only these roles exist for callers: a token can never choose another database role.
  if (payload.role === "service_role") return { kind: "service" };
  if (payload.role === "anon" && payload.sub === undefined) return { kind: "anonymous" };
  const audience = Array.isArray(payload.aud) ? payload.aud : [payload.aud];
  if (payload.role === "authenticated" && audience.includes("authenticated") && uuid.test(payload.sub ?? "")) {
    return { kind: "user", userId: payload.sub!, claims: payload, expiresAt: payload.exp };
  }
  throw apiError("invalid_token");
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function looksLikeJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
