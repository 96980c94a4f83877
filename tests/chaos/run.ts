// `npm run chaos`: the long storm.
import { storm } from "./storm.ts";

const damage = await storm({
  executions: 2_000,
  batch: 20,
  killEveryMs: 1_000,
  kills: Infinity,
  // the stack gives up on a database that ends more often than that
  restartEveryMs: 13_000,
  restarts: Infinity,
  withinMs: 15 * 60_000,
}, (line) => console.error(line));
console.log(JSON.stringify(damage, null, 2));
