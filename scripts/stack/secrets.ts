// Keys and passwords of a local stack: made once per data folder, readable by its owner only.
import { newFernetKey } from "shared/fernet.ts";

export interface Secrets {
  publishable_key: string;
  secret_key: string;
  jwt_secret: string;
  postgres_password: string;
  admin_password: string;
  s3_access_key_id: string;
  s3_secret_access_key: string;
  /** What the functions encrypt integrations' secrets with: lost, these are lost. */
  encryption_keys: string;
}

export function newSecrets(): Secrets {
  return {
    publishable_key: `sb_publishable_${random(24)}`,
    secret_key: `sb_secret_${random(24)}`,
    jwt_secret: random(48),
    postgres_password: random(24),
    admin_password: random(24),
    s3_access_key_id: random(15),
    s3_secret_access_key: random(30),
    encryption_keys: newFernetKey(),
  };
}

/** The secrets of a data folder; the first call makes them, a later one those that an older stack did not have. */
export async function secretsOf(folder: string): Promise<Secrets> {
  const file = `${folder}/secrets.json`;
  let known: Partial<Secrets> = {};
  try {
    known = JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const secrets = { ...newSecrets(), ...known };
  if (Object.keys(known).length === Object.keys(secrets).length) return secrets;
  const draft = `${file}.draft`;
  await Deno.writeTextFile(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  await Deno.rename(draft, file);
  return secrets;
}

function random(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: "base64url", omitPadding: true });
}
