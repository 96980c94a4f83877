import assert from "node:assert/strict";
import type { Task } from "../engine.ts";
import { checkedAddresses, isPublic } from "./address_guard.ts";
import { httpRequest } from "./http_request.ts";
import { testServer } from "./http_server.testing.ts";

const notPublic = [
  ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1", "172.31.255.255"],
  ...["192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"],
  ...["255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "fe80::1", "fc00::1"],
  ...["fd12:3456::1", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "100::1"],
  ...["2001:db8::1", "3fff::1", "5f00::1", "4000::1", "not an address"],
];
const open = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"];

Deno.test("only unicast addresses of the public internet are public", () => {
  assert.deepEqual(notPublic.filter(isPublic), []);
  assert.deepEqual(open.filter(isPublic), open);
});

async function verdict(url: string, allowed: string[] = [], addresses: string[] = []): Promise<string> {
  return await checkedAddresses(new URL(url), allowed, () => Promise.resolve(addresses))
    .then((checked) => checked.join(), (error) => error.code);
}

Deno.test("a literal address is refused however it is written", async () => {
  const spellings = ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"];
  for (const host of spellings) assert.equal(await verdict(`http://${host}/`), "address_not_allowed", host);
});

Deno.test("a name is refused if any of its addresses is not public", async () => {
  assert.equal(await verdict("http://mixed.example/", [], ["1.1.1.1", "10.0.0.1"]), "address_not_allowed");
  assert.equal(await verdict("http://mixed.example/", [], ["1.1.1.1", "fd00::1"]), "address_not_allowed");
  assert.equal(await verdict("http://open.example/", [], ["1.1.1.1", "1.0.0.1"]), "1.1.1.1,1.0.0.1");
  assert.equal(await verdict("http://nothing.example/"), "network_error");
});

Deno.test("a workspace allows a host, or a host on one port, and nothing that only looks like it", async () => {
  const local = ["127.0.0.1"];
  assert.equal(await verdict("http://db.local:8080/", ["db.local"], local), "127.0.0.1");
  assert.equal(await verdict("http://DB.local.:8080/", ["db.LOCAL:8080"], local), "127.0.0.1");
  assert.equal(await verdict("http://db.local/", ["db.local:80"], local), "127.0.0.1");
  assert.equal(await verdict("https://db.local/", ["db.local:80"], local), "address_not_allowed");
  assert.equal(await verdict("http://db.local:8081/", ["db.local:8080"], local), "address_not_allowed");
  assert.equal(await verdict("http://evil-db.local/", ["db.local"], local), "address_not_allowed");
  assert.equal(await verdict("http://db.local.evil.example/", ["db.local"], local), "address_not_allowed");
  assert.equal(await verdict("http://[::1]:9/", ["[::1]:9"]), "::1");
  assert.equal(await verdict("http://[::1]:9/", ["[::1]:8"]), "address_not_allowed");
});

Deno.test("the message does not tell the address", async () => {
  const error = await checkedAddresses(new URL("http://inner.example/"), [], () => Promise.resolve(["10.77.0.5"]))
    .catch((error) => error);
  assert.ok(!JSON.stringify([error.message, error.details]).includes("10.77"));
});

Deno.test("connects to the checked address, whatever the name says at a second look", async () => {
  await using server = testServer(() => new Response("reached"));
  let asked = 0;
  // The name does not exist: only the one answer given here can lead to the server.
  const run = httpRequest({
    resolve: () => Promise.resolve(++asked === 1 ? ["127.0.0.1"] : ["127.0.0.2"]),
  });
  const host = `rebinding.invalid:${server.port}`;
  const task = { parameters: { url: `http://${host}/` }, allowed_hosts: [host] } as unknown as Task;
  const output = await run(task, { signal: new AbortController().signal }) as { body: unknown };
  assert.equal(output.body, "reached");
  assert.equal(asked, 1);
  assert.equal(server.received[0]!.headers.get("host"), host);
});

Deno.test("a name that turns private between two hops is refused at the second", async () => {
  await using server = testServer(() =>
    new Response(null, { status: 302, headers: { location: "http://turning.invalid/again" } })
  );
  let asked = 0;
  const run = httpRequest({ resolve: () => Promise.resolve(++asked === 1 ? ["127.0.0.1"] : ["10.0.0.1"]) });
  // Allowed on the first hop's port only; the redirect leads to the default port.
  const host = `turning.invalid:${server.port}`;
  const task = { parameters: { url: `http://${host}/` }, allowed_hosts: [host] } as unknown as Task;
  await assert.rejects(async () => await run(task, { signal: new AbortController().signal }), {
    code: "address_not_allowed",
  });
  assert.equal(asked, 2);
  assert.equal(server.received.length, 1);
});
