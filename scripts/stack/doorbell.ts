// The doorbell of the local stack, a process of its own: hears the database ring and wakes a worker, as pg_net does on
// a hosted project. Nothing depends on a ring arriving: the database rings again while work waits.
import postgres from "postgres";

const databaseUrl = Deno.env.get("DATABASE_URL")!;
const functionsUrl = Deno.env.get("FUNCTIONS_URL")!;
const secretKey = Deno.env.get("SECRET_KEY")!;
const sql = postgres(databaseUrl, {
  max: 1,
  onnotice() {},
  connect_timeout: 5,
  backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 1),
  connection: { application_name: "doorbell" },
});

const MOST_AT_ONCE = 4;
const ringing = { execute: 0, embed: 0 };

/** The database says "embed" where texts wait for their vectors, and how many tasks wait otherwise. */
function ring(payload: string): Promise<void> {
  return wake(payload === "embed" ? "embed" : "execute");
}

async function wake(slug: "execute" | "embed"): Promise<void> {
  if (ringing[slug] >= MOST_AT_ONCE) return;
  ringing[slug]++;
  try {
    const response = await fetch(`${functionsUrl}/${slug}/work`, {
      method: "POST",
      headers: { apikey: secretKey, "content-type": "application/json" },
      body: "{}",
    });
    if (!response.ok) console.error(`${new Date().toISOString()} ${slug}/work answered ${response.status}`);
    await response.body?.cancel();
  } catch (error) {
    console.error(`${new Date().toISOString()} ${slug}/work did not answer: ${(error as Error).message}`);
  } finally {
    ringing[slug]--;
  }
}

/** Listens, again after each lost connection; work may have come while nobody listened, so it begins with a ring. */
async function listen(): Promise<void> {
  for (;;) {
    try {
      await sql.listen("tandem_doorbell", ring, () => void Promise.all([wake("execute"), wake("embed")]));
      return;
    } catch (error) {
      console.error(`${new Date().toISOString()} cannot listen yet: ${(error as Error).message}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** A Postgres without pg_cron has nobody to call the tick, so this process does, four times a second. */
async function tickWithoutCron(): Promise<void> {
  const own = postgres(databaseUrl, { max: 1, onnotice() {}, connect_timeout: 5 });
  for (;;) {
    try {
      const [row] = await own`select exists (select from pg_extension where extname = 'pg_cron') as cron`;
      if (row?.cron) return await own.end();
      // as engine.tick_job(): while a tick had all that it takes at once, the next one follows at once
      const [ticked] = await own`select engine.tick(200) as done`;
      if (ticked?.done >= 200) continue;
      await own`select search.record_executions()`;
    } catch (error) {
      console.error(`${new Date().toISOString()} cannot tick: ${(error as Error).message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

await Promise.all([listen(), tickWithoutCron()]);
