-- "Ask Ana": somebody who was asked wants another to be asked. It is done where it is clear whom he means and
-- he may decide himself; else the question shows the wish to the editors. Words give no rights: who is asked
-- instead is a member who may edit, or somebody whom the node names.
create function hil.is_wish(reading hil.reading)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_interaction public.human_interactions;
begin
  if reading.understood ->> 'intent' is distinct from 'reassign'
     or reading.said ->> 'intent' is distinct from 'reassign' then
    return false;
  end if;
  select * into v_interaction from public.human_interactions i where i.id = reading.interaction_id;
  return v_interaction.status = 'pending' and hil.may_decide(v_interaction, reading.sender);
end
$$;
comment on function hil.is_wish(hil.reading) is 'Does somebody who may decide ask for another?';

-- Those who go by the name in an interaction, as assignees. A name is all of it, or one of its words; an
-- address is all of it, or what stands before the @.
create function hil.people_called(interaction public.human_interactions, name text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_name text := btrim(hil.folded(people_called.name), ' @.,;:!?<>"''');
begin
  return coalesce((
    select jsonb_agg(distinct p.assignee) from (
      select jsonb_build_object('user', u.id), u.email, u.raw_user_meta_data ->> 'full_name'
      from public.workspace_members m
      join auth.users u on u.id = m.user_id
      where m.workspace_id = interaction.workspace_id and workspaces.rank(m.role) >= workspaces.rank('editor')
      union all
      select case when u.id is null then a - '{role,slack}'::text[] else jsonb_build_object('user', u.id) end,
        coalesce(u.email, a ->> 'email'), u.raw_user_meta_data ->> 'full_name'
      from jsonb_array_elements(interaction.assignees
        || coalesce(nullif(interaction.request_data #> '{escalation,assignees}', 'null'), '[]')) a
      left join public.workspace_members m on m.workspace_id = interaction.workspace_id and (
        m.user_id::text = a ->> 'user'
        or m.user_id = (select e.id from auth.users e where lower(e.email) = lower(a ->> 'email')))
      left join auth.users u on u.id = m.user_id
      where a ?| '{user,email}'
    ) p (assignee, email, name)
    where v_name <> '' and (
      v_name in (lower(p.email), split_part(lower(p.email), '@', 1), hil.folded(p.name))
      or v_name = any (string_to_array(hil.folded(p.name), ' '))
      or v_name = any (string_to_array(split_part(lower(p.email), '@', 1), '.')))), '[]');
end
$$;
comment on function hil.people_called(public.human_interactions, text) is
  'Whom a name in a reply may mean: [assignee].';

-- The caller holds the execution.
create function hil.carry_out(reading hil.reading, at timestamptz)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  c_most constant int := 5;
  v_interaction public.human_interactions;
  v_to text := reading.said ->> 'reassign_to';
  v_least float8 := coalesce(
    platform.setting('hil.min_confidence')::float8, (hil.classifier_settings() ->> 'threshold')::float8);
  v_found jsonb;
  v_assignees jsonb;
  v_why text;
  v_told text;
  v_is_told boolean;
  v_set_aside jsonb;
begin
  select * into v_interaction from public.human_interactions i where i.id = reading.interaction_id
  for no key update;
  if v_interaction.status <> 'pending' or v_interaction.timeout_at <= (reading.response).received_at then
    reading.understood := jsonb_build_object('none', 'It was over', 'intent', 'reassign');
    return hil.set_aside(reading, 'matched', at);
  end if;
  v_found := hil.people_called(v_interaction, v_to);
  v_why := case
    when v_to is null then 'It does not say whom to ask'
    when (reading.said ->> 'confidence')::float8 < v_least then 'Its meaning is not sure'
    when v_found = '[]' then format('There is nobody called %s whom it may be put to', v_to)
    when jsonb_array_length(v_found) > 1 then format('Several are called %s', v_to)
    when hil.key_of(hil.identify(v_interaction.workspace_id, v_found -> 0) || (v_found -> 0))
        = hil.key_of(reading.sender) then 'It names its own sender'
    when (
        select count(*) from public.hil_responses r
        where r.matched_interaction_id = v_interaction.id
          and r.classification ->> 'carried_out' = 'true') >= c_most
      then 'It went from one to another too often' end;
  if v_why is null then
    v_assignees := hil.assignees_with(v_interaction, reading.sender, v_found -> 0);
    v_why := hil.request_problem('APPROVAL', jsonb_build_object(
      'message', '-', 'quorum', v_interaction.quorum, 'assignees', v_assignees));
  end if;
  reading.understood := jsonb_build_object('none', v_why, 'intent', 'reassign');
  if v_why is not null then
    v_is_told := v_interaction.wish - '{response_id,at}'::text[]
      is not distinct from jsonb_build_object('to', v_to, 'by', reading.sender, 'why', v_why);
    update public.human_interactions i
    set wish = jsonb_build_object('to', v_to, 'by', reading.sender, 'response_id', (reading.response).id,
      'why', v_why, 'at', carry_out.at)
    where i.id = v_interaction.id
    returning i.* into v_interaction;
    perform hil.log(v_interaction, 'INFO', 'Somebody else is to be asked: an editor decides whom',
      v_interaction.wish, at);
    perform hil.broadcast(v_interaction);
    -- who says it again is not written to again
    if not v_is_told then
      perform hil.write_notice(v_interaction, reading, 'You asked for somebody else to decide. ' || v_why
        || ': an editor of the workspace will see to it. Until then the question is yours.', at);
    end if;
    return hil.set_aside(reading, 'matched', at);
  end if;
  v_told := coalesce(hil.name_of(v_found -> 0), v_found #>> '{0,email}');
  -- before its links die: in the thread of who was asked
  perform hil.write_notice(v_interaction, reading, format('As you asked, %s is asked instead.', v_told), at);
  perform hil.ask_others(v_interaction, v_assignees, reading.sender, (reading.response).hints ->> 'text', at);
  reading.said := reading.said || jsonb '{"carried_out": true}';
  v_set_aside := hil.set_aside(reading, 'matched', at) - 'code';
  update public.hil_responses r set error = null where r.id = (reading.response).id;
  return v_set_aside
    || jsonb_build_object('result', 'reassigned', 'message', format('%s is asked instead', v_told));
end
$$;
comment on function hil.carry_out(hil.reading, timestamptz) is
  'Ask whom somebody wants to be asked, or keep the wish for an editor.';

-- Who is named himself is replaced; where he was one of many who may, or the message just went to him, the
-- other alone is asked.
create function hil.assignees_with(interaction public.human_interactions, sender jsonb, other jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select case when count(*) filter (where n.is_sender) = 0 then '[]'
    else coalesce(jsonb_agg(n.a order by n.o) filter (where not n.is_sender), '[]') end
    || jsonb_build_array(assignees_with.other)
  from (
    select u.a, u.o, coalesce(u.a ->> 'user' = sender ->> 'user'
      or lower(u.a ->> 'email') = lower(sender ->> 'email')
      or u.a ->> 'slack' = sender ->> 'slack', false) as is_sender
    from jsonb_array_elements(interaction.assignees) with ordinality u (a, o)
    where u.a <> assignees_with.other) n
$$;
comment on function hil.assignees_with(public.human_interactions, jsonb, jsonb) is
  'Assignees of an interaction with another in the place of one.';

-- Where he wrote from, in the thread that he answered, if it was a message of ours.
create function hil.write_notice(
  interaction public.human_interactions, reading hil.reading, text text, at timestamptz
)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into hil.messages (
    workspace_id, interaction_id, kind, channel, integration_id, recipient, content, due_at)
  select m.workspace_id, m.interaction_id, 'notice', m.channel, m.integration_id, m.recipient,
    hil.content_of(interaction) || jsonb_build_object('notice', write_notice.text), write_notice.at
  from hil.messages m
  where m.interaction_id = interaction.id and m.kind in ('request', 'escalation') and m.status = 'sent'
    and m.channel = (reading.response).source_channel and m.channel in ('slack', 'email')
    and case m.channel
      when 'email' then lower(m.recipient) = lower(reading.sender ->> 'email')
      else m.recipient in (reading.sender ->> 'slack', reading.sender ->> 'channel')
        or m.thread ->> 'channel' = reading.sender ->> 'channel' end
  order by m.id desc
  limit 1;
end
$$;
comment on function hil.write_notice(public.human_interactions, hil.reading, text, timestamptz) is
  'Tell who answered something about his answer.';
