// The client as npm run client builds it: in Node by its package's exports, and in a realm that has what browsers have.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createTandem } from "shared/client.ts";
import { signUp, stack } from "../stack.ts";

const checkout = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

async function run(command: string, args: string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd, stdin: "null" }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${command} ${args.join(" ")}\n${out}\n${err}`);
  return out!;
}

/** A project that has installed tandem and supabase-js. */
async function project(): Promise<
  AsyncDisposable & { path: string; write(name: string, text: string): Promise<void> }
> {
  const path = await Deno.makeTempDir();
  const modules = `${path}/node_modules`;
  await Deno.mkdir(`${modules}/tandem`, { recursive: true });
  await Deno.copyFile(`${checkout}/package.json`, `${modules}/tandem/package.json`);
  await Deno.symlink(`${checkout}/node_modules/@supabase`, `${modules}/@supabase`);
  await Deno.writeTextFile(`${path}/package.json`, '{ "type": "module" }');
  const outDir = ["--outDir", `${modules}/tandem/dist`];
  await run("node", ["node_modules/typescript/bin/tsc", "-p", "functions-shared/client", ...outDir], checkout);
  return {
    path,
    write: (name, text) => Deno.writeTextFile(`${path}/${name}`, text),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("the built client works in Node and in a bare realm, with its types", async (t) => {
  await using installed = await project();
  const { path } = installed;
  const user = await signUp();
  const { url, publishable_key } = stack();
  const { data } = await createTandem(user.client).workflows.createWorkflow({ name: "Ünï" });
  const caller = { url, key: publishable_key, token: user.token, id: data!.id };

  await t.step("Node imports it by the package's name, and calls through supabase-js", async () => {
    await installed.write(
      "main.mjs",
      `
      import { createClient } from "@supabase/supabase-js";
      import { createTandem } from "tandem/client";
      const { url, key, token, id } = ${JSON.stringify(caller)};
      const client = createClient(url, key, {
        auth: { persistSession: false, autoRefreshToken: false },
        global: { headers: { authorization: "Bearer " + token } },
        // Node 20 has no WebSocket of its own, which supabase-js asks for
        realtime: { transport: class {} },
      });
      const { workflows } = createTandem(client);
      const found = await workflows.getWorkflow(id);
      const missing = await workflows.getWorkflow(crypto.randomUUID());
      const nowhere = createTandem(createClient("http://127.0.0.1:9", key, {
        auth: { persistSession: false, autoRefreshToken: false },
        realtime: { transport: class {} },
      }));
      const unreachable = await nowhere.executions.listExecutions();
      console.log(JSON.stringify([found.data.name, missing.error.code, unreachable.error.code, process.version]));
      process.exit(0);
      `,
    );
    const [name, missing, unreachable] = JSON.parse(await run("node", ["main.mjs"], path));
    assert.deepEqual([name, missing, unreachable], ["Ünï", "workflow_not_found", "network_error"]);
  });

  await t.step("TypeScript finds its types, and takes supabase-js as the client", async () => {
    await installed.write(
      "main.ts",
      `
      import { createClient } from "@supabase/supabase-js";
      import { createTandem, type Execution, type Workflow } from "tandem/client";
      const { workflows, executions } = createTandem(createClient("https://example.com", "key"));
      const { data, error } = await workflows.listWorkflows({ status: "active", tags: ["momentum"], limit: 20 });
      if (error) throw new Error(error.code);
      export const first: Workflow | undefined = data[0];
      export const started: Execution | null = (await executions.startExecution(first!.id)).data;
      // @ts-expect-error: there is no such filter
      await workflows.listWorkflows({ colour: "red" });
      `,
    );
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"];
    await run("node", [`${checkout}/node_modules/typescript/bin/tsc`, ...options, "main.ts"], path);
  });

  await t.step("nothing but itself is imported, and only what browsers have is used", async () => {
    await installed.write(
      "realm.mjs",
      `
      import { readFile } from "node:fs/promises";
      import vm from "node:vm";
      const imported = [];
      const context = vm.createContext({ fetch, URL, AbortController, setTimeout, clearTimeout });
      const modules = new Map();
      async function load(url) {
        if (!modules.has(url)) {
          const source = await readFile(new URL(url), "utf8");
          modules.set(url, new vm.SourceTextModule(source, { context, identifier: url }));
        }
        return modules.get(url);
      }
      const main = new vm.SourceTextModule(\`
        import { createTandem } from "./node_modules/tandem/dist/client.js";
        const { url, key, token, id } = ${JSON.stringify(caller)};
        const headers = { apikey: key, authorization: "Bearer " + token, "content-type": "application/json" };
        // as much of a client as it needs
        const client = {
          async rpc(name, args) {
            const answer = await fetch(url + "/rest/v1/rpc/" + name, { method: "POST", headers, body: JSON.stringify(args) });
            const body = await answer.json();
            return { data: answer.ok ? body : null, error: answer.ok ? null : body, status: answer.status };
          },
          from() {},
        };
        const { workflows, executions } = createTandem(client);
        const nodes = [{ id: "a", type: "filter", position: { x: 1, y: 2 }, data: { label: "A" } }];
        const saved = await workflows.updateWorkflow(id, { nodes, edges: [], name: "From a browser" });
        const loaded = await workflows.getWorkflow(id);
        const missing = await executions.getExecution(id);
        export default JSON.stringify([
          [typeof process, typeof Buffer, typeof require, typeof Deno],
          saved.data?.name ?? saved.error, loaded.data?.nodes, missing.error?.code,
        ]);
      \`, { context, identifier: new URL("main.js", import.meta.url).href });
      await main.link((specifier, parent) => {
        imported.push(specifier);
        return load(new URL(specifier, parent.identifier).href);
      });
      await main.evaluate();
      console.log(JSON.stringify({ imported, said: JSON.parse(main.namespace.default) }));
      process.exit(0);
      `,
    );
    const { imported, said } = JSON.parse(
      await run("node", ["--experimental-vm-modules", "--no-warnings", "realm.mjs"], path),
    );
    assert.ok(imported.length >= 5);
    for (const specifier of imported) assert.match(specifier, /^\.\.?\//, "no package and no module of a runtime");
    assert.deepEqual(said, [
      Array(4).fill("undefined"),
      "From a browser",
      [{ id: "a", type: "filter", position: { x: 1, y: 2 }, data: { label: "A" } }],
      "execution_not_found",
    ]);
  });
});
