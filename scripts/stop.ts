// `npm stop`: stops the stack of this checkout and everything that it started.
import { main } from "./stack/places.ts";
import { stopStack } from "./stack/running.ts";

await main(async () => {
  console.log(await stopStack() ? "Stopped." : "No stack of this checkout is running.");
});
