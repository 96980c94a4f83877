// `npm run bench:lifecycle [-- --quick] [-- --write]`: what a library of workflows costs the people who use it, under row
// level security, beside the same statements without it; and what it costs to find the triggers of an event.
import type postgres from "postgres";
import { createDatabase, migrate } from "../../scripts/stack/databases.ts";
import type { Cluster } from "../../scripts/stack/postgres.ts";
import { withScratchCluster } from "../../scripts/stack/scratch.ts";
import { run } from "./command.ts";
import { quantile } from "./gauge.ts";
import { asMarkdown, asText } from "./lifecycle_report.ts";
import { populate, populateTriggers } from "./library.ts";

export interface Size {
  durable: boolean;
  users: number;
  workflowsEach: number;
  triggersEach: number;
  calls: number;
}

export const sizes = {
  full: { durable: true, users: 1000, workflowsEach: 100, triggersEach: 10, calls: 400 },
  quick: { durable: true, users: 100, workflowsEach: 100, triggersEach: 10, calls: 100 },
  smoke: { durable: false, users: 3, workflowsEach: 10, triggersEach: 2, calls: 3 },
} satisfies Record<string, Size>;

export interface Timing {
  p50: number;
  p95: number;
}
export interface Operation {
  name: string;
  /** Milliseconds at p95 that were promised. */
  target: number | null;
  asUser: Timing;
  /** The same without row level security. */
  bare: Timing | null;
}
export interface Figures {
  size: Size;
  seconds: number;
  workflows: number;
  triggers: number;
  operations: Operation[];
  matching: Operation[];
}

export function measure(size: Size, say: (what: string) => void = () => {}): Promise<Figures> {
  const began = performance.now();
  return withScratchCluster(async (cluster) => {
    await createDatabase(cluster, "library", "base");
    await migrate(cluster.url("library"));
    const admin = cluster.connect("library", "postgres", 1);
    try {
      say("filling the library");
      await populate(admin, size.users, size.workflowsEach);
      const operations = await measureOperations(cluster, admin, size, say);
      say("filling the index of triggers");
      await populateTriggers(admin, size.triggersEach);
      const matching = await measureMatching(admin, size, say);
      const [count] = await admin<{ workflows: number; triggers: number }[]>`
        select (select count(*)::int from public.workflows) as workflows,
          (select count(*)::int from public.trigger_index) as triggers`;
      return {
        size,
        ...count!,
        operations,
        matching,
        seconds: (performance.now() - began) / 1000,
      };
    } finally {
      await admin.end();
    }
  }, { durable: size.durable });
}

interface Person {
  user_id: string;
  workspace_id: string;
}

async function measureOperations(
  cluster: Cluster,
  admin: postgres.Sql,
  size: Size,
  say: (what: string) => void,
): Promise<Operation[]> {
  const people = await admin<Person[]>`
    select m.user_id, m.workspace_id from public.workspace_members m order by md5(m.user_id::text) limit ${size.calls}`;
  const one = cluster.connect("library", "postgres", 1);
  const session = await one.reserve();
  const become = async (role: string, user?: string) => {
    await session`select set_config('role', ${role}, false), set_config('request.jwt.claims', ${
      JSON.stringify({ role, sub: user })
    }, false)`;
  };
  const time = async (role: "authenticated" | "postgres", run: (person: Person, own: Own) => Promise<unknown>) => {
    const taken: number[] = [];
    for (let i = -5; i < size.calls; i++) {
      const person = people[(i + people.length * 5) % people.length]!;
      await become("postgres");
      const [own] = await session<Own[]>`
        select w.id, w.revision, v.definition from public.workflows w
        join public.workflow_versions v on v.workflow_id = w.id and v.version = w.current_version
        where w.workspace_id = ${person.workspace_id} order by md5(w.id::text || ${i}) limit 1`;
      await become(role, role === "authenticated" ? person.user_id : undefined);
      const start = performance.now();
      await run(person, own!);
      if (i >= 0) taken.push(performance.now() - start);
    }
    return timing(taken);
  };
  const words = ["invoice", "refund", "customer", "weekly report", "lead score", "sync orders"];
  const word = () => words[Math.floor(Math.random() * words.length)]!;
  const operations: Operation[] = [];
  const add = async (
    name: string,
    target: number | null,
    asUser: (person: Person, own: Own) => Promise<unknown>,
    bare?: (person: Person, own: Own) => Promise<unknown>,
  ) => {
    say(name);
    operations.push({
      name,
      target,
      asUser: await time("authenticated", asUser),
      bare: bare ? await time("postgres", bare) : null,
    });
  };
  const saved = (own: Own) => session.json({ ...own.definition, note: crypto.randomUUID() } as postgres.JSONValue);
  try {
    await add(
      "list: 50 newest, by list_workflows()",
      10,
      () => session`select public.list_workflows()`,
      (person) => session`select public.list_workflows(workspace_id => ${person.workspace_id})`,
    );
    await add(
      "list: 50 newest, from the table",
      10,
      () => session`select id, name, tags, status, updated_at from public.workflows order by updated_at desc limit 50`,
      (person) =>
        session`select id, name, tags, status, updated_at from public.workflows
          where workspace_id = ${person.workspace_id} order by updated_at desc limit 50`,
    );
    await add(
      "list: by tag and folder, with the total",
      10,
      () => session`select public.list_workflows(tags => '{ops}', folder => 'team/mail', with_total => true)`,
      (person) =>
        session`select public.list_workflows(
          workspace_id => ${person.workspace_id}, tags => '{ops}', folder => 'team/mail', with_total => true)`,
    );
    await add(
      "load: get_workflow()",
      5,
      (_, own) => session`select public.get_workflow(${own.id})`,
      (_, own) => session`select public.get_workflow(${own.id})`,
    );
    await add(
      "search: list_workflows(query)",
      50,
      () => session`select public.list_workflows(query => ${word()})`,
      (person) => session`select public.list_workflows(query => ${word()}, workspace_id => ${person.workspace_id})`,
    );
    await add(
      "save in place: update_workflow()",
      20,
      (_, own) => session`select id from public.update_workflow(${own.id}, ${own.revision}, ${saved(own)})`,
      (_, own) => session`select id from public.update_workflow(${own.id}, ${own.revision}, ${saved(own)})`,
    );
    await add(
      "save as the next version",
      20,
      (_, own) => session`select version from public.create_workflow_version(${own.id}, ${saved(own)})`,
      (_, own) => session`select version from public.create_workflow_version(${own.id}, ${saved(own)})`,
    );
    await add(
      "history: get_version_history()",
      10,
      (_, own) => session`select public.get_version_history(${own.id})`,
      (_, own) => session`select public.get_version_history(${own.id})`,
    );
  } finally {
    session.release();
    await one.end();
  }
  return operations;
}

interface Own {
  id: string;
  revision: number;
  definition: Record<string, unknown>;
}

async function measureMatching(admin: postgres.Sql, size: Size, say: (what: string) => void): Promise<Operation[]> {
  say("matching events");
  const integrations = await admin<{ id: string }[]>`
    select id from public.integrations order by md5(id::text) limit ${size.calls}`;
  const event = async (action: string) => {
    const taken: number[] = [];
    for (let i = -5; i < size.calls; i++) {
      const integration = integrations[(i + 5 * integrations.length) % integrations.length]!;
      const start = performance.now();
      await admin`select triggers.receive_event(${integration.id}, 'GITHUB', array['acme/repo-1'],
        ${admin.json({ event: "issues", action, repository: "acme/repo-1" })},
        ${admin.json({ event: "issues", action })}, ${crypto.randomUUID()})`;
      if (i >= 0) taken.push(performance.now() - start);
    }
    return timing(taken);
  };
  return [
    { name: "an event that a filter refuses", target: 100, asUser: await event("closed"), bare: null },
    { name: "an event that starts one workflow", target: 100, asUser: await event("opened"), bare: null },
  ];
}

const timing = (taken: number[]): Timing => ({ p50: quantile(taken, 0.5), p95: quantile(taken, 0.95) });

if (import.meta.main) {
  await run({ script: "bench:lifecycle", results: "LIFECYCLE.md", sizes, measure, asText, asMarkdown });
}
