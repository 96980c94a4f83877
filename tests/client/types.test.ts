// What the client calls the columns of tables: a column that comes or goes fails the compiler here.
import assert from "node:assert/strict";
import type { Database } from "shared/database.types.ts";
import type { DeploymentRecord, Execution, Session, Workflow, WorkflowVersion } from "shared/client.ts";

type Tables = Database["public"]["Tables"];
type Camel<Name extends string> = Name extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}`
  : Name;
type Columns<Table extends keyof Tables> = Camel<keyof Tables[Table]["Row"] & string>;
/** The keys of a type, those that it allows beside them left aside. */
type Known<Type> = keyof { [Key in keyof Type as string extends Key ? never : Key]: Type[Key] } & string;
type Difference<A, B> = Exclude<A, B> | Exclude<B, A>;

/** Compiles only where nothing differs. */
const same = <Differing>(..._differing: [Differing] extends [never] ? [] : [Differing]) => true;

Deno.test("every column has its field, and every field its column", () => {
  assert.ok(
    same<Difference<Columns<"workflows">, Known<Workflow> | "deletedAt" | "undeployedAt" | "deployedBy">>(),
  );
  assert.ok(
    same<Difference<Columns<"workflow_versions">, Exclude<Known<WorkflowVersion>, "nodes" | "edges" | "viewport">>>(),
  );
  assert.ok(same<Difference<Columns<"sessions">, Known<Session>>>());
  assert.ok(same<Difference<Columns<"workflow_deployment_history">, Known<DeploymentRecord>>>());
  type Told = Exclude<Known<Execution>, "outputs" | "errorMessage" | "errors" | "durationMs"> | "output";
  type Internal = "parentRunId" | "parentItem" | "depth" | "isLimited" | "respondedBy";
  assert.ok(same<Exclude<Told, Columns<"workflow_executions">>>());
  assert.ok(same<Exclude<Columns<"workflow_executions">, Told | Internal>>());
});
