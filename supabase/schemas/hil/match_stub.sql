create function hil.take_early(interaction public.human_interactions, at timestamptz)
returns public.human_interactions language sql set search_path = '' as $$ select interaction $$;
create function hil.match_again(response_id uuid) returns void language sql set search_path = '' as $$ select $$;
