// What the client calls the columns of tables: a column that comes or goes fails the compiler here.
import assert from "node:assert/strict";
import type { Database } from "shared/database.types.ts";
import type {
  DeploymentRecord,
  Execution,
  NewWorkflow,
  Session,
  Workflow,
  WorkflowDetails,
  WorkflowVersion,
} from "shared/client.ts";

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

// As @xyflow/react declares them, and as an application may.
type Node = {
  id: string;
  position: { x: number; y: number };
  data: Record<string, unknown>;
  type?: string;
  width?: number;
  selected?: boolean;
  extent?: "parent" | [[number, number], [number, number]] | null;
};
type Edge = { id: string; source: string; target: string; type?: string; sourceHandle?: string | null; data?: object };
interface WorkflowNode {
  id: string;
  type: "filter" | "stream";
  position: { x: number; y: number };
  data: { config: { categories: string[] } };
}
interface WorkflowEdge {
  id: string;
  source: string;
  target: string;
  animated: boolean;
}

Deno.test("React Flow's nodes and an application's own go in, and come out for React Flow", () => {
  const given: [Node[], Edge[], WorkflowNode[], WorkflowEdge[]] = [[], [], [], []];
  const taken: NewWorkflow[] = [
    { name: "a", nodes: given[0], edges: given[1] },
    { name: "b", nodes: given[2], edges: given[3] },
    { name: "c", nodes: [{ id: "1", position: { x: 0, y: 0 }, data: {}, width: 5 }], edges: [] },
    // @ts-expect-error: a node has a position
    { name: "d", nodes: [{ id: "1", data: {} }], edges: [] },
  ];
  const show = ({ nodes, edges }: WorkflowDetails): [Node[], Edge[]] => [nodes, edges];
  assert.deepEqual([taken.length, show({ nodes: [], edges: [] } as unknown as WorkflowDetails)], [4, [[], []]]);
});
