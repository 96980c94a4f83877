// The tables of supabase/functions/README.md have every route that the functions have, and no other.
import assert from "node:assert/strict";
import { stack } from "../stack.ts";

const page = Deno.readTextFileSync(new URL("../../supabase/functions/README.md", import.meta.url));
const functions = ["execute", "deploy", "hil-webhook", "embed", "search"];
// said of all of them at once, above the tables
const everywhere = ["GET /health", "GET /openapi.json"];

/** "POST /:id/cancel" as "POST /{}/cancel": parameters have other names here and there. */
const plain = (method: string, path: string) =>
  `${method.toUpperCase()} ${path.replace(/:\w+|\{\w+\}/g, "{}").replace(/\/\*$/, "/{}").replace(/(.)\/$/, "$1")}`;

/** Routes of a table's first column: `POST /a`, `/b` are both; below /a/b a lone `/c` is in the place of b. */
function documented(name: string): Set<string> {
  const heads = [...page.matchAll(/^\| (`[\w-]+`(?:, `[\w-]+`)*) +\| answer .*\n\|[-| ]+\n((?:\|.*\n)+)/gm)];
  const [, head, rows] = heads.find(([, head]) => head!.includes(`\`${name}\``))!;
  const isShared = head!.includes(",");
  const routes = new Set<string>();
  for (const [, cell] of rows!.matchAll(/^\| (`.*?) +\|/gm)) {
    let first = "";
    let method = "";
    for (const [, text] of cell!.matchAll(/`([^`]+)`/g)) {
      const [word, path] = text!.includes(" ") ? text!.split(" ") as [string, string] : [method, text!];
      method = word;
      const isSibling = first !== "" && path.split("/").length === 2 && first.split("/").length > 2;
      const whole = isSibling ? `${first.slice(0, first.lastIndexOf("/"))}${path}` : path;
      first ||= path;
      if (!isShared) routes.add(plain(method, whole));
      else if (whole === `/${name}` || whole.startsWith(`/${name}/`)) {
        routes.add(plain(method, whole.slice(name.length + 1) || "/"));
      }
    }
  }
  return routes;
}

for (const name of functions) {
  Deno.test(`the README has the routes of ${name}`, async () => {
    const response = await fetch(`${stack().url}/functions/v1/${name}/openapi.json`);
    const { paths } = await response.json() as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };
    const real = new Set(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).filter(([, { responses }]) => !("501" in responses))
          // one route, of any method and depth
          .map(([method]) =>
            path.startsWith("/hooks/webhook/") ? plain("all", "/hooks/webhook/{}/{}") : plain(method, path)
          )
      ),
    );
    const routes = documented(name);
    assert.deepEqual([...real].filter((route) => !routes.has(route) && !everywhere.includes(route)), [], "missing");
    assert.deepEqual([...routes].filter((route) => !real.has(route)), [], "not there");
  });
}
