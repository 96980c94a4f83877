// Counts of steps that were found and looked at, gathered here and written in batches: nobody waits for them, and what
// is lost with an isolate is not missed.
import type { Database } from "./db.ts";
import { background } from "./serve.ts";

export interface StepUsage {
  appeared(stepIds: string[]): void;
  viewed(stepId: string): void;
  /** Writes what there is; never rejects. */
  flush(): Promise<void>;
}

export interface StepUsageOptions {
  /** How long a count may wait. */
  afterMs?: number;
  /** How many are written at once: as many as public.record_step_usage() takes. */
  most?: number;
  log?: (event: string, fields: Record<string, unknown>) => void;
}

/** Who saw the steps has been checked: the function's own connection writes. */
export function createStepUsage(
  { sql }: Pick<Database, "sql">,
  { afterMs = 5_000, most = 1_000, log = () => {} }: StepUsageOptions = {},
): StepUsage {
  let appeared: string[] = [];
  let viewed: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (appeared.length + viewed.length > 0) {
      const some = viewed.splice(0, most);
      const others = appeared.splice(0, most - some.length);
      try {
        await sql`
          select public.record_step_usage(
            appeared => array(select jsonb_array_elements_text(${JSON.stringify(others)}::text::jsonb)::uuid),
            viewed => array(select jsonb_array_elements_text(${JSON.stringify(some)}::text::jsonb)::uuid))`;
      } catch (error) {
        // Counts are not worth a second try, or a queue that grows while the database is away.
        log("step_usage_lost", { counts: others.length + some.length, error_message: String(error) });
      }
    }
  }

  const noted = () => {
    if (appeared.length + viewed.length >= most) background(flush());
    else if (timer === undefined) {
      const waited = new Promise<void>((resolve) => timer = setTimeout(resolve, afterMs));
      background(waited.then(flush));
    }
  };

  return {
    appeared(stepIds) {
      appeared = appeared.concat(stepIds);
      noted();
    },
    viewed(stepId) {
      viewed = viewed.concat(stepId);
      noted();
    },
    flush,
  };
}
