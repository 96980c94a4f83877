-- An interaction that the caller may manage, locked with its execution.
create function hil.managed(interaction_id uuid)
returns public.human_interactions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions;
begin
  select * into v_interaction from public.human_interactions i
  where i.id = managed.interaction_id and not exists (
    select from public.workflows w where w.id = i.workflow_id and w.deleted_at is not null);
  perform workspaces.require(v_interaction.workspace_id, 'editor', 'interaction', managed.interaction_id);
  v_interaction := hil.hold(v_interaction.id);
  if v_interaction.status <> 'pending' then
    perform hil.refuse(v_interaction.id, jsonb_build_object('result',
      case v_interaction.status when 'timeout' then 'expired' else 'too_late' end));
  elsif v_interaction.timeout_at <= engine.now() then
    perform hil.refuse(v_interaction.id, jsonb '{"result": "expired"}');
  end if;
  return v_interaction;
end
$$;
comment on function hil.managed(uuid) is
  'Lock a pending interaction for a verb. Errors: interaction_not_found, role_insufficient, '
  'interaction_decided, interaction_expired.';

create function hil.cancel(interaction_id uuid, reason text)
returns public.human_interactions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions := hil.managed(cancel.interaction_id);
  v_now timestamptz := engine.now();
begin
  update public.human_interactions i
  set status = 'cancelled', outcome = 'cancelled', responded_at = v_now,
    responded_by = case when (select auth.uid()) is null then jsonb '{"service": true}'
      else jsonb_build_object('user', (select auth.uid())) end,
    response_data = jsonb_build_object('outcome', 'cancelled',
      'reason', coalesce(nullif(left(cancel.reason, 1000), ''), 'The question was taken back'))
  where i.id = v_interaction.id and i.status = 'pending'
  returning i.* into v_interaction;
  perform hil.after_end(array[v_interaction], v_now);
  perform hil.log(v_interaction, 'WARNING', v_interaction.response_data ->> 'reason',
    jsonb_build_object('by', (select auth.uid())), v_now);
  perform hil.go_on(array[v_interaction], v_now);
  return v_interaction;
end
$$;
comment on function hil.cancel(uuid, text) is 'See public.cancel_interaction.';
grant execute on function hil.cancel(uuid, text) to authenticated, service_role;

create function public.cancel_interaction(interaction_id uuid, reason text default null)
returns public.human_interactions
language sql
volatile
security invoker
set search_path = ''
as $$
  select hil.cancel(cancel_interaction.interaction_id, cancel_interaction.reason)
$$;
comment on function public.cancel_interaction(uuid, text) is
  'Take a question back: its node ends with the error interaction_cancelled, and its error_handling decides. '
  'Errors: interaction_not_found, role_insufficient, interaction_decided, interaction_expired.';
grant execute on function public.cancel_interaction(uuid, text) to authenticated, service_role;

-- Others are asked: links that are out are dead, votes that were given stay.
create function hil.reassign(interaction_id uuid, assignees jsonb, reason text)
returns public.human_interactions
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions := hil.managed(reassign.interaction_id);
  v_now timestamptz := engine.now();
  v_problem text := case when jsonb_typeof(reassign.assignees) = 'array' and reassign.assignees <> '[]'
    then hil.request_problem('APPROVAL', jsonb_build_object('message', '-', 'quorum', v_interaction.quorum,
      'assignees', reassign.assignees))
    else 'assignees names at least one' end;
begin
  if v_problem is not null then
    perform platform.fail(422, 'assignees_invalid', 'Nobody can be asked: ' || v_problem,
      'Give a list of {user}, {role}, {email} or {slack}.');
  end if;
  return hil.ask_others(v_interaction, reassign.assignees, to_jsonb((select auth.uid())),
    reassign.reason, v_now);
end
$$;
comment on function hil.reassign(uuid, jsonb, text) is 'See public.reassign_interaction.';
grant execute on function hil.reassign(uuid, jsonb, text) to authenticated, service_role;

-- The caller holds the execution.
create function hil.ask_others(
  interaction public.human_interactions, assignees jsonb, by jsonb, reason text, at timestamptz
)
returns public.human_interactions
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  update hil.tokens t set revoked_at = ask_others.at
  where t.interaction_id = interaction.id and t.revoked_at is null;
  update hil.messages m
  set status = 'failed',
    error = jsonb '{"code": "interaction_reassigned", "message": "Others are asked instead"}'
  where m.workspace_id = interaction.workspace_id and m.interaction_id = interaction.id
    and m.status = 'pending' and m.kind <> 'notice';
  update hil.messages m
  set content = m.content || jsonb '{"reassigned": true}'
  where m.workspace_id = interaction.workspace_id and m.interaction_id = interaction.id
    and m.status = 'sent' and m.kind in ('request', 'escalation');
  update public.human_interactions i
  set assignees = ask_others.assignees, request_data = i.request_data - 'escalation', wish = null
  where i.id = interaction.id
  returning i.* into interaction;
  -- where the message went is no longer who is asked, but a Slack channel is where all are
  perform hil.write_messages(interaction, 'request', interaction.channel_type,
    case when interaction.channel_type = 'slack' and not exists (
        select from jsonb_array_elements(ask_others.assignees) a where a ? 'slack')
      then interaction.request_data ->> 'to' end, interaction.assignees, ask_others.at);
  perform hil.log(interaction, 'INFO',
    'Others are asked' || coalesce(': ' || nullif(left(reason, 1000), ''), ''),
    jsonb_build_object('by', ask_others.by, 'assignees', ask_others.assignees), ask_others.at);
  perform hil.broadcast(interaction);
  return interaction;
end
$$;
comment on function hil.ask_others(public.human_interactions, jsonb, jsonb, text, timestamptz) is
  'Ask others instead: links that are out are dead.';

create function public.reassign_interaction(interaction_id uuid, assignees jsonb, reason text default null)
returns public.human_interactions
language sql
volatile
security invoker
set search_path = ''
as $$
  select hil.reassign(reassign_interaction.interaction_id,
    reassign_interaction.assignees, reassign_interaction.reason)
$$;
comment on function public.reassign_interaction(uuid, jsonb, text) is
  'Ask others: [{user} | {role} | {email} | {slack}]. Links that were sent are dead, an escalation is '
  'dropped. Errors: interaction_not_found, role_insufficient, assignees_invalid, interaction_decided, '
  'interaction_expired.';
grant execute on function public.reassign_interaction(uuid, jsonb, text) to authenticated, service_role;

create function hil.list_mine(
  workspace_id uuid, status text, priority text, channel text, page_size int, cursor text, with_counts boolean
)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_by jsonb := jsonb_build_object('user', (select auth.uid()), 'email', (
    select lower(u.email) from auth.users u where u.id = (select auth.uid())));
  v_workspaces uuid[];
  v_writable uuid[] := array(select workspaces.writable());
  v_size int := coalesce(page_size, 50);
  v_items jsonb;
  v_last text;
begin
  if v_size not between 1 and 200 then
    perform platform.fail(422, 'page_size_invalid', 'A page has 1 to 200 interactions', 'Ask for fewer.');
  elsif coalesce(list_mine.status, 'pending')
        not in ('pending', 'responded', 'timeout', 'error', 'cancelled', 'all')
     or list_mine.priority not in ('low', 'normal', 'high', 'critical')
     or list_mine.channel not in ('slack', 'email', 'webhook', 'in_app')
     or list_mine.cursor !~ '^[0-3]:[0-9a-f-]{36}$' then
    perform platform.fail(422, 'filter_invalid', 'A filter has a value that there is not',
      'status, priority and channel are those of interactions, or status all; '
      'cursor is next_cursor of a page.');
  end if;
  if list_mine.workspace_id is not null then
    perform workspaces.require(list_mine.workspace_id, 'viewer');
    v_workspaces := array[list_mine.workspace_id];
  else
    v_workspaces := array(select r from workspaces.readable() r);
  end if;
  with page as (
    select i, hil.urgency(i.priority) as urgency
    from public.human_interactions i
    where i.workspace_id = any (v_workspaces)
      and (list_mine.status = 'all' or i.status = coalesce(list_mine.status, 'pending'))
      and (list_mine.priority is null or i.priority = list_mine.priority)
      and (list_mine.channel is null or i.channel_type = list_mine.channel)
      and (list_mine.cursor is null or (hil.urgency(i.priority), i.id)
        < (split_part(list_mine.cursor, ':', 1)::int, split_part(list_mine.cursor, ':', 2)::uuid))
      and (workspaces.caller_bypasses_rls() or hil.may_decide(i, v_by)
        or i.wish is not null and i.status = 'pending'
          and i.workspace_id = any (v_writable))
      and i.workflow_id <> all (array(select workflows.deleted()))
    order by hil.urgency(i.priority) desc, i.id desc
    limit v_size + 1
  ),
  numbered as (
    select p.*, row_number() over (order by p.urgency desc, (p.i).id desc) as n from page p
  )
  select coalesce(jsonb_agg(to_jsonb(n.i) order by n.n) filter (where n.n <= v_size), '[]'),
    case when count(*) > v_size
      then max(n.urgency || ':' || (n.i).id) filter (where n.n = v_size) end
  into v_items, v_last
  from numbered n;
  return jsonb_build_object('items', v_items, 'next_cursor', v_last)
    || case when with_counts then jsonb_build_object('counts', (
      select jsonb_build_object(
        'pending', count(*), 'critical', count(*) filter (where i.priority = 'critical'),
        'high', count(*) filter (where i.priority = 'high'),
        'normal', count(*) filter (where i.priority = 'normal'),
        'low', count(*) filter (where i.priority = 'low'),
        'due_within_a_day', count(*) filter (where i.timeout_at < engine.now() + interval '1 day'),
        'by_channel', (
          select coalesce(jsonb_object_agg(c.channel_type, c.n), '{}') from (
            select k.channel_type, count(*) as n from public.human_interactions k
            where k.workspace_id = any (v_workspaces) and k.status = 'pending'
              and (workspaces.caller_bypasses_rls() or hil.may_decide(k, v_by)
                or k.wish is not null and k.workspace_id = any (v_writable))
            group by 1) c))
      from public.human_interactions i
      where i.workspace_id = any (v_workspaces) and i.status = 'pending'
        and (workspaces.caller_bypasses_rls() or hil.may_decide(i, v_by)
          or i.wish is not null and i.workspace_id = any (v_writable)))) else '{}' end;
end
$$;
comment on function hil.list_mine(uuid, text, text, text, int, text, boolean) is
  'See public.list_my_interactions.';
grant execute on function hil.list_mine(uuid, text, text, text, int, text, boolean)
  to authenticated, service_role;

create function hil.urgency(priority text)
returns int
language sql
immutable
set search_path = ''
as $$
  select array_position('{low,normal,high,critical}', urgency.priority) - 1
$$;
comment on function hil.urgency(text) is 'Priorities in order.';

create function public.list_my_interactions(
  workspace_id uuid default null, status text default 'pending', priority text default null,
  channel text default null, page_size int default 50, cursor text default null,
  with_counts boolean default false
)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select hil.list_mine(list_my_interactions.workspace_id, list_my_interactions.status,
    list_my_interactions.priority,
    list_my_interactions.channel, list_my_interactions.page_size, list_my_interactions.cursor,
    list_my_interactions.with_counts)
$$;
comment on function public.list_my_interactions(uuid, text, text, text, int, text, boolean) is
  'The inbox: questions that the caller may decide, and of an editor''s workspaces those that somebody wants '
  'another to be asked (wish: {to, by, why}), most urgent and newest first: {items, next_cursor, counts}. '
  'Errors: workspace_not_found, page_size_invalid, filter_invalid.';
grant execute on function public.list_my_interactions(uuid, text, text, text, int, text, boolean)
  to authenticated, service_role;
