// The floor: the rows that the engine leaves, and those of its queue on their way in and out, written by plain SQL with
// a statement for each kind of row and batch. Nothing is looked up, resolved, decided or locked.
import type postgres from "postgres";

const message = (node: string) => `${node} completed`;

async function startExecutions(
  sql: postgres.TransactionSql,
  workflow: string,
  input: postgres.JSONValue,
  size: number,
) {
  const rows = await sql<{ id: string }[]>`
    insert into public.workflow_executions (workspace_id, workflow_id, version, mode, trigger_node_id, input, start_time)
    select ${workflow}, ${workflow}, 1, 'MANUAL', 'start', ${
    sql.json(input)
  }, clock_timestamp() from generate_series(1, ${size}::int)
    returning id`;
  const ids = rows.map((row) => row.id);
  await sql`
    insert into public.workflow_execution_logs (execution_id, workspace_id, log_category, event_type, message, user_friendly_message,
      display_priority, is_milestone)
    select e, ${workflow}, 'BUSINESS', 'workflow_started', 'Execution started: MANUAL', 'The workflow started.', 8, true
    from unnest(${ids}::uuid[]) e`;
  return ids;
}

async function endExecutions(
  sql: postgres.TransactionSql,
  workflow: string,
  ids: string[],
  output: postgres.JSONValue,
) {
  await sql`
    update public.workflow_executions set status = 'SUCCESS', end_time = clock_timestamp(), output = ${
    sql.json(output)
  } where id = any (${ids})`;
  await sql`
    insert into public.workflow_execution_logs (execution_id, workspace_id, log_category, event_type, message, user_friendly_message,
      duration_ms, display_priority, is_milestone)
    select e, ${workflow}, 'BUSINESS', 'workflow_completed', 'Execution succeeded', 'The workflow finished.', 1, 8, true
    from unnest(${ids}::uuid[]) e`;
}

async function endNodes(
  sql: postgres.TransactionSql,
  workflow: string,
  ids: string[],
  node: string,
  type: string,
  output: postgres.JSONValue | null,
) {
  await sql`
    insert into public.node_executions (execution_id, id, workspace_id, node_id, node_type, status, source_id, input_id, passes_input,
      output_data, is_end, start_time, end_time)
    select e, platform.uuid7(), ${workflow}, ${node}, ${type}, 'SUCCESS', ${node === "start" ? null : workflow},
      ${node === "start" ? null : workflow}, ${node === "start"}, ${output === null ? null : sql.json(output)}, ${
    node === "c"
  }, clock_timestamp(), clock_timestamp()
    from unnest(${ids}::uuid[]) e`;
  await sql`
    insert into public.workflow_execution_logs (execution_id, workspace_id, event_type, message, node_id, node_name, node_type,
      step_number, total_steps, duration_ms)
    select e, ${workflow}, 'step_completed', ${
    message(node)
  }, ${node}, ${node}, ${type}, 1, 4, 0 from unnest(${ids}::uuid[]) e`;
}

/** A batch of executions of the sql chain, in one transaction. */
export async function writeSqlFloor(sql: postgres.Sql, workflow: string, input: postgres.JSONValue, size: number) {
  await sql.begin(async (transaction) => {
    const ids = await startExecutions(transaction, workflow, input, size);
    await endNodes(transaction, workflow, ids, "start", "TRIGGER.MANUAL", null);
    for (const node of ["a", "b", "c"]) {
      await endNodes(transaction, workflow, ids, node, "ACTION.TRANSFORM", {
        text: "Order of c-4711",
        first: 1,
        step: 2,
      });
    }
    await endExecutions(transaction, workflow, ids, { c: { text: "Order of c-4711", first: 1, step: 2 } });
  });
}

/** A batch of executions of the edge chain: a transaction for the start and one for each claim and its results. */
export async function writeEdgeFloor(sql: postgres.Sql, workflow: string, input: postgres.JSONValue, size: number) {
  const addTasks = (transaction: postgres.TransactionSql, ids: string[], node: string) =>
    transaction`
      insert into engine.tasks (id, workspace_id, execution_id, workflow_id, version, node_id, run_index, attempt, source_id, input_id, priority)
      select platform.uuid7(), ${workflow}, e, ${workflow}, 1, ${node}, 0, 1, ${workflow}, ${workflow}, 0
      from unnest(${ids}::uuid[]) e`;
  const lease = (transaction: postgres.TransactionSql, ids: string[]) =>
    transaction`
      update engine.tasks set lease_token = ${workflow}, worker_id = 'floor', leased_at = clock_timestamp(),
        lease_until = clock_timestamp() + interval '75 seconds'
      where execution_id = any (${ids})`;
  const ids = await sql.begin(async (transaction) => {
    const ids = await startExecutions(transaction, workflow, input, size);
    await endNodes(transaction, workflow, ids, "start", "TRIGGER.MANUAL", null);
    await addTasks(transaction, ids, "a");
    return ids;
  });
  await lease(sql as unknown as postgres.TransactionSql, ids);
  for (const [node, next] of [["a", "b"], ["b", "c"], ["c", null]] as const) {
    await sql.begin(async (transaction) => {
      await transaction`delete from engine.tasks where execution_id = any (${ids})`;
      await endNodes(transaction, workflow, ids, node, "ACTION.NOOP", input);
      if (next) {
        await addTasks(transaction, ids, next);
        await lease(transaction, ids);
      } else await endExecutions(transaction, workflow, ids, { c: input });
    });
  }
}
