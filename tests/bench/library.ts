// A library of workflows as many people would have made it, written in bulk: through the verbs it would take an hour.
import type postgres from "postgres";

/** Each user has a personal workspace; every workflow has 8 nodes, one version, and has run. */
export async function populate(sql: postgres.Sql, users: number, workflowsEach: number): Promise<void> {
  await sql`
    insert into auth.users (id, email)
    select gen_random_uuid(), 'user-' || n || '@example.com' from generate_series(1, ${users}::int) n`;
  await sql`
    create temporary table made as
    select platform.uuid7() as workflow_id, m.workspace_id, m.user_id, n,
      (array['Invoice', 'Refund', 'Customer', 'Weekly report', 'Lead score', 'Backup', 'Onboarding', 'Digest'])[r[1]]
        || ' ' || (array['sync', 'triage', 'approval', 'export', 'enrichment', 'alert', 'clean-up'])[r[2]]
        || ' for ' || (array['Acme', 'Globex', 'Initech', 'Umbrella', 'Hooli'])[r[3]] || ' ' || n as name,
      array[(array['ops', 'sales', 'finance', 'support'])[r[4]], (array['daily', 'hourly', 'manual'])[r[5]]] as tags,
      (array['team/mail', 'team/billing', 'team', 'drafts', null])[r[3]] as folder
    from public.workspace_members m
    cross join generate_series(1, ${workflowsEach}::int) n
    cross join lateral (
      select array[1 + h % 8, 1 + h / 8 % 7, 1 + h / 56 % 5, 1 + h / 280 % 4, 1 + h / 1120 % 3] as r
      from (select abs(hashtext(m.workspace_id::text || n)) as h) h) d`;
  await sql`
    insert into public.workflows (id, workspace_id, user_id, name, description, tags, folder, created_at, updated_at)
    select workflow_id, workspace_id, user_id, name, 'Fetches what is new, looks at each item and tells the team.',
      tags, folder, now() - n * interval '1 hour', now() - n * interval '1 minute'
    from made`;
  await sql`
    insert into public.workflow_versions (workspace_id, workflow_id, version, definition, checksum, created_by)
    select m.workspace_id, m.workflow_id, 1, d.definition, md5(d.definition::text), m.user_id
    from made m cross join lateral (
      select jsonb_build_object(
        'nodes', jsonb '[{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}]' || jsonb_agg(jsonb_build_object(
          'id', 'step_' || i, 'name', (array['Fetch orders', 'Score lead', 'Look up customer', 'Write invoice',
            'Tell the team', 'Clean up', 'Sync orders'])[1 + (i + m.n) % 7],
          'type', 'ACTION', 'subtype', 'TRANSFORM', 'position', jsonb_build_object('x', 200 * i, 'y', 100),
          'parameters', jsonb_build_object('output', jsonb_build_object('order', '{{ $.input.order }}', 'step', i)))),
        'connections', jsonb_agg(jsonb_build_object(
          'source', case i when 1 then 'start' else 'step_' || i - 1 end, 'target', 'step_' || i))) as definition
      from generate_series(1, 7) i) d`;
  await sql`
    insert into public.nodes (workspace_id, workflow_id, version, node_id, ordinal, name, node_type, node_subtype,
      position_x, position_y, parameters)
    select v.workspace_id, v.workflow_id, 1, n ->> 'id', o, coalesce(n ->> 'name', n ->> 'id'), n ->> 'type',
      n ->> 'subtype', coalesce((n #>> '{position,x}')::float8, 0), coalesce((n #>> '{position,y}')::float8, 0),
      coalesce(n -> 'parameters', '{}')
    from public.workflow_versions v, jsonb_array_elements(v.definition -> 'nodes') with ordinality e (n, o)`;
  await sql`
    insert into public.node_connections (workspace_id, workflow_id, version, ordinal, source_node_id, target_node_id)
    select v.workspace_id, v.workflow_id, 1, o, c ->> 'source', c ->> 'target'
    from public.workflow_versions v, jsonb_array_elements(v.definition -> 'connections') with ordinality e (c, o)`;
  await sql`select count(workflows.index_words(w)) from public.workflows w`;
  await sql`
    insert into public.workflow_executions (id, workspace_id, workflow_id, version, status, trigger_node_id, start_time,
      end_time)
    select platform.uuid7(), workspace_id, workflow_id, 1, 'SUCCESS', 'start', now(), now()
    from made, generate_series(1, 3)`;
  await settle(sql);
}

/** An integration for each workspace, and triggers for a thousand repositories in all its workflows. */
export async function populateTriggers(sql: postgres.Sql, each: number): Promise<void> {
  await sql`
    insert into public.integrations (workspace_id, provider, name)
    select id, 'github', 'GitHub' from public.workspaces`;
  await sql`
    insert into public.trigger_index (id, workspace_id, workflow_id, version, node_id, trigger_subtype, index_key,
      integration_id, trigger_config)
    select gen_random_uuid(), m.workspace_id, m.workflow_id, 1, 'hook_' || i, 'GITHUB', 'acme/repo-' || (m.n - 1) * ${each}::int + i, g.id,
      '{"events": ["issues"], "actions": ["opened"]}'
    from made m
    join public.integrations g on g.workspace_id = m.workspace_id
    cross join generate_series(1, ${each}::int) i`;
  // so that what matches can be started: it begins at a node that the version has
  await sql`
    update public.trigger_index set node_id = 'start' where node_id = 'hook_1' and index_key = 'acme/repo-1'`;
  await sql`
    update public.workflows w set status = 'active', deployment_status = 'DEPLOYED', deployed_version = 1
    from public.trigger_index t where t.workflow_id = w.id and t.node_id = 'start'`;
  await sql`
    select engine.compile(t.workflow_id, 1) from public.trigger_index t where t.node_id = 'start'`;
  await settle(sql);
}

async function settle(sql: postgres.Sql): Promise<void> {
  await sql`vacuum (analyze)`;
  await sql`checkpoint`.catch(() => {});
}
