// The S3 server of the local stack, a process of its own: objects lie in a folder, one bucket, one pair of keys.
import process from "node:process";
import S3rver from "s3rver";
import account from "s3rver/lib/models/account.js";

const { OBJECTS_FOLDER, OBJECTS_PORT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = process.env;
// the server comes with keys that everybody knows
account.DUMMY_ACCOUNT.revokeAccessKey("S3RVER");
account.DUMMY_ACCOUNT.createKeyPair(S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY);

const server = new S3rver({
  address: "127.0.0.1",
  port: Number(OBJECTS_PORT),
  directory: OBJECTS_FOLDER,
  silent: true,
  vhostBuckets: false,
  configureBuckets: [{ name: S3_BUCKET, configs: [] }],
});
// It would serve whoever sends no key at all. (Of newer signatures it checks the key's id only, which is random here.)
type Context = { headers: Record<string, string>; url: string; status: number };
const { middleware } = server as unknown as {
  middleware: ((context: Context, next: () => Promise<void>) => Promise<void>)[];
};
middleware.unshift(async (context, next) => {
  const signed = "authorization" in context.headers || /[?&](X-Amz-Credential|AWSAccessKeyId)=/.test(context.url);
  if (signed) await next();
  else context.status = 403;
});
await server.run();
