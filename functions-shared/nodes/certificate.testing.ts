// A self-signed certificate for tests (X.509 v3, ECDSA P-256; RFC 5280), made anew each time: no key lies in the tree.
export async function selfSigned(host: string): Promise<{ cert: string; key: string }> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const algorithm = sequence(oid([42, 134, 72, 206, 61, 4, 3, 2])); // ecdsa-with-SHA256
  const name = sequence(der(0x31, sequence(oid([85, 4, 3]), der(0x0c, text(host)))));
  const alternativeName = sequence(der(0x82, text(host)));
  const toSign = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1, ...crypto.getRandomValues(new Uint8Array(8))]),
    algorithm,
    name,
    sequence(time(Date.now() - 86_400_000), time(Date.now() + 86_400_000)),
    name,
    [...publicKey],
    der(0xa3, sequence(sequence(oid([85, 29, 17]), der(0x04, alternativeName)))),
  );
  const raw = new Uint8Array(
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, Uint8Array.from(toSign)),
  );
  const signature = sequence(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
  const certificate = sequence(toSign, algorithm, der(0x03, [0, ...signature]));
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  return { cert: pem("CERTIFICATE", certificate), key: pem("PRIVATE KEY", [...key]) };
}

function der(tag: number, content: number[]): number[] {
  const { length } = content;
  if (length < 128) return [tag, length, ...content];
  return length < 256 ? [tag, 0x81, length, ...content] : [tag, 0x82, length >> 8, length & 255, ...content];
}

const sequence = (...parts: number[][]) => der(0x30, parts.flat());
const oid = (bytes: number[]) => der(0x06, bytes);
const text = (value: string) => [...new TextEncoder().encode(value)];
const time = (at: number) => der(0x18, text(new Date(at).toISOString().replace(/[-:T]|\.\d+/g, "")));

function integer(bytes: Uint8Array): number[] {
  const trimmed = [...bytes.subarray(Math.max(0, bytes.findIndex((byte) => byte !== 0)))];
  return der(0x02, trimmed[0]! & 0x80 ? [0, ...trimmed] : trimmed);
}

function pem(label: string, bytes: number[]): string {
  const body = btoa(String.fromCharCode(...bytes)).replace(/.{64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}
