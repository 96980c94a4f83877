// Creating steps by HTTP, POST /embed/steps, on a whole stack of its own with a disk that is waited for.
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

export async function createByHttp(part: number, say: (what: string) => void): Promise<Write[]> {
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
    let next = 0;
    const writes: Write[] = [];
    for (const { name, batch, calls, stateBytes } of ways) {
      say(name);
      const post = async () => {
        const steps = Array.from({ length: batch }, () => {
          const { app_name, window_title, element_path, step_name, definition, workflow_name, workflow_description } =
            step(next++, shape);
          const described = { app_name, window_title, element_path, step_name, definition };
          const large = stateBytes ? { current_state: treeOf(next, stateBytes) } : {};
          return { ...described, workflow_name, workflow_description, ...large };
        });
        const response = await fetch(`${stack.details.url}/functions/v1/embed/steps`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${user.token}`,
            apikey: stack.details.publishable_key,
            "content-type": "application/json",
            "idempotency-key": crypto.randomUUID(),
          },
          body: JSON.stringify({ steps }),
        });
        if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
        await response.body?.cancel();
      };
      await post();
      const taken: number[] = [];
      const times = Math.ceil(calls * part);
      const cost = await gauge(times * batch, 1, async () => {
        for (let i = 0; i < times; i++) {
          const began = performance.now();
          await post();
          taken.push(performance.now() - began);
        }
      });
      writes.push({
        name,
        rows: times * batch,
        connections: 1,
        perSecond: cost.executionsPerSecond,
        cpuMs: cost.cpuMsPerStep,
        walBytes: cost.walBytesPerStep,
        p50: quantile(taken, 0.5),
        p95: quantile(taken, 0.95),
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
