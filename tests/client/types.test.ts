// What the client calls the columns of tables: a column that comes or goes fails the compiler here.
import assert from "node:assert/strict";
import type { Database } from "shared/database.types.ts";
import type {
  DeploymentRecord,
  EmbeddingStatus,
  Execution,
  FoundStep,
  Interaction,
  NewWorkflow,
  Session,
  Step,
  StepSearch,
  StepSums,
  Workflow,
  WorkflowDetails,
  WorkflowVersion,
} from "shared/client.ts";

type Tables = Database["public"]["Tables"];
type Views = Database["public"]["Views"];
type Functions = Database["public"]["Functions"];
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
  assert.ok(same<Difference<Columns<"human_interactions">, Known<Interaction>>>());
  assert.ok(same<Difference<Columns<"workflow_deployment_history">, Known<DeploymentRecord>>>());
  type Told = Exclude<Known<Execution>, "outputs" | "errorMessage" | "errors" | "durationMs"> | "output";
  type Internal = "parentRunId" | "parentItem" | "depth" | "isLimited" | "respondedBy";
  assert.ok(same<Exclude<Told, Columns<"workflow_executions">>>());
  assert.ok(same<Exclude<Columns<"workflow_executions">, Told | Internal>>());
});

Deno.test("steps have the columns of their views, and what their search takes and answers", () => {
  type Row<View extends keyof Views> = Camel<keyof Views[View]["Row"] & string>;
  type Answer<Name extends keyof Functions> = Functions[Name]["Returns"] extends (infer One)[]
    ? Camel<keyof One & string>
    : never;
  type Vectors = "definitionEmbedding" | "workflowEmbedding" | "searchVector";
  assert.ok(same<Difference<Row<"step_overview">, Known<Step> | Vectors>>());
  assert.ok(same<Difference<Row<"step_stats">, Known<StepSums>>>());
  assert.ok(same<Difference<Answer<"get_embedding_status">, Known<EmbeddingStatus>>>());
  assert.ok(same<Difference<Answer<"search_steps_two_stage">, Known<FoundStep> | "cursor">>());
  type Asked = Camel<keyof Functions["search_steps_two_stage"]["Args"] & string>;
  type Limits = "stage1Limit" | "stage2Limit";
  assert.ok(same<Difference<Exclude<Asked, `stage${string}`>, Exclude<Known<StepSearch>, Limits>>>());
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
