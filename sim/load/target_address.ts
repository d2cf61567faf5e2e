/** From the URI of a target to the address octets go to. */
import { lookup } from "node:dns/promises";
import { parseUri } from "../sip/uri.ts";
import type { Address } from "../transport/flow.ts";

/** The default port of SIP over UDP and TCP (RFC 3261 §19.1.2). */
const SIP_PORT = 5060;

const NUMERIC_HOST_REGEXP = /^(\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:.]+)$/i;

/** Resolves a SIP URI once (RFC 3263 with an address record only); undefined when its host is not known. */
export async function resolveTarget(uriText: string): Promise<Address | undefined> {
  const uri = parseUri(uriText);
  if (uri === undefined) return undefined;
  const host = await hostOf(uri.host);
  return host === undefined ? undefined : { host, port: uri.port ?? SIP_PORT };
}

/** The numeric address of a host; undefined when it is not known. */
export async function hostOf(name: string): Promise<string | undefined> {
  if (NUMERIC_HOST_REGEXP.test(name)) return name;
  try {
    return (await lookup(name, { family: 4 })).address;
  } catch {
    return undefined;
  }
}

/** Where the server under test runs: a thread of ours, a program on this machine, or another machine. */
export type TargetPlace = "embedded" | "here" | "elsewhere";

/** Where a target runs, as far as its URI says without asking anybody: a name other than `localhost` is elsewhere. */
export function placeOf(uriText: string): TargetPlace {
  if (uriText === "embedded") return "embedded";
  const host = parseUri(uriText)?.host ?? "";
  if (host === "localhost" || isLoopback(host)) return "here";
  const mayLook = Deno.permissions.querySync({ name: "sys", kind: "networkInterfaces" }).state === "granted";
  return mayLook && Deno.networkInterfaces().some(({ address }) => address === host) ? "here" : "elsewhere";
}

/** The address of this machine that packets to a target leave from: on its subnet, else the first that is not loopback. */
export function localHostFor(target: Address): string {
  const family = target.host.includes(":") ? "IPv6" : "IPv4";
  if (target.host.startsWith("127.")) return "127.0.0.1";
  if (target.host === "::1") return "::1";
  const ours = Deno.networkInterfaces().filter((each) => each.family === family && !isLoopback(each.address));
  const near = ours.find((each) => family === "IPv4" && sameSubnet(each.address, target.host, each.netmask));
  return (near ?? ours[0])?.address ?? (family === "IPv4" ? "127.0.0.1" : "::1");
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1" || address.toLowerCase().startsWith("fe80:");
}

function sameSubnet(a: string, b: string, mask: string): boolean {
  const [left, right, bits] = [a, b, mask].map((text) => text.split(".").map(Number));
  return left!.every((octet, i) => (octet & bits![i]!) === (right![i]! & bits![i]!));
}
