import { main } from "../../scripts/stack/places.ts";
import { measure, sizes } from "./measure.ts";
if (import.meta.main) {
  await main(async () => {
    const began = performance.now();
    const figures = await measure(
      sizes[(Deno.args[0] ?? "quick") as "quick"],
      (w) => console.log(((performance.now() - began) / 1000).toFixed(1), w),
    );
    console.log(JSON.stringify(figures, null, 1));
  });
}
