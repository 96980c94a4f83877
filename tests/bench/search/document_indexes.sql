-- The indexes of document 000, but for those of vectors: its search never reads them (stage 2 is exact over at most 500
-- ids), only its updates pay for them.
create index idx_steps_app on document.workflow_steps (app_name);
create index idx_steps_window on document.workflow_steps (window_title);
create index idx_steps_app_window on document.workflow_steps (app_name, window_title);
create index idx_steps_workflow on document.workflow_steps (workflow_name);
create index idx_steps_author on document.workflow_steps (author);
create index idx_steps_ranking on document.workflow_steps (ranking desc);
create index idx_steps_search_vector on document.workflow_steps using gin (search_vector);
create index idx_steps_created_at on document.workflow_steps (created_at desc);
create index idx_steps_last_executed on document.workflow_steps (last_executed_at desc);
create index idx_steps_app_ranking on document.workflow_steps (app_name, ranking desc);
create index idx_steps_workflow_ranking on document.workflow_steps (workflow_name, ranking desc);
