// Creating steps and counting what became of them by HTTP, POST /embed/steps and POST /execute/steps/:id, on a whole
// stack of its own with a disk that is waited for.
import { makeFolder, state } from "../../../scripts/stack/places.ts";
import { scratch } from "../../../scripts/stack/scratch.ts";
import { startStack } from "../../../scripts/stack/stack.ts";
import { signUp, useStack } from "../../stack.ts";
import { gaugeOf, quantile } from "../gauge.ts";
import { step } from "./steps.ts";
import type { Write } from "./writes.ts";

const ways = [
  { name: "ours: POST /embed/steps, one at a time", batch: 1, calls: 60, stateBytes: 0 },
  { name: "ours: POST /embed/steps, 500 at once", batch: 500, calls: 4, stateBytes: 0 },
  {
    name: "ours: POST /embed/steps, 20 at once, each with a state of 50 kB in S3",
    batch: 20,
    calls: 10,
    stateBytes: 50_000,
  },
];

const counting = [
  { name: "ours: POST /execute/steps/:id", atOnce: 1, calls: 300 },
  { name: "ours: POST /execute/steps/:id, of one caller", atOnce: 64, calls: 4000 },
];

export async function writeByHttp(part: number, say: (what: string) => void): Promise<Write[]> {
  if (part === 0) return [];
  const folder = `${scratch}/${Deno.pid}-${crypto.randomUUID()}`;
  await makeFolder(folder);
  const stack = await startStack({
    folder,
    logs: `${state}/test-logs/${Deno.pid}-bench`,
    stackFile: `${folder}/stack.json`,
    report() {},
  });
  const admin = stack.cluster!.connect("postgres", "supabase_admin", 1);
  try {
    useStack(stack.details);
    const user = await signUp("bench");
    const gauge = await gaugeOf(admin);
    const shape = {
      rows: 100_000,
      tenants: [{ workspace_id: user.id, user_id: user.id }],
      giant: 1,
      executed: 0,
      end: Date.now(),
    };
    const post = async (path: string, body: unknown, status: number) => {
      const response = await fetch(`${stack.details.url}/functions/v1/${path}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${user.token}`,
          apikey: stack.details.publishable_key,
          "content-type": "application/json",
          "idempotency-key": crypto.randomUUID(),
        },
        body: JSON.stringify(body),
      });
      if (response.status !== status) throw new Error(`${response.status} ${await response.text()}`);
      await response.body?.cancel();
    };
    const writes: Write[] = [];
    const measured = async (
      name: string,
      calls: number,
      rowsACall: number,
      atOnce: number,
      call: () => Promise<void>,
    ) => {
      say(name);
      await call();
      const taken: number[] = [];
      let left = Math.ceil(calls * part);
      const rows = left * rowsACall;
      const cost = await gauge(rows, 1, () =>
        Promise.all(Array.from({ length: atOnce }, async () => {
          while (left-- > 0) {
            const began = performance.now();
            await call();
            taken.push(performance.now() - began);
          }
        })));
      writes.push({
        name,
        rows,
        connections: atOnce,
        perSecond: cost.executionsPerSecond,
        cpuMs: cost.cpuMsPerStep,
        walBytes: cost.walBytesPerStep,
        p50: quantile(taken, 0.5),
        p95: quantile(taken, 0.95),
      });
    };
    let next = 0;
    for (const { name, batch, calls, stateBytes } of ways) {
      await measured(name, calls, batch, 1, async () => {
        const steps = Array.from({ length: batch }, () => {
          const { app_name, window_title, element_path, step_name, definition, workflow_name, workflow_description } =
            step(next++, shape);
          const described = { app_name, window_title, element_path, step_name, definition };
          const large = stateBytes ? { current_state: treeOf(next, stateBytes) } : {};
          return { ...described, workflow_name, workflow_description, ...large };
        });
        await post("embed/steps", { steps }, 201);
      });
    }
    // vectors of what was created are made meanwhile
    say("waiting for the queue of embeddings");
    const isBusy = async () =>
      (await admin<{ busy: boolean }[]>`
        select exists (select from search.embedding_jobs where state = 'pending') as busy`)[0]!.busy;
    while (await isBusy()) await new Promise((resolve) => setTimeout(resolve, 100));
    const ids = (await admin<{ id: string }[]>`
      select id from public.workflow_steps order by md5(id::text)`).map(({ id }) => id);
    await admin`
      select search.add_outcomes(array_agg(id), array_agg(true), array_agg(100), array_agg(engine.now()))
      from public.workflow_steps`;
    for (const { name, calls, atOnce } of counting) {
      await measured(name, calls, 1, atOnce, async () => {
        const n = next++;
        await post(`execute/steps/${ids[n % ids.length]}`, { success: n % 10 > 0, duration_ms: 100 + n % 1000 }, 200);
      });
    }
    return writes;
  } finally {
    useStack(null);
    await admin.end();
    await stack.stop();
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

/** A tree of elements, as an automation sees a window. */
function treeOf(seed: number, bytes: number) {
  const nodes = [];
  for (let length = 0; length < bytes; length += 100) {
    nodes.push({ role: "Button", name: `Item ${seed} ${length}`, bounds: [length % 1920, length % 1080, 120, 32] });
  }
  return { role: "Window", children: nodes };
}
