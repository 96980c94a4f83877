// What the stack promises to whoever uses it; run by npm test on the stack that it starts.
import assert from "node:assert/strict";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import postgres from "postgres";
import { service, signUp, stack } from "../../tests/stack.ts";
import { functionSlugs } from "./programs.ts";

Deno.test("every part answers through the gateway", async () => {
  const { url, publishable_key, secret_key } = stack();
  const paths = [
    ...functionSlugs.map((slug) => `/functions/v1/${slug}/health`),
    "/auth/v1/health",
    "/rest/v1/workspaces?limit=1",
  ];
  for (const path of paths) {
    const answer = await fetch(url + path, {
      headers: { apikey: path.startsWith("/rest") ? secret_key : publishable_key },
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, `${path}: ${text}`);
  }
  assert.equal((await (await fetch(`${url}/health`)).json()).status, "up");
});

Deno.test("stack.json has its fields and is readable by its owner only", async () => {
  const file = Deno.env.get("TANDEM_STACK")!;
  assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
  assert.deepEqual(Object.keys(stack()), [
    "url",
    "publishable_key",
    "secret_key",
    "jwt_secret",
    "database_url",
    "s3",
    "pids",
  ]);
});

Deno.test("the Data API leaves the privileges as the migrations made them", async () => {
  await signUp();
  await service().from("workspaces").select("id").limit(1);
  const privileges = async (database: string) => {
    const url = new URL(stack().database_url);
    url.pathname = `/${database}`;
    const sql = postgres(url.href, { max: 1, onnotice() {} });
    const rows = await sql`
      select c.oid::regclass::text as name, c.relacl::text as privileges
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname !~ '^(pg_|information_schema$|cron$|extensions$)' and c.relkind in ('r', 'p', 'v', 'm', 'S')
      union all
      select 'schema ' || nspname, nspacl::text from pg_namespace where nspname !~ '^(pg_|information_schema$|cron$)'
      union all
      select 'default ' || defaclnamespace::regnamespace || defaclobjtype::text, defaclacl::text from pg_default_acl
      order by 1, 2`;
    await sql.end();
    return rows.map((row) => `${row.name} ${row.privileges}`);
  };
  assert.deepEqual(await privileges("postgres"), await privileges("template"));
});

Deno.test("the role postgres is what it is on a hosted project", async () => {
  const sql = postgres(stack().database_url, { max: 1, onnotice() {} });
  const [role] = await sql`
    select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication from pg_roles where rolname = current_user`;
  await sql.end();
  assert.deepEqual({ ...role }, {
    rolsuper: false,
    rolbypassrls: true,
    rolcreatedb: true,
    rolcreaterole: true,
    rolreplication: true,
  });
});

Deno.test("objects are kept, for those who have the key", async () => {
  const { endpoint, bucket, access_key_id, secret_access_key } = stack().s3;
  const client = (accessKeyId: string) =>
    new S3Client({
      endpoint,
      region: "auto",
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey: secret_access_key },
    });
  const owner = client(access_key_id);
  const stranger = client("S3RVER");
  const place = { Bucket: bucket, Key: "a/b.txt" };
  await owner.send(new PutObjectCommand({ ...place, Body: "hello" }));
  const object = await owner.send(new GetObjectCommand(place));
  assert.equal(await object.Body!.transformToString(), "hello");
  await assert.rejects(stranger.send(new GetObjectCommand(place)), { name: "InvalidAccessKeyId" });
  const anonymous = await fetch(`${endpoint}/${bucket}/a/b.txt`);
  assert.equal(anonymous.status, 403);
  await anonymous.body?.cancel();
  owner.destroy();
  stranger.destroy();
});
