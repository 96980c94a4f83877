// Signed tokens and a project's environment for tests.
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

export const jwtSecret = "a-shared-secret-of-at-least-32-characters";
export const userId = "11111111-2222-4333-8444-555555555555";
export const publishableKey = "sb_publishable_test_0123456789";
export const secretKey = "sb_secret_test_0123456789";

export const environment = {
  url: "http://project.test",
  publishableKeys: [publishableKey],
  secretKeys: [secretKey],
  jwks: null,
  jwtSecret,
};

export const userClaims = { sub: userId, role: "authenticated", aud: "authenticated", email: "a@example.com" };

export interface Signer {
  sign(claims: JWTPayload & { exp?: number }, kid?: string): Promise<string>;
  publicKey: Record<string, unknown>;
}

export async function signer(alg: "RS256" | "ES256", kid = "k1"): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return {
    sign: (claims, id = kid) =>
      complete(new SignJWT(claims), claims).setProtectedHeader({ alg, kid: id }).sign(privateKey),
    publicKey: { ...await exportJWK(publicKey), alg, kid },
  };
}

export function signShared(claims: JWTPayload, secret = jwtSecret, alg = "HS256"): Promise<string> {
  return complete(new SignJWT(claims), claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

function complete(token: SignJWT, claims: JWTPayload): SignJWT {
  if ("exp" in claims) return claims.exp === undefined ? token : token.setExpirationTime(claims.exp);
  return token.setIssuedAt().setExpirationTime("1h");
}
