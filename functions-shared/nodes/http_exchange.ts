// One HTTP/1.1 request on a connection of its own, to an address that the caller has checked. fetch() and node:http
// resolve the name again when they connect (the runtime of hosted functions has no `lookup` option), so a checked name
// could lead elsewhere; here the socket is opened to the address, and the name serves only TLS and the Host header.
import { concatenated } from "../encoding.ts";
import { bareHost, effectivePort } from "./address_guard.ts";

export interface ExchangeRequest {
  method: string;
  url: URL;
  /** Checked addresses of the URL's host, tried in order. */
  addresses: string[];
  headers: Headers;
  body: Uint8Array | null;
  signal: AbortSignal;
  /** How much of the decoded body to keep, by status. */
  limit: (status: number) => { bytes: number; overflow: "refuse" | "cut" };
  /** Certificates (PEM) to trust beside the system's. */
  caCerts?: string[];
}

export interface ExchangeReply {
  status: number;
  headers: Headers;
  body: Uint8Array;
  /** The body was longer than its limit, and cut there. */
  cut: boolean;
}

export type ExchangeFault = "connect" | "tls" | "closed" | "malformed" | "too_large";

export class ExchangeError extends Error {
  override name = "ExchangeError";
  constructor(readonly fault: ExchangeFault, message: string, cause?: unknown) {
    super(message, { cause });
  }
}

const maximumHead = 64 * 1024;
const connectTimeoutMs = 10_000;
const errorBodyTimeoutMs = 2_000;

/** Throws ExchangeError, or the signal's reason when it aborts. */
export async function exchange(request: ExchangeRequest): Promise<ExchangeReply> {
  const { signal } = request;
  signal.throwIfAborted();
  const connection = await open(request);
  const close = () => {
    try {
      connection.close();
    } catch {
      // it is closed already
    }
  };
  signal.addEventListener("abort", close);
  try {
    // A server may answer and close before it has read everything: its answer counts, not our broken pipe.
    const written = write(connection, head(request), request.body).catch(() => {});
    const reply = await read(new Incoming(connection), request);
    void written;
    return reply;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

async function open(request: ExchangeRequest): Promise<Deno.Conn> {
  const port = effectivePort(request.url);
  let failure: unknown;
  for (const hostname of request.addresses) {
    let plain: Deno.TcpConn;
    try {
      // Not every runtime can abort Deno.connect: a connection that comes too late is closed.
      plain = await inTime(Deno.connect({ hostname, port }), request.signal, (opening) => {
        opening.then((late) => late.close(), () => {});
      });
    } catch (error) {
      request.signal.throwIfAborted();
      failure = error;
      continue;
    }
    return request.url.protocol === "https:" ? await secured(plain, request) : plain;
  }
  throw new ExchangeError("connect", `No connection to ${request.url.host}`, failure);
}

async function secured(plain: Deno.TcpConn, request: ExchangeRequest): Promise<Deno.Conn> {
  let secure: Deno.TlsConn | undefined;
  try {
    secure = await Deno.startTls(plain, {
      hostname: bareHost(request.url),
      alpnProtocols: ["http/1.1"],
      ...(request.caCerts && { caCerts: request.caCerts }),
    });
    // Now, so that a certificate that does not fit fails as such and not as a broken read.
    await inTime(secure.handshake(), request.signal, () => {});
    return secure;
  } catch (error) {
    // a TLS connection owns the plain one's socket; without one it is still ours
    (secure ?? plain).close();
    request.signal.throwIfAborted();
    throw new ExchangeError("tls", `No secure connection to ${request.url.host}`, error);
  }
}

async function inTime<T>(step: Promise<T>, signal: AbortSignal, abandon: (step: Promise<T>) => void): Promise<T> {
  let onAbort = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    timer = setTimeout(() => reject(new ExchangeError("connect", "The connection took too long")), connectTimeoutMs);
  });
  stopped.catch(() => abandon(step));
  try {
    return await Promise.race([step, stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function head(request: ExchangeRequest): Uint8Array {
  const { method, url, headers, body } = request;
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`, "connection: close"];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (!headers.has("accept-encoding")) lines.push("accept-encoding: gzip");
  if (body) lines.push(`content-length: ${body.length}`);
  else if (["POST", "PUT", "PATCH"].includes(method)) lines.push("content-length: 0");
  // Header values are latin-1 (Headers refuses anything else, and line breaks).
  const text = lines.join("\r\n") + "\r\n\r\n";
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

async function write(connection: Deno.Conn, ...parts: (Uint8Array | null)[]): Promise<void> {
  for (const part of parts) {
    for (let offset = 0; part && offset < part.length;) offset += await connection.write(part.subarray(offset));
  }
}

class Incoming {
  #buffer: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  constructor(readonly connection: Deno.Conn) {}

  /** The next bytes, at most `most`; null at the end of the stream. */
  async some(most = Infinity): Promise<Uint8Array | null> {
    if (this.#buffer.length === 0) {
      const chunk = new Uint8Array(32 * 1024);
      let count: number | null;
      try {
        count = await this.connection.read(chunk);
      } catch (error) {
        throw new ExchangeError("closed", "The connection broke before the answer was complete", error);
      }
      if (count === null) return null;
      this.#buffer = chunk.subarray(0, count);
    }
    const taken = this.#buffer.subarray(0, most);
    this.#buffer = this.#buffer.subarray(taken.length);
    return taken;
  }

  async line(budget: { left: number }): Promise<string> {
    let text = "";
    for (;;) {
      const bytes = await this.some();
      if (bytes === null) throw new ExchangeError("closed", "The connection closed before the answer was complete");
      const end = bytes.indexOf(0x0a);
      const part = end < 0 ? bytes : bytes.subarray(0, end);
      budget.left -= part.length + 1;
      if (budget.left < 0) throw new ExchangeError("malformed", "The answer's header is too long");
      for (const byte of part) text += String.fromCharCode(byte);
      if (end >= 0) {
        this.#unread(bytes.subarray(end + 1));
        return text.endsWith("\r") ? text.slice(0, -1) : text;
      }
    }
  }

  /** Gives up what has not arrived: a pending read fails. */
  abandon(): void {
    try {
      this.connection.close();
    } catch {
      // it is closed already
    }
  }

  #unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const joined = new Uint8Array(bytes.length + this.#buffer.length);
    joined.set(bytes);
    joined.set(this.#buffer, bytes.length);
    this.#buffer = joined;
  }
}

async function read(incoming: Incoming, request: ExchangeRequest): Promise<ExchangeReply> {
  const budget = { left: maximumHead };
  for (;;) {
    const statusLine = await incoming.line(budget);
    const status = Number(/^HTTP\/1\.[01] ([1-9]\d\d)(?: |$)/.exec(statusLine)?.[1]);
    if (!status) throw new ExchangeError("malformed", "The answer is not HTTP/1.1");
    const headers = await readHeaders(incoming, budget);
    if (status < 200) {
      if (status === 101) throw new ExchangeError("malformed", "The server switched to another protocol");
      continue;
    }
    const { bytes, overflow } = request.limit(status);
    const raw = request.method === "HEAD" || status === 204 || status === 304
      ? ReadableStream.from<Uint8Array>([])
      : ReadableStream.from(framed(incoming, headers));
    if (status >= 400) return { status, headers, ...await errorBody(incoming, decoded(raw, headers), bytes) };
    const collected = await collect(decoded(raw, headers), bytes);
    if (collected.cut && overflow === "refuse") {
      throw new ExchangeError("too_large", `The answer is larger than ${bytes} bytes`);
    }
    return { status, headers, ...collected };
  }
}

async function readHeaders(incoming: Incoming, budget: { left: number }): Promise<Headers> {
  const headers = new Headers();
  for (;;) {
    const line = await incoming.line(budget);
    if (line === "") return headers;
    const colon = line.indexOf(":");
    try {
      if (colon < 1) throw new TypeError();
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    } catch (error) {
      throw new ExchangeError("malformed", "The answer has a malformed header", error);
    }
  }
}

async function* framed(incoming: Incoming, headers: Headers): AsyncGenerator<Uint8Array> {
  const encoding = headers.get("transfer-encoding")?.toLowerCase();
  if (encoding !== undefined) {
    if (encoding !== "chunked") throw new ExchangeError("malformed", "The answer has an unknown transfer encoding");
    for (;;) {
      const size = /^([0-9a-f]{1,8})[ \t]*(;.*)?$/i.exec(await incoming.line({ left: 1024 }))?.[1];
      if (size === undefined) throw new ExchangeError("malformed", "The answer has a malformed chunk");
      const length = parseInt(size, 16);
      if (length === 0) return; // trailers are of no use: the connection ends here
      yield* exactly(incoming, length);
      if (await incoming.line({ left: 2 }) !== "") throw new ExchangeError("malformed", "A chunk has a wrong length");
    }
  }
  const length = headers.get("content-length");
  if (length !== null) {
    const lengths = new Set(length.split(",").map((part) => part.trim()));
    const [only] = lengths;
    if (lengths.size !== 1 || !/^\d{1,15}$/.test(only!)) {
      throw new ExchangeError("malformed", "The answer has a malformed length");
    }
    return yield* exactly(incoming, Number(only));
  }
  for (let bytes = await incoming.some(); bytes !== null; bytes = await incoming.some()) yield bytes;
}

async function* exactly(incoming: Incoming, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const bytes = await incoming.some(left);
    if (bytes === null) throw new ExchangeError("closed", "The connection closed before the answer was complete");
    left -= bytes.length;
    yield bytes;
  }
}

function decoded(raw: ReadableStream<Uint8Array>, headers: Headers): ReadableStream<Uint8Array> {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding === "" || encoding === "identity") return raw;
  if (encoding === "gzip" || encoding === "x-gzip" || encoding === "deflate") {
    const format = encoding === "deflate" ? "deflate" : "gzip";
    return raw.pipeThrough(new DecompressionStream(format) as ReadableWritablePair<Uint8Array, Uint8Array>);
  }
  throw new ExchangeError("malformed", "The answer has a content encoding that was not asked for");
}

// The status has said what went wrong: a body that stalls or breaks off must not make another error of it.
async function errorBody(incoming: Incoming, stream: ReadableStream<Uint8Array>, most: number) {
  const parts: Uint8Array[] = [];
  const deadline = setTimeout(() => incoming.abandon(), errorBodyTimeoutMs);
  try {
    return await collect(stream, most, parts);
  } catch {
    return { body: concatenated(parts), cut: true };
  } finally {
    clearTimeout(deadline);
  }
}

// Counts decoded bytes while they arrive: neither a large answer nor a small one that unpacks to a large one is held.
async function collect(
  stream: ReadableStream<Uint8Array>,
  most: number,
  parts: Uint8Array[] = [],
): Promise<{ body: Uint8Array; cut: boolean }> {
  let size = 0;
  let cut = false;
  try {
    for await (const part of stream) {
      // a copy: the part may be a byte of a large buffer
      const kept = part.slice(0, most - size);
      parts.push(kept);
      size += kept.length;
      if (kept.length < part.length) {
        cut = true;
        break;
      }
    }
  } catch (error) {
    if (error instanceof ExchangeError) throw error;
    throw new ExchangeError("malformed", "The answer's body could not be decoded", error);
  }
  return { body: concatenated(parts), cut };
}
