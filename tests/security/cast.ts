// Who the security tests are about: the members of one workspace, each role once, and people outside of it.
import assert from "node:assert/strict";
import postgres from "postgres";
import { anonymous, type Client, signUp, stack, type User } from "../stack.ts";

export interface Cast {
  owner: User;
  admin: User;
  editor: User;
  viewer: User;
  stranger: User;
  workspace: string;
  /** Of the workspace, deployed; it has an execution that has ended. */
  workflow: string;
  execution: string;
  trigger: string;
  integration: string;
}

export const definition = {
  nodes: [
    {
      id: "hook",
      type: "TRIGGER",
      subtype: "WEBHOOK",
      parameters: { path: "in" },
    },
    {
      id: "end",
      type: "ACTION",
      subtype: "TRANSFORM",
      parameters: { output: "{{ $.input }}" },
    },
  ],
  connections: [{ source: "hook", target: "end" }],
};

export async function makeCast(): Promise<Cast> {
  const [owner, admin, editor, viewer, stranger] = await Promise.all(
    ["owner", "admin", "editor", "viewer", "stranger"].map(signUp),
  ) as [User, User, User, User, User];
  const workspace = (await ok(owner.client.rpc("create_workspace", { name: "Team" }))).id;
  for (const [role, user] of Object.entries({ admin, editor, viewer })) {
    const invitation = await ok(
      owner.client.rpc("invite_member", {
        workspace_id: workspace,
        email: user.email,
        role,
      }),
    ) as { token: string };
    await ok(user.client.rpc("accept_invitation", { token: invitation.token }));
  }
  const workflow = (await ok(
    owner.client.rpc("create_workflow", {
      name: "Shared",
      definition,
      workspace_id: workspace,
    }),
  )).id;
  const deployed = await ok(
    owner.client.rpc("deploy_workflow", { workflow_id: workflow }),
  ) as {
    triggers: { id: string }[];
  };
  const execution = await ok(
    owner.client.rpc("start_execution", {
      workflow_id: workflow,
      input: { a: 1 },
    }),
  );
  assert.deepEqual(execution.status, "SUCCESS");
  const made = await request(owner, "POST", "deploy/integrations", {
    provider: "github",
    name: "GitHub",
    workspace_id: workspace,
  });
  assert.equal(made.status, 201);
  return {
    owner,
    admin,
    editor,
    viewer,
    stranger,
    workspace,
    workflow,
    execution: execution.id,
    trigger: deployed.triggers[0]!.id,
    integration: made.body.integration.id,
  };
}

/** The data of an answer that must not be an error. */
export async function ok<T>(
  answer: PromiseLike<{ data: T; error: unknown }>,
): Promise<NonNullable<T>> {
  const { data, error } = await answer;
  if (error) throw new Error(JSON.stringify(error));
  return data!;
}

/** What the database itself says, past every policy. */
export async function asOperator<T>(
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(stack().database_url, { max: 1, onnotice() {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

export interface Caller {
  client: Client;
  /** Null: nobody has signed in. */
  token: string | null;
}

export const nobody = (): Caller => ({ client: anonymous(), token: null });

/** A request to a function: its status, and its body or, of an event stream, its text. */
export async function request(
  caller: Caller,
  method: string,
  path: string,
  body?: unknown,
  // deno-lint-ignore no-explicit-any
): Promise<{ status: number; body: any }> {
  const { url, publishable_key } = stack();
  const response = await fetch(`${url}/functions/v1/${path}`, {
    method,
    headers: {
      apikey: publishable_key,
      ...(caller.token && { authorization: `Bearer ${caller.token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text,
  };
}
