// The Deno programs of the stack and what each of them may do: the lists are complete, nothing is asked for later.
import { environmentNames, openAiUrl } from "shared/env.ts";
import { checkout } from "./places.ts";
import { type Child, launch } from "./processes.ts";

export interface Program {
  name: string;
  script: string;
  env: Record<string, string>;
  /** Hosts with ports that it may reach or listen on; "any" for the one that calls the addresses of workflows. */
  net: string[] | "any";
  /** Variables that it may read: "any" of the few that it is given, for the libraries that ask for more. */
  mayRead: string[] | "any";
  /** Further permissions, as Deno's flags. */
  permissions?: string[];
  logs: string;
}

export const functionSlugs = ["deploy", "embed", "execute", "hil-webhook", "search"] as const;

// the database client asks for these where they are not given
const libraryVariables = ["PGAPPNAME", "PGTARGETSESSIONATTRS"];
// those that make vectors and read or write objects
const embedding = ["embed", "search"];
const embeddingVariables = ["EMBEDDINGS_URL", "EMBEDDINGS_KEY"];

// of Resend's mails the content, and who clicked in Slack the form or what is told
const answerHosts = [
  "api.resend.com:443",
  "slack.com:443",
  "slack-gov.com:443",
  "hooks.slack.com:443",
  "hooks.slack-gov.com:443",
];
// those that people's answers come in by
const classifying = ["execute", "hil-webhook"];
const classifierVariables = ["CLASSIFIER_URL", "CLASSIFIER_KEY", "CLASSIFIER_MODEL"];

export function launchProgram(program: Program): Child {
  const net = program.net === "any" ? "--allow-net" : `--allow-net=${program.net.join(",")}`;
  const variables = program.mayRead === "any" ? "--allow-env" : `--allow-env=${program.mayRead.join(",")}`;
  return launch({
    name: program.name,
    log: `${program.logs}/${program.name}.log`,
    cwd: checkout,
    clearEnv: true,
    env: {
      ...fromOurs("HOME", "DENO_DIR", "XDG_CACHE_HOME", "PATH"),
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      TANDEM_CHECKOUT: checkout,
      ...program.env,
    },
    command: [
      Deno.execPath(),
      "run",
      "--quiet",
      "--no-prompt",
      `--config=${checkout}/deno.json`,
      net,
      variables,
      ...program.permissions ?? [],
      program.script,
    ],
  });
}

/** Those of our own variables that are set. */
function fromOurs(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, Deno.env.get(name)]).filter(([, value]) => value !== undefined));
}

/** Where a model is, where one is configured. */
function hostOf(address: string | undefined): string[] {
  const url = URL.parse(address ?? "");
  return url ? [`${url.hostname}:${url.port || (url.protocol === "http:" ? 80 : 443)}`] : [];
}

/** Where the model is that makes vectors. */
function embeddingsHost(): string[] {
  return hostOf(Deno.env.get("EMBEDDINGS_URL") || (Deno.env.get("EMBEDDINGS_KEY") ? openAiUrl : undefined));
}

export interface FunctionSetup {
  slug: string;
  port: number;
  gatewayUrl: string;
  databaseUrl: string;
  keys: { publishable: string; secret: string; jwt: string; encryption: string };
  objects: { endpoint: string; bucket: string; access_key_id: string; secret_access_key: string };
  logs: string;
  /** For tests: variables that only a stack of a test's own sets, and hosts that hil-webhook may reach there. */
  variables?: Record<string, string>;
  hosts?: string[];
}

/** An edge function, with the environment that hosted Supabase would give it. */
export function functionProgram(setup: FunctionSetup): Program {
  const { slug, port, keys, objects } = setup;
  const classifier = classifying.includes(slug) ? { ...fromOurs(...classifierVariables), ...setup.variables } : {};
  const database = new URL(setup.databaseUrl);
  const hosts = [
    `127.0.0.1:${port}`,
    new URL(setup.gatewayUrl).host,
    `${database.hostname}:${database.port || 5432}`,
    new URL(objects.endpoint).host,
  ];
  return {
    name: slug,
    script: `${checkout}/supabase/functions/${slug}/index.ts`,
    logs: setup.logs,
    // a workflow's HTTP nodes go anywhere; which addresses are refused is decided after DNS resolution
    net: slug === "execute" ? "any" : [
      ...hosts,
      ...slug === "hil-webhook" ? [...answerHosts, ...hostOf(classifier.CLASSIFIER_URL), ...setup.hosts ?? []] : [],
      ...embedding.includes(slug) ? embeddingsHost() : [],
    ],
    // the S3 client asks for dozens; there is nothing else to be read than what the program is given
    mayRead: embedding.includes(slug) ? "any" : [...environmentNames, ...libraryVariables],
    env: {
      ...fromOurs(
        "PUBLIC_URL",
        "RESPOND_PAGE_URL",
        "WORKER_CAPACITY",
        "WORKER_TIME_BUDGET_SECONDS",
        ...embedding.includes(slug) ? embeddingVariables : [],
      ),
      ...classifier,
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
      SUPABASE_URL: setup.gatewayUrl,
      SUPABASE_DB_URL: setup.databaseUrl,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
      JWT_SECRET: keys.jwt,
      ENCRYPTION_KEYS: keys.encryption,
      S3_ENDPOINT: objects.endpoint,
      S3_BUCKET: objects.bucket,
      S3_REGION: "auto",
      S3_ACCESS_KEY_ID: objects.access_key_id,
      S3_SECRET_ACCESS_KEY: objects.secret_access_key,
    },
  };
}
