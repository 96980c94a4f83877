// Large values (UI trees, outcome diffs) in S3-compatible storage: R2, Supabase Storage's S3 endpoint, MinIO, AWS, the
// local stack's own. An object is JSON, packed with gzip, and written once under its key.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { busy } from "./busy_time.ts";
import { type Bytes, toHex, utf8 } from "./encoding.ts";
import { ApiError, apiError } from "./errors.ts";
import { sha256 } from "./sha256.ts";

export interface ObjectSettings {
  /** `https://<account>.r2.cloudflarestorage.com`, `https://<project>.storage.supabase.co/storage/v1/s3`, ... */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface ObjectLimits {
  /** Bytes of the JSON itself, when it is written and when it is read. */
  rawBytes: number;
  /** Bytes of what is stored. */
  storedBytes: number;
  /** For connecting and for each silence of the server. */
  requestMs: number;
  /** For a call with all its attempts; a download may take longer once it has begun. */
  callMs: number;
  attempts: number;
}

const objectLimits: ObjectLimits = {
  rawBytes: 24 * 1024 * 1024,
  storedBytes: 16 * 1024 * 1024,
  requestMs: 8_000,
  callMs: 20_000,
  attempts: 3,
};

/** JSON that is ready to be stored. */
export interface PackedObject {
  /** Of the JSON, not of its packed form: gzip may differ from one runtime to the next. */
  sha256: string;
  rawBytes: number;
  packed: Bytes;
}

export interface ObjectInfo {
  /** Null where a server dropped our metadata, or something else wrote the object. */
  sha256: string | null;
  storedBytes: number;
  /** Changes with the content: the hash, else the server's own tag. */
  tag: string;
}

export interface Download extends ObjectInfo {
  /** As it is stored: gzip, unless something else wrote it. Ends with object_too_large beyond the limit. */
  body: ReadableStream<Bytes>;
  isPacked: boolean;
}

export interface ObjectStore {
  put(key: string, object: PackedObject, signal?: AbortSignal): Promise<void>;
  /** Null where there is no such object. */
  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | null>;
  open(key: string, signal?: AbortSignal): Promise<Download>;
  /** The whole value, checked against its hash; never more than the limit in memory. */
  read(key: string, signal?: AbortSignal): Promise<unknown>;
  /** Deleting what is not there is fine. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /** A URL that anybody may download from until it expires. */
  presign(key: string, seconds?: number): Promise<{ url: string; expiresAt: Date }>;
  close(): void;
}

/** object_store_unavailable, object_not_found, object_too_large or object_corrupt. */
export class ObjectStoreError extends ApiError {
  override name = "ObjectStoreError";
  constructor(
    code: "object_store_unavailable" | "object_not_found" | "object_too_large" | "object_corrupt",
    more: { message?: string; hint?: string; cause?: unknown } = {},
  ) {
    const { status, message, hint, headers } = apiError(code, more);
    super({ status, code, message, hint, headers, cause: more.cause });
  }
}

/** For where createObjectStore() was not called. */
export const noObjectStore = (more: { message?: string; hint?: string } = {}) =>
  new ObjectStoreError("object_store_unavailable", { message: "No object storage is configured", ...more });

/** Throws object_too_large. */
export async function pack(
  value: unknown,
  limits: Pick<ObjectLimits, "rawBytes" | "storedBytes"> = objectLimits,
): Promise<PackedObject> {
  const raw = utf8(busy(() => JSON.stringify(value)));
  if (raw.length > limits.rawBytes) throw tooLarge(`It has ${raw.length} bytes, the limit is ${limits.rawBytes}`);
  const hash = toHex(await sha256(raw));
  const packed = new Uint8Array(await new Response(streamOf(raw).pipeThrough(gzip())).arrayBuffer());
  if (packed.length > limits.storedBytes) {
    throw tooLarge(`Packed it has ${packed.length} bytes, the limit is ${limits.storedBytes}`);
  }
  return { sha256: hash, rawBytes: raw.length, packed };
}

export function createObjectStore(settings: ObjectSettings, changed: Partial<ObjectLimits> = {}): ObjectStore {
  const limits = { ...objectLimits, ...changed };
  const client = new S3Client({
    endpoint: settings.endpoint,
    region: settings.region,
    credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
    forcePathStyle: true,
    // R2 and others refuse the CRC32 that the client sends since 3.729; the signature covers the content's SHA-256.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: limits.attempts,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: Math.min(limits.requestMs, 3_000),
      requestTimeout: limits.requestMs,
      socketTimeout: limits.requestMs,
      throwOnRequestTimeout: true,
    },
    // All that would be looked for in files of the user's, or asked of the system.
    defaultsMode: "standard",
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    defaultUserAgentProvider: () => Promise.resolve([["tandem", "1"]]),
  });
  const at = (key: string) => ({ Bucket: settings.bucket, Key: key });

  async function call<T>(signal: AbortSignal | undefined, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    // not AbortSignal.timeout, whose timer would outlive the call
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), limits.callMs);
    try {
      return await send(signal ? AbortSignal.any([signal, controller.signal]) : controller.signal);
    } catch (error) {
      throw storeError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  const infoOf = (answer: { Metadata?: Record<string, string>; ContentLength?: number; ETag?: string }): ObjectInfo => {
    const hash = answer.Metadata?.sha256;
    const sha256 = hash && /^[0-9a-f]{64}$/.test(hash) ? hash : null;
    return {
      sha256,
      storedBytes: answer.ContentLength ?? 0,
      tag: sha256 ?? (answer.ETag ?? "").replace(/[^\w-]/g, ""),
    };
  };

  async function open(key: string, signal?: AbortSignal): Promise<Download> {
    const answer = await call(
      signal,
      // The call's own limit is for the head of the answer: its body may take as long as it flows.
      (abortSignal) => client.send(new GetObjectCommand(at(key)), { abortSignal }),
    );
    const stored = answer.Body!.transformToWebStream() as ReadableStream<Bytes>;
    const info = infoOf(answer);
    if (info.storedBytes > limits.storedBytes) {
      await stored.cancel().catch(() => {});
      throw tooLarge(`It has ${info.storedBytes} bytes, the limit is ${limits.storedBytes}`);
    }
    const { body, isPacked } = await beginning(stored).catch((error) => {
      throw storeError(error);
    });
    return { ...info, isPacked, body: body.pipeThrough(atMost(limits.storedBytes)) };
  }

  return {
    async put(key, { packed, sha256 }, signal) {
      await call(signal, (abortSignal) =>
        client.send(
          new PutObjectCommand({
            ...at(key),
            Body: packed,
            ContentLength: packed.length,
            ContentType: "application/json",
            ContentEncoding: "gzip",
            Metadata: { sha256 },
          }),
          { abortSignal },
        ));
    },

    async head(key, signal) {
      try {
        return infoOf(
          await call(signal, (abortSignal) => client.send(new HeadObjectCommand(at(key)), { abortSignal })),
        );
      } catch (error) {
        if (error instanceof ObjectStoreError && error.code === "object_not_found") return null;
        throw error;
      }
    },

    open,

    async read(key, signal) {
      const { body, isPacked, sha256: hash } = await open(key, signal);
      try {
        const raw = await new Response(unpacked(body, isPacked, limits.rawBytes)).bytes();
        if (hash !== null && toHex(await sha256(raw)) !== hash) {
          throw new ObjectStoreError("object_corrupt");
        }
        return busy(() => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw)));
      } catch (error) {
        if (error instanceof SyntaxError || error instanceof TypeError) {
          throw new ObjectStoreError("object_corrupt", { cause: error });
        }
        throw storeError(error);
      }
    },

    async delete(key, signal) {
      // one by one: the verb for many demands a checksum that not every server takes
      await call(signal, (abortSignal) => client.send(new DeleteObjectCommand(at(key)), { abortSignal })).catch(
        (error) => {
          if (error.code !== "object_not_found") throw error;
        },
      );
    },

    async presign(key, seconds = 60) {
      const expiresAt = new Date(Math.floor(Date.now() / 1000) * 1000 + seconds * 1000);
      // Said again, for servers that keep no encoding with the object.
      const command = new GetObjectCommand({
        ...at(key),
        ResponseContentType: "application/json",
        ResponseContentEncoding: "gzip",
      });
      return { url: await getSignedUrl(client, command, { expiresIn: seconds }), expiresAt };
    },

    close: () => client.destroy(),
  };
}

/** The JSON of a download, while it arrives; ends with object_too_large beyond the limit. */
export function unpacked(
  body: ReadableStream<Bytes>,
  isPacked: boolean,
  most = objectLimits.rawBytes,
): ReadableStream<Bytes> {
  const raw = isPacked ? body.pipeThrough(new DecompressionStream("gzip") as Through) : body;
  return raw.pipeThrough(atMost(most));
}

type Through = TransformStream<Bytes, Bytes>;
const gzip = () => new CompressionStream("gzip") as Through;

/** In pieces: a stream of one huge chunk would be packed in one breath, while nothing else runs. */
function streamOf(bytes: Bytes, size = 256 * 1024): ReadableStream<Bytes> {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(offset, offset += size));
    },
  });
}

/** Looks at the first two bytes: no JSON begins as gzip does, whatever a server says about its encoding. */
async function beginning(stream: ReadableStream<Bytes>): Promise<{ body: ReadableStream<Bytes>; isPacked: boolean }> {
  const reader = stream.getReader();
  const seen: Bytes[] = [];
  let head: number[] = [];
  let ended = false;
  while (head.length < 2 && !ended) {
    const { done, value } = await reader.read();
    ended = done;
    if (value) {
      seen.push(value);
      head = [...head, ...value.subarray(0, 2)];
    }
  }
  const body = new ReadableStream<Bytes>({
    async pull(controller) {
      const next = seen.shift();
      if (next) return controller.enqueue(next);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { body, isPacked: head[0] === 0x1f && head[1] === 0x8b };
}

function atMost(most: number): Through {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.length;
      if (size > most) controller.error(tooLarge(`It has more than ${most} bytes`));
      else controller.enqueue(chunk);
    },
  });
}

const tooLarge = (message: string) => new ObjectStoreError("object_too_large", { message });

function storeError(error: unknown): unknown {
  if (error instanceof ObjectStoreError) return error;
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  // A missing bucket is a mistake of the set-up, not an answer about the object.
  if (name === "NoSuchKey" || (status === 404 && name !== "NoSuchBucket")) {
    return new ObjectStoreError("object_not_found", { cause: error });
  }
  const refused = status === 401 || status === 403;
  return new ObjectStoreError("object_store_unavailable", {
    cause: error,
    ...(refused && { message: "The object storage refuses our keys" }),
  });
}
