\ir ../helpers.sql
select plan(14);
select is(workflows.pattern_size(p), s::float8, p) from (values
  ('', 0),
  ('^[A-Z]{2}[0-9]{2}$', 4),
  ('a{3}b', 4),
  ('a{0,20}', 20),
  ('a{20,}', 20),
  ('((a{1,30}){1,30}){1,30}', 27000),
  ('(ab|c){10}d+', 31),
  ('\(\{30\}', 5),
  ('[({]{3}', 3),
  ('[]({]{3}', 3),
  ('[[:alpha:](]{3}', 3),
  (')a{2}', 3),
  ('a{0}b', 2),
  (repeat('x{0,255}', 55), 14025)
) v (p, s);
select * from finish();
