import { DBOS } from "@dbos-inc/dbos-sdk";
import { payload, type Shape } from "../shapes.ts";
import type { Peer } from "./peer.ts";

const concurrency = 20;

/** The steps of a layer run side by side, as its users write it: a Promise.all. */
const workflow = DBOS.registerWorkflow(async (layers: number[], _payload: unknown) => {
  for (const width of layers) {
    await Promise.all(
      Array.from({ length: width }, () => DBOS.runStep(() => Promise.resolve(payload), { name: "step" })),
    );
  }
  return payload;
}, { name: "bench" });

const ignore = () => {};

export const dbos: Peer = {
  name: "DBOS",
  note:
    `5.3.0; ${concurrency} workflows at a time, started and run in one process: no queue between the steps, the graph ` +
    "is code. Keeps each step's output, not its input; a start and an end are written for each workflow.",
  // it does so when it is launched
  install: () => Promise.resolve(),
  open: launch,
};

async function launch(url: string) {
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: url,
    logger: { info: ignore, debug: ignore, warn: ignore, error: (error) => console.error(error) },
  });
  await DBOS.launch();
  return {
    async run({ layers }: Shape, executions: number) {
      let left = executions;
      await Promise.all(Array.from({ length: Math.min(concurrency, executions) }, async () => {
        while (left-- > 0) await (await DBOS.startWorkflow(workflow)(layers, payload)).getResult();
      }));
    },
    close: () => DBOS.shutdown(),
  };
}
