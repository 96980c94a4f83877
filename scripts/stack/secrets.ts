// Keys and passwords of a local stack: made once per data folder, readable by its owner only.

export interface Secrets {
  publishable_key: string;
  secret_key: string;
  jwt_secret: string;
  postgres_password: string;
  admin_password: string;
  s3_access_key_id: string;
  s3_secret_access_key: string;
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
  };
}

/** The secrets of a data folder; the first call makes them. */
export async function secretsOf(folder: string): Promise<Secrets> {
  const file = `${folder}/secrets.json`;
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const secrets = newSecrets();
    await Deno.writeTextFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600, createNew: true });
    return secrets;
  }
}

function random(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: "base64url", omitPadding: true });
}
