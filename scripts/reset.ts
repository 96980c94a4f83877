// `npm run reset`: stops the stack and removes its data, so that the next start begins with an empty database.
import { dataRoot, main } from "./stack/places.ts";
import { stopStack } from "./stack/running.ts";

await main(async () => {
  if (await stopStack()) console.log("Stopped the running stack.");
  for (const name of ["postgres", "objects", "secrets.json"]) {
    await Deno.remove(`${dataRoot}/${name}`, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  console.log("Removed the database, the objects and the keys; npm start begins anew.");
});
