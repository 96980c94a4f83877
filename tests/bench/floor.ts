// The floor: the rows that the engine leaves, and those of its queue on their way in and out, written by plain SQL with
// a statement for each kind of row and batch. Nothing is looked up, resolved, decided, joined or locked.
import type postgres from "postgres";
import { batch } from "./engine.ts";
import { inputOf, payload, type Shape } from "./shapes.ts";

interface Run {
  /** Its node run; of the queue's, the task that it was. */
  id: string;
  execution_id: string;
}

interface Node {
  id: string;
  type: string;
  passesInput?: boolean;
  output?: postgres.JSONValue;
  /** In the scope of an item. */
  isItem?: boolean;
  isEnd?: boolean;
}

async function startExecutions(sql: postgres.Sql, workflow: string, input: postgres.JSONValue, size: number) {
  const rows = await sql<{ id: string }[]>`
    insert into public.workflow_executions (workspace_id, workflow_id, version, mode, trigger_node_id, input, start_time)
    select ${workflow}, ${workflow}, 1, 'MANUAL', 'start', ${sql.json(input)}, clock_timestamp()
    from generate_series(1, ${size}::int)
    returning id`;
  const ids = rows.map((row) => row.id);
  await sql`
    insert into public.workflow_execution_logs (execution_id, workspace_id, log_category, event_type, message,
      user_friendly_message, display_priority, is_milestone)
    select e, ${workflow}, 'BUSINESS', 'workflow_started', 'Execution started: MANUAL', 'The workflow started.', 8, true
    from unnest(${ids}::uuid[]) e`;
  return ids;
}

async function endExecutions(sql: postgres.Sql, workflow: string, ids: string[], output: postgres.JSONValue) {
  await sql`
    update public.workflow_executions
    set status = 'SUCCESS', end_time = clock_timestamp(), output = ${sql.json(output)} where id = any (${ids})`;
  await sql`
    insert into public.workflow_execution_logs (execution_id, workspace_id, log_category, event_type, message,
      user_friendly_message, duration_ms, display_priority, is_milestone)
    select e, ${workflow}, 'BUSINESS', 'workflow_completed', 'Execution succeeded', 'The workflow finished.', 1, 8, true
    from unnest(${ids}::uuid[]) e`;
}

async function endNodes(sql: postgres.Sql, workflow: string, executions: string[], node: Node, joined?: Run[]) {
  const { id, type, passesInput = false, output, isItem = false, isEnd = false } = node;
  const source = id === "start" ? null : workflow;
  const sources = joined && executions.map((execution) =>
    JSON.stringify(
      joined.filter((run) => run.execution_id === execution).map((run, target_index) => ({
        source_id: run.id,
        input_id: run.id,
        target_index,
        scope: "",
        lap: 0,
      })),
    )
  );
  await sql`
    insert into public.node_executions (execution_id, id, workspace_id, node_id, node_type, status, source_id, input_id,
      passes_input, output_data, scope, joined, is_end, start_time, end_time)
    select e, platform.uuid7(), ${workflow}, ${id}, ${type}, 'SUCCESS', ${source}, ${source}, ${passesInput},
      ${output === undefined ? null : sql.json(output)}, ${isItem ? `/${workflow}:100` : ""}, j::jsonb, ${isEnd},
      clock_timestamp(), clock_timestamp()
    from unnest(${executions}::uuid[], ${sources ?? []}::text[]) u (e, j)`;
  await sql`
    insert into public.workflow_execution_logs (execution_id, workspace_id, event_type, message, node_id, node_name,
      node_type, step_number, total_steps, duration_ms)
    select e, ${workflow}, 'step_completed', ${`${id} completed`}, ${id}, ${id}, ${type}, 1, 4, 0
    from unnest(${executions}::uuid[]) e`;
}

/** A batch of executions of a sql chain, in one transaction. */
export async function writeSqlFloor(sql: postgres.Sql, workflow: string, shape: Shape, size: number): Promise<void> {
  const output = { customer: "c-4711", text: "Order of c-4711", first: 1, step: 2 };
  await sql.begin(async (transaction) => {
    const sql = transaction as unknown as postgres.Sql;
    const ids = await startExecutions(sql, workflow, inputOf(shape), size);
    await endNodes(sql, workflow, ids, { id: "start", type: "TRIGGER.MANUAL", passesInput: true });
    for (const layer of shape.layers.keys()) {
      const isEnd = layer === shape.layers.length - 1;
      await endNodes(sql, workflow, ids, { id: `step${layer}`, type: "ACTION.TRANSFORM", output, isEnd });
    }
    await endExecutions(sql, workflow, ids, { last: output });
  });
}

/** A batch of executions whose steps are for a worker: a transaction for the start and one for each batch of results. */
export async function writeEdgeFloor(sql: postgres.Sql, workflow: string, shape: Shape, size: number): Promise<void> {
  const { layers } = shape;
  let executions: string[] = [];
  const begin = <T>(work: (sql: postgres.Sql) => Promise<T>) =>
    sql.begin((transaction) => work(transaction as unknown as postgres.Sql));
  const isWide = (layer: number) => shape.forEach && layers[layer]! > 1;

  const enterLayer = async (sql: postgres.Sql, layer: number): Promise<Run[]> => {
    if (isWide(layer)) {
      const output = Array(layers[layer]).fill(payload);
      await endNodes(sql, workflow, executions, { id: `each${layer}`, type: "FLOW.FOR_EACH", output });
    }
    const scope = isWide(layer) ? `/${workflow}:100` : "";
    return await sql<Run[]>`
      insert into engine.tasks (id, workspace_id, execution_id, workflow_id, version, node_id, target_index, run_index,
        attempt, source_id, input_id, scope, lap, priority)
      select platform.uuid7(), ${workflow}, e, ${workflow}, 1, ${`step${layer}`}, 0, 0, 1, ${workflow}, ${workflow},
        ${scope}, 0, 0
      from unnest(${executions}::uuid[]) e, generate_series(1, ${layers[layer]!}::int)
      returning id, execution_id`;
  };
  const leaveLayer = async (sql: postgres.Sql, layer: number, runs: Run[]): Promise<void> => {
    if (layer === layers.length - 1) await endExecutions(sql, workflow, executions, { last: payload });
    else if (layers[layer]! > 1) {
      const values = Array(layers[layer]).fill(payload);
      const output = isWide(layer) ? values : { ...values };
      await endNodes(sql, workflow, executions, { id: `join${layer}`, type: "FLOW.MERGE", output }, runs);
    }
  };

  let runs = await begin(async (sql) => {
    executions = await startExecutions(sql, workflow, inputOf(shape), size);
    await endNodes(sql, workflow, executions, { id: "start", type: "TRIGGER.MANUAL", passesInput: true });
    return await enterLayer(sql, 0);
  });
  for (const layer of layers.keys()) {
    const node = { id: `step${layer}`, type: "ACTION.NOOP", output: payload, isItem: isWide(layer) };
    let next: Run[] = [];
    for (let done = 0; done < runs.length; done += batch) {
      const given = runs.slice(done, done + batch);
      const ids = given.map((run) => run.id);
      await begin(async (sql) => {
        await sql`
          update engine.tasks set lease_token = ${workflow}, worker_id = 'floor', leased_at = clock_timestamp(),
            lease_until = clock_timestamp() + interval '75 seconds'
          where id = any (${ids})`;
        await sql`delete from engine.tasks where id = any (${ids})`;
        await endNodes(sql, workflow, given.map((run) => run.execution_id), {
          ...node,
          isEnd: layer === layers.length - 1,
        });
        if (done + batch < runs.length) return;
        await leaveLayer(sql, layer, runs);
        if (layer < layers.length - 1) next = await enterLayer(sql, layer + 1);
      });
    }
    runs = next;
  }
}
