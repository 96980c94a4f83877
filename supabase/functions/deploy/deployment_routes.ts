// Which version serves: deploy, undeploy, roll back, and what was deployed when.
import { z } from "@hono/zod-openapi";
import type { App } from "shared/app.ts";
import type { Caller } from "shared/auth.ts";
import type { Database, Transaction } from "shared/db.ts";
import { toApiError } from "shared/errors.ts";
import { triggerUrl } from "./hook_urls.ts";

export interface DeploymentDependencies {
  database: Database;
  url: string;
}

const Version = z.int().min(1).max(2147483647).nullish();
const Note = z.string().max(2000).nullish().openapi({ description: "Why; it is kept in the history" });
const Running = z.enum(["keep", "cancel"]).default("keep").openapi({
  description: "What becomes of executions of other versions that are under way",
});

const DeployBody = z.strictObject({
  workflow_id: z.uuid(),
  version: Version.openapi({ description: "The current version when it is left out" }),
  note: Note,
  running: Running,
}).openapi("Deploy");

const RollbackBody = z.strictObject({
  workflow_id: z.uuid(),
  version: Version.openapi({ description: "The one that was deployed before when it is left out" }),
  note: Note,
  running: Running,
}).openapi("Rollback");

const UndeployBody = z.strictObject({
  workflow_id: z.uuid(),
  note: Note,
  running: Running,
}).openapi("Undeploy");

const RotateBody = z.strictObject({
  workflow_id: z.uuid(),
  node_id: z.string().min(1).max(255),
}).openapi("RotateTrigger");

const HistoryQuery = z.strictObject({
  page_size: z.coerce.number().int().min(1).max(200).default(50),
  before: z.uuid().optional().openapi({ description: "`next_before` of the page before" }),
});

const Trigger = z.looseObject({
  id: z.uuid(),
  node_id: z.string(),
  subtype: z.string(),
  index_key: z.string().optional().openapi({
    description: "What an event must name: a path, repository, address, ...",
  }),
  path: z.string().nullish(),
  integration_id: z.uuid().nullish(),
  next_run_at: z.string().nullish().openapi({ description: "Of CRON triggers" }),
  url: z.url().optional().openapi({
    description: "Where to deliver to: of a WEBHOOK its own, of GITHUB, SLACK and EMAIL that of their integration",
  }),
}).openapi("Trigger");

const Deployed = z.object({
  deployment: z.looseObject({
    id: z.uuid().openapi({ description: "Its row in the history" }),
    action: z.enum(["DEPLOY", "UPDATE", "ROLLBACK"]),
    workflow_id: z.uuid(),
    version: z.int(),
    previous_version: z.int().nullable(),
    status: z.string(),
    deployed_at: z.string(),
    deployed_by: z.uuid().nullable(),
  }),
  triggers: z.array(Trigger),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  canceled: z.int().openapi({ description: "How many executions are asked to end" }),
}).openapi("Deployed");

const Undeployed = z.object({
  deployment: z.looseObject({
    workflow_id: z.uuid(),
    previous_version: z.int().nullable(),
    status: z.string(),
  }),
  triggers: z.array(Trigger),
  changed: z.boolean().openapi({ description: "False where nothing was deployed" }),
  canceled: z.int(),
}).openapi("Undeployed");

const History = z.object({
  history: z.array(z.looseObject({
    id: z.uuid(),
    deployment_action: z.string(),
    from_status: z.string(),
    to_status: z.string(),
    deployment_version: z.int(),
    deployment_config: z.looseObject({}),
    triggered_by: z.uuid().nullable(),
    started_at: z.string(),
    completed_at: z.string().nullable(),
    error_message: z.string().nullable(),
    deployment_logs: z.array(z.looseObject({ at: z.string(), step: z.string() })),
  })),
  next_before: z.uuid().nullable(),
}).openapi("DeploymentHistory");

type Answer = { triggers: z.infer<typeof Trigger>[]; error?: Refusal };
type Refusal = { status: number; code: string; message: string; hint: string };

export function addDeploymentRoutes(app: App, { database, url }: DeploymentDependencies): void {
  const callers = ["user", "service"] as const;
  const withUrl = (trigger: z.infer<typeof Trigger>) => {
    const at = triggerUrl(url, trigger);
    return at === null ? trigger : { ...trigger, url: at };
  };

  // A refusal is answered, not raised, so that the transaction with its line of the history commits; then it is raised.
  const change = async (caller: Caller, work: (sql: Transaction) => Promise<{ answer?: Answer }[]>) => {
    const answer = await database.asCaller(caller, async (sql) => (await work(sql))[0]!.answer!);
    if (answer.error) {
      const { status, code, message, hint } = answer.error;
      throw toApiError({ code: `PT${status}`, severity: "ERROR", detail: code, message, hint });
    }
    return { ...answer, triggers: answer.triggers.map(withUrl) };
  };

  app.route({
    method: "post",
    path: "/",
    summary: "Deploy a version of a workflow",
    description: "Where it is refused, what was deployed before goes on, and the history says why.",
    callers,
    body: DeployBody,
    responses: { 200: { description: "Deployed", schema: Deployed } },
  }, async ({ c, caller, body }) =>
    c.json(
      await change(caller, (sql) =>
        sql`select triggers.deploy(workflow_id => ${body.workflow_id}, version => ${body.version ?? null},
          note => ${body.note ?? null}, running => ${body.running}) as answer`),
    ));

  app.route({
    method: "post",
    path: "/rollback",
    summary: "Deploy again what was deployed before",
    description: "Once more goes further back.",
    callers,
    body: RollbackBody,
    responses: { 200: { description: "Deployed", schema: Deployed } },
  }, async ({ c, caller, body }) =>
    c.json(
      await change(caller, (sql) =>
        sql`select triggers.rollback(workflow_id => ${body.workflow_id}, version => ${body.version ?? null},
          note => ${body.note ?? null}, running => ${body.running}) as answer`),
    ));

  app.route({
    method: "post",
    path: "/undeploy",
    summary: "Let no event start a workflow any more",
    description: "Its triggers keep their URLs for when it is deployed again.",
    callers,
    body: UndeployBody,
    responses: { 200: { description: "Undeployed", schema: Undeployed } },
  }, async ({ c, caller, body }) =>
    c.json(
      await change(caller, (sql) =>
        sql`select triggers.undeploy(workflow_id => ${body.workflow_id}, running => ${body.running},
          note => ${body.note ?? null}) as answer`),
    ));

  app.route({
    method: "get",
    path: "/:workflow_id/history",
    uuids: ["workflow_id"],
    summary: "What was deployed and undeployed when, by whom, the newest first",
    callers,
    query: HistoryQuery,
    responses: { 200: { description: "A page", schema: History } },
  }, async ({ c, caller, query }) =>
    c.json(
      await database.asCaller(
        caller,
        async (sql) =>
          (await sql`select public.get_deployment_history(workflow_id => ${c.req.param("workflow_id")!},
            page_size => ${query.page_size}, before => ${query.before ?? null}) as answer`)[0]!.answer,
        { repeatable: true },
      ),
    ));

  app.route({
    method: "get",
    path: "/:workflow_id/triggers",
    uuids: ["workflow_id"],
    summary: "What starts the deployed version, with the URLs to deliver to",
    description: "For editors: whoever knows a webhook's URL can start it.",
    callers,
    responses: {
      200: { description: "None where nothing is deployed", schema: z.object({ triggers: z.array(Trigger) }) },
    },
  }, async ({ c, caller }) => {
    const answer: Answer = await database.asCaller(
      caller,
      async (sql) =>
        (await sql`select public.get_triggers(workflow_id => ${c.req.param("workflow_id")!}) as answer`)[0]!.answer,
      { repeatable: true },
    );
    return c.json({ triggers: answer.triggers.map(withUrl) });
  });

  app.route({
    method: "post",
    path: "/triggers/rotate",
    summary: "Give a webhook another URL",
    description: "The old one is no more, at once.",
    callers,
    body: RotateBody,
    responses: { 200: { description: "The trigger", schema: z.object({ trigger: Trigger }) } },
  }, async ({ c, caller, body }) => {
    const { trigger } = await database.asCaller(caller, async (sql) =>
      (await sql`
        select public.rotate_trigger(workflow_id => ${body.workflow_id}, node_id => ${body.node_id}) as answer`)[0]!
        .answer);
    return c.json({ trigger: withUrl(trigger) });
  });
}
