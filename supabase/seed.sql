-- Nothing to seed: rows that the product needs come with the migrations (platform.setup()), so that a hosted project
-- has them too; the local stack's own settings are made by `npm start`.
select 1 where false;
