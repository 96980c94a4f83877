// Object storage for tests: the local stack's real S3 server, which can be stopped and started, and a strict fake.
import { freePort } from "../scripts/stack/ports.ts";
import type { ObjectSettings } from "./objects.ts";

const checkout = new URL("..", import.meta.url).pathname;

export interface TestObjects extends AsyncDisposable {
  settings: ObjectSettings;
  /** Where the objects lie, as files. */
  folder: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function testObjects(): Promise<TestObjects> {
  const folder = await Deno.makeTempDir({ prefix: "tandem-objects-" });
  const port = freePort();
  const settings: ObjectSettings = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: "tandem",
    region: "auto",
    accessKeyId: "test-key",
    secretAccessKey: "test-secret",
  };
  let child: Deno.ChildProcess | null = null;
  const start = async () => {
    child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", `--config=${checkout}/deno.json`, `${checkout}/scripts/stack/objects.ts`],
      env: {
        OBJECTS_FOLDER: folder,
        OBJECTS_PORT: String(port),
        S3_BUCKET: settings.bucket,
        S3_ACCESS_KEY_ID: settings.accessKeyId,
        S3_SECRET_ACCESS_KEY: settings.secretAccessKey,
      },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (let attempt = 0; attempt < 200; attempt++) {
      try {
        const answer = await fetch(settings.endpoint);
        await answer.body?.cancel();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error("The S3 server does not start");
  };
  const stop = async () => {
    if (!child) return;
    const ending = child;
    child = null;
    ending.kill("SIGKILL");
    await ending.status;
  };
  await start();
  return {
    settings,
    folder,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export interface FakeObjects extends AsyncDisposable {
  settings: ObjectSettings;
  stored: Map<string, { body: Uint8Array<ArrayBuffer>; headers: Headers }>;
  requests: { method: string; key: string; headers: Headers }[];
  /** What the next requests are answered with, before anything of ours is looked at; null lets one through. */
  failures: ((() => Response | Promise<Response>) | null)[];
}

/** As strict as R2 was: a checksum header or trailer that it does not know is 501, and nothing goes unsigned. */
export function fakeObjects(): FakeObjects {
  const stored: FakeObjects["stored"] = new Map();
  const requests: FakeObjects["requests"] = [];
  const failures: FakeObjects["failures"] = [];
  const xml = (status: number, code: string) =>
    new Response(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`, {
      status,
      headers: { "content-type": "application/xml" },
    });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const key = decodeURIComponent(new URL(request.url).pathname.replace(/^\/tandem\//, ""));
    const { method, headers } = request;
    requests.push({ method, key, headers });
    const body = new Uint8Array(await request.arrayBuffer());
    const failure = failures.shift();
    if (failure) return await failure();
    const foreign = [...headers.keys()].some((name) => /^x-amz-(checksum|sdk-checksum|trailer|decoded)/.test(name));
    if (foreign || headers.get("x-amz-content-sha256")?.startsWith("STREAMING")) return xml(501, "NotImplemented");
    if (!headers.get("authorization")?.startsWith("AWS4-HMAC-SHA256 ")) return xml(403, "AccessDenied");
    if (method === "PUT") {
      stored.set(key, { body, headers });
      return new Response(null, { headers: { etag: '"0123456789abcdef0123456789abcdef"' } });
    }
    if (method === "DELETE") {
      stored.delete(key);
      return new Response(null, { status: 204 });
    }
    const found = stored.get(key);
    if (!found) return method === "HEAD" ? new Response(null, { status: 404 }) : xml(404, "NoSuchKey");
    const answer = new Headers({ etag: '"0123456789abcdef0123456789abcdef"' });
    for (const [name, value] of found.headers) if (/^x-amz-meta-|^content-/.test(name)) answer.set(name, value);
    return new Response(method === "HEAD" ? null : found.body, { headers: answer });
  });
  return {
    settings: {
      endpoint: `http://127.0.0.1:${server.addr.port}`,
      bucket: "tandem",
      region: "auto",
      accessKeyId: "test-key",
      secretAccessKey: "test-secret",
    },
    stored,
    requests,
    failures,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
