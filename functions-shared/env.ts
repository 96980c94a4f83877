// The environment of a function: read once, checked as a whole. Names are hosted Supabase's; our own secrets have no
// SUPABASE_ prefix, which the platform reserves.
import type { ClassifierEndpoint } from "./classifier.ts";
import type { OpenAiEndpoint } from "./embeddings/openai.ts";
import { fernetKey } from "./fernet.ts";
import { isObject } from "./json.ts";
import type { ObjectSettings } from "./objects.ts";

export interface Environment {
  /** Base URL of the project, without a trailing slash. */
  url: string;
  /** The same as clients see it, where that differs (the CLI's Docker stack, a custom domain). */
  publicUrl: string;
  databaseUrl: string;
  publishableKeys: string[];
  secretKeys: string[];
  /** Key set given in the environment; the project's JWKS endpoint is asked for keys that are not in it. */
  jwks: { keys: Record<string, unknown>[] } | null;
  /** Shared HS256 secret of the project, where it still signs with one. */
  jwtSecret: string | null;
  /** Fernet keys of integrations' secrets, the newest first; empty where none is set. */
  encryptionKeys: string[];
  /** Where hil-webhook's respond.html is served, if anywhere. */
  respondPageUrl: string | null;
  /** Where a model classifies free-text replies; null where only the rules do. */
  classifier: ClassifierEndpoint | null;
  /** Where models of provider openai are; null where neither an address nor a key is set. */
  embeddings: OpenAiEndpoint | null;
  /** Where large values lie; null where no object storage is set. */
  objects: ObjectSettings | null;
  workerCapacity: number;
  /** Seconds after which this isolate claims no more; 0 means no limit. */
  workerTimeBudgetSeconds: number;
  /** Milliseconds of being busy (busy_time.ts) after which it claims no more; 0 means no limit. */
  workerCpuBudgetMs: number;
}

export const environmentNames = [
  "SUPABASE_URL",
  "SUPABASE_DB_URL",
  "SUPABASE_PUBLISHABLE_KEYS",
  "SUPABASE_SECRET_KEYS",
  "SUPABASE_ANON_KEY",
  "SUPABASE_SERVICE_ROLE_KEY",
  "SUPABASE_JWKS",
  "JWT_SECRET",
  "PUBLIC_URL",
  "ENCRYPTION_KEYS",
  "RESPOND_PAGE_URL",
  "CLASSIFIER_URL",
  "CLASSIFIER_KEY",
  "CLASSIFIER_MODEL",
  "EMBEDDINGS_URL",
  "EMBEDDINGS_KEY",
  "S3_ENDPOINT",
  "S3_BUCKET",
  "S3_REGION",
  "S3_ACCESS_KEY_ID",
  "S3_SECRET_ACCESS_KEY",
  "WORKER_CAPACITY",
  "WORKER_TIME_BUDGET_SECONDS",
  "WORKER_CPU_BUDGET_MS",
] as const;
export type EnvironmentName = typeof environmentNames[number];

export const openAiUrl = "https://api.openai.com/v1";

export class EnvironmentError extends Error {
  override name = "EnvironmentError";
  constructor(readonly problems: string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
  }
}

/** Reads and checks every variable; throws one EnvironmentError that lists all problems. Values never appear in it. */
export function readEnvironment(get: (name: EnvironmentName) => string | undefined = readVariable): Environment {
  const problems: string[] = [];
  const text = (name: EnvironmentName) => get(name)?.trim() || null;

  const url = (name: EnvironmentName, protocols: string[], required: boolean) => {
    const value = text(name);
    if (value === null) {
      if (required) problems.push(`${name} is missing`);
      return null;
    }
    const parsed = URL.parse(value);
    if (!parsed || !protocols.includes(parsed.protocol)) {
      problems.push(`${name} is not a URL that begins with ${protocols.map((p) => `${p}//`).join(" or ")}`);
      return null;
    }
    return value.replace(/\/+$/, "");
  };

  const keys = (name: EnvironmentName, legacy: EnvironmentName) => {
    const value = text(name);
    const found: string[] = [];
    if (value !== null) {
      const parsed = parseJson(value);
      const values = isObject(parsed) ? Object.values(parsed) : null;
      if (!values || values.some((key) => typeof key !== "string" || key.length < 16)) {
        problems.push(`${name} is not a JSON object of names and keys (16 characters or more each)`);
      } else found.push(...values as string[]);
    }
    const legacyKey = text(legacy);
    if (legacyKey) found.push(legacyKey);
    if (value === null && !legacyKey) problems.push(`${name} is missing`);
    return found;
  };

  const integer = (name: EnvironmentName, fallback: number, least: number, most: number) => {
    const value = text(name);
    if (value === null) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    problems.push(`${name} is not a whole number from ${least} to ${most}`);
    return fallback;
  };

  const keySet = () => {
    const value = text("SUPABASE_JWKS");
    if (value === null) return null;
    const parsed = parseJson(value);
    const list = Array.isArray(parsed) ? parsed : isObject(parsed) ? parsed.keys : null;
    if (Array.isArray(list) && list.every(isObject)) return { keys: list };
    problems.push(`SUPABASE_JWKS is neither a JSON Web Key Set nor an array of keys`);
    return null;
  };

  const encryptionKeys = (text("ENCRYPTION_KEYS") ?? "").split(",").map((key) => key.trim()).filter((key) =>
    key !== ""
  );
  if (encryptionKeys.some((key) => fernetKey(key) === null)) {
    problems.push("ENCRYPTION_KEYS is not a list of keys of 32 bytes in base64url, the newest first");
  }

  const jwtSecret = text("JWT_SECRET");
  if (jwtSecret !== null && jwtSecret.length < 32) problems.push("JWT_SECRET has less than 32 characters");

  const classifierUrl = url("CLASSIFIER_URL", ["http:", "https:"], false);
  const [classifierKey, classifierModel] = [text("CLASSIFIER_KEY"), text("CLASSIFIER_MODEL")];
  const given = [text("CLASSIFIER_URL"), classifierKey, classifierModel].filter((value) => value !== null).length;
  if (given !== 0 && given !== 3) {
    problems.push("CLASSIFIER_URL, CLASSIFIER_KEY and CLASSIFIER_MODEL belong together: set all or none");
  }

  const embeddingsUrl = url("EMBEDDINGS_URL", ["http:", "https:"], false);
  const embeddingsKey = text("EMBEDDINGS_KEY");
  const s3Endpoint = url("S3_ENDPOINT", ["http:", "https:"], false);
  const [s3Bucket, s3KeyId, s3Secret] = [text("S3_BUCKET"), text("S3_ACCESS_KEY_ID"), text("S3_SECRET_ACCESS_KEY")];
  const s3Given = [text("S3_ENDPOINT"), s3Bucket, s3KeyId, s3Secret].filter((value) => value !== null).length;
  if (s3Given !== 0 && s3Given !== 4) {
    problems.push(
      "S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together: set all or none",
    );
  }

  const projectUrl = url("SUPABASE_URL", ["http:", "https:"], true);
  const publicUrl = url("PUBLIC_URL", ["http:", "https:"], false);
  const environment: Environment = {
    url: projectUrl ?? "",
    publicUrl: publicUrl ?? projectUrl ?? "",
    databaseUrl: url("SUPABASE_DB_URL", ["postgres:", "postgresql:"], true) ?? "",
    publishableKeys: keys("SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"),
    secretKeys: keys("SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"),
    jwks: keySet(),
    jwtSecret,
    encryptionKeys,
    respondPageUrl: url("RESPOND_PAGE_URL", ["http:", "https:"], false),
    classifier: classifierUrl && classifierKey && classifierModel
      ? { url: classifierUrl, key: classifierKey, model: classifierModel }
      : null,
    embeddings: embeddingsUrl || embeddingsKey ? { url: embeddingsUrl ?? openAiUrl, key: embeddingsKey } : null,
    objects: s3Endpoint && s3Bucket && s3KeyId && s3Secret
      ? {
        endpoint: s3Endpoint,
        bucket: s3Bucket,
        // R2's word for "wherever"; AWS and Supabase want their own
        region: text("S3_REGION") ?? "auto",
        accessKeyId: s3KeyId,
        secretAccessKey: s3Secret,
      }
      : null,
    workerCapacity: integer("WORKER_CAPACITY", 10, 1, 200),
    // Hosted isolates end after 150 s (400 s paid); elsewhere a process has no such limit.
    workerTimeBudgetSeconds: integer("WORKER_TIME_BUDGET_SECONDS", isHosted() ? 100 : 0, 0, 86_400),
    // They end after 2 s of CPU time too.
    workerCpuBudgetMs: integer("WORKER_CPU_BUDGET_MS", isHosted() ? 1_000 : 0, 0, 86_400_000),
  };
  if (problems.length > 0) throw new EnvironmentError(problems);
  return environment;
}

export function isHosted(): boolean {
  return "EdgeRuntime" in globalThis;
}

function readVariable(name: EnvironmentName): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new EnvironmentError([`${name} may not be read: start the function with --allow-env=${name},...`]);
    }
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
