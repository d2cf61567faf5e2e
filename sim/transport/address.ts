/** Addresses as text and as octets; text forms of RFC 3986 §3.2.2 and RFC 5952. */
import type { Address } from "./flow.ts";

const DECIMAL_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const IPV4_REGEXP = new RegExp(`^${DECIMAL_OCTET}(?:\\.${DECIMAL_OCTET}){3}$`);
const PORT_REGEXP = /^[0-9]{1,5}$/;
const GROUP_REGEXP = /^[0-9a-fA-F]{1,4}$/;

/**
 * The address in "127.0.0.1:5060", "[::1]:5060" or "im.example:5060"; undefined when the text is none. Without a port,
 * `defaultPort` is taken, and without that there is no address. A host name stays one: nothing is looked up here.
 */
export function parseHostPort(text: string, defaultPort?: number): Address | undefined {
  let host = text;
  let portText: string | undefined;
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    host = text.slice(1, end);
    const rest = text.slice(end + 1);
    if (end < 0 || octetsOfHost(host)?.length !== 16 || (rest !== "" && !rest.startsWith(":"))) return undefined;
    if (rest !== "") portText = rest.slice(1);
  } else if (octetsOfHost(text) === undefined) {
    const colon = text.lastIndexOf(":");
    if (colon >= 0) {
      host = text.slice(0, colon);
      portText = text.slice(colon + 1);
    }
    if (host === "" || /[\s:[\]/@]/.test(host)) return undefined;
  }
  if (portText === undefined) return defaultPort === undefined ? undefined : { host, port: defaultPort };
  const port = Number(portText);
  return PORT_REGEXP.test(portText) && port >= 1 && port <= 65535 ? { host, port } : undefined;
}

/** An address as text, an IPv6 host in brackets: "127.0.0.1:5060", "[::1]:5060". */
export function formatAddress(address: Address): string {
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Whether two addresses are the same text and port. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.port === b.port && a.host === b.host;
}

/** The 4 octets of a numeric IPv4 host or the 16 of an IPv6 one; undefined when the host is no numeric address. */
export function octetsOfHost(host: string): Uint8Array | undefined {
  if (IPV4_REGEXP.test(host)) return Uint8Array.from(host.split("."), Number);
  return host.includes(":") ? octetsOfIpv6(host) : undefined;
}

function octetsOfIpv6(host: string): Uint8Array | undefined {
  const halves = host.split("::");
  if (halves.length > 2) return undefined;
  const head = octetsOfGroups(halves[0]!, halves.length === 1);
  const tail = octetsOfGroups(halves[1] ?? "", true);
  if (head === undefined || tail === undefined) return undefined;
  const written = head.length + tail.length;
  // "::" stands for at least one group
  if (halves.length === 1 ? written !== 16 : written > 14) return undefined;
  const octets = new Uint8Array(16);
  octets.set(head);
  octets.set(tail, 16 - tail.length);
  return octets;
}

/** The octets of groups between colons; only at the end may an IPv4 address stand for the last two. */
function octetsOfGroups(text: string, atEnd: boolean): number[] | undefined {
  const octets: number[] = [];
  if (text === "") return octets;
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (GROUP_REGEXP.test(group)) {
      const value = parseInt(group, 16);
      octets.push(value >> 8, value & 0xff);
    } else if (atEnd && index === groups.length - 1 && IPV4_REGEXP.test(group)) {
      octets.push(...group.split(".").map(Number));
    } else return undefined;
  }
  return octets;
}

/** The numeric host in 4 or 16 octets, IPv6 in the form of RFC 5952 §4. */
export function hostOfOctets(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  if (octets.length !== 16) throw new RangeError(`Cannot read an address of ${octets.length} octets: expected 4 or 16`);
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(octets[i]! << 8 | octets[i + 1]!);
  // as the kernel and Deno write a mapped IPv4 address
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${octets.subarray(12).join(".")}`;
  }
  const { from, length } = longestZeros(groups);
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? text(groups) : `${text(groups.slice(0, from))}::${text(groups.slice(from + length))}`;
}

/** The first longest run of zero groups, the one that "::" stands for. */
function longestZeros(groups: number[]): { from: number; length: number } {
  let longest = { from: 0, length: 0 };
  let from = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    if (i - from > longest.length) longest = { from, length: i - from };
    from = i + 1;
  }
  return longest;
}
