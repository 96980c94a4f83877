// Which addresses a workflow may talk to. Names are resolved here, once, and the caller connects to what was checked:
// a second lookup could give another answer (DNS rebinding).
import ipaddr from "ipaddr.js";
import { promises as dns } from "node:dns";
import { NodeError } from "./node.ts";

export type Resolve = (host: string) => Promise<string[]>;

export async function systemResolve(host: string): Promise<string[]> {
  return (await dns.lookup(host, { all: true, verbatim: true })).map((entry) => entry.address);
}

/**
 * The addresses of the URL's host, all of them checked. Throws address_not_allowed if any is not a public unicast address
 * and the host is not in `allowedHosts` ("host" or "host:port"); network_error if the name has no address.
 */
export async function checkedAddresses(
  url: URL,
  allowedHosts: readonly string[],
  resolve: Resolve = systemResolve,
): Promise<string[]> {
  const host = bareHost(url);
  let addresses: string[];
  if (ipaddr.isValid(host)) addresses = [host];
  else {
    try {
      addresses = await resolve(host);
    } catch (cause) {
      throw new NodeError("network_error", `The name ${host} could not be resolved`, {
        retryable: true,
        details: { reason: "dns", host },
        cause,
      });
    }
  }
  if (addresses.length === 0) {
    throw new NodeError("network_error", `The name ${host} has no address`, {
      retryable: true,
      details: { reason: "dns", host },
    });
  }
  if (!isAllowed(url, allowedHosts) && !addresses.every(isPublic)) {
    // Without the address: it would tell how a private network is built.
    throw new NodeError("address_not_allowed", `${host} is not a public address`, {
      details: { host, hint: "A workspace's settings can allow a host." },
    });
  }
  return addresses;
}

/** True for unicast addresses of the public internet; an IPv4 address inside an IPv6 one is judged as itself. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  // Of IPv6 only 2000::/3 is given out; the rest is reserved, or translates to IPv4 in ways that we cannot see.
  return parsed.kind() === "ipv4" || (parsed.toByteArray()[0]! & 0xe0) === 0x20;
}

/** The URL's host without the brackets of IPv6 and without a final dot. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase();
}

export function effectivePort(url: URL): number {
  return Number(url.port || (url.protocol === "https:" ? 443 : 80));
}

function isAllowed(url: URL, allowedHosts: readonly string[]): boolean {
  const host = bareHost(url);
  const port = effectivePort(url);
  const names = host.includes(":") ? [host, `[${host}]`, `[${host}]:${port}`] : [host, `${host}:${port}`];
  return allowedHosts.some((entry) => names.includes(entry.trim().toLowerCase()));
}
