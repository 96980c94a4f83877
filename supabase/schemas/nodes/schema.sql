-- Functions that workflows call: `nodes.<name>(arguments jsonb, context jsonb) returns jsonb`. The project's
-- owner puts them here by migration; a workspace enables them, it cannot define them.
create schema nodes;
comment on schema nodes is 'Functions that SQL_FUNCTION nodes call; the project''s own.';
