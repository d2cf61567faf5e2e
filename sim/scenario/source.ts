/** Schema of the addresses and ports that the clients of a population send from. */
import { z } from "zod";
import { absence, show } from "./fields.ts";

/** Ports of one address: more than the system gives away by itself, so the system says what is too much. */
const MOST_PORTS = 60_000;
const OCTET_MOST = 255;

/** Numeric IPv4 addresses one after another. */
interface AddressRange {
  /** As a number of 32 bits. */
  readonly first: number;
  readonly count: number;
}

const addressesSchema = z.union([z.string(), z.array(z.string()).min(1)], { error: addressesFault })
  .superRefine((value, context) => {
    for (const [place, text] of [value].flat().entries()) {
      const range = parseRange(text);
      if (typeof range !== "string") continue;
      const path = typeof value === "string" ? [] : [place];
      context.addIssue({ code: "custom", message: `${range}: ${show(text)}`, path, input: text });
    }
  })
  .transform((value) => [value].flat());

/** Schema of `source`. */
export const sourceSchema = z.strictObject({
  addresses: addressesSchema.optional().describe(
    "IPv4 addresses of this machine, as a range 127.0.1.1-127.0.1.250, as 127.0.1.0/24, one, or a list of these; default: the address that packets to the target leave from.",
  ),
  ports: z.int().min(1).max(MOST_PORTS).prefault(1).describe("Local UDP ports on each address; default 1."),
});

/** Where the clients of a population send from, as resolved. */
export type Source = z.output<typeof sourceSchema>;

function addressesFault({ input }: { input?: unknown }): string {
  return absence(input) ?? `must be addresses such as 127.0.1.1-127.0.1.250, or a list of them: ${show(input)}`;
}

/** How many addresses with a port each there are. */
export function sourceCount({ addresses, ports }: Source): number {
  if (addresses === undefined) return ports;
  return ports * addresses.reduce((sum, text) => sum + rangeOf(text).count, 0);
}

/** The address of the source of that number, all addresses in turn; undefined: that which packets leave from anyway. */
export function sourceHost({ addresses }: Source, number: number): string | undefined {
  if (addresses === undefined) return undefined;
  const ranges = addresses.map(rangeOf);
  let rest = number % ranges.reduce((sum, { count }) => sum + count, 0);
  for (const { first, count } of ranges) {
    if (rest < count) return hostOf(first + rest);
    rest -= count;
  }
  return undefined;
}

/** Why nothing would get from these addresses to a numeric target; undefined where nothing speaks against it. */
export function sourceObstacle({ addresses = [] }: Source, target: string): string | undefined {
  if (addresses.length > 0 && target.includes(":")) return `are IPv4, and the target is not: ${target}`;
  const isNear = target.startsWith("127.");
  const inside = addresses.find((text) => hostOf(rangeOf(text).first).startsWith("127."));
  return isNear || inside === undefined ? undefined : `cannot reach a target outside this machine: ${inside}`;
}

function rangeOf(text: string): AddressRange {
  const range = parseRange(text);
  if (typeof range === "string") throw new TypeError(`Cannot use addresses that were not checked: ${text}`);
  return range;
}

/** The addresses in a text, or what is wrong with it. */
function parseRange(text: string): AddressRange | string {
  const subnet = /^([0-9.]+)\/(\d{1,2})$/.exec(text);
  if (subnet !== null) return parseSubnet(subnet[1]!, Number(subnet[2]));
  const [from, to = from, ...more] = text.split("-").map((part) => numberOf(part.trim()));
  if (from === undefined || to === undefined || more.length > 0) return "is no range of IPv4 addresses";
  return to < from ? "ends before it begins" : { first: from, count: to - from + 1 };
}

function parseSubnet(address: string, bits: number): AddressRange | string {
  const number = numberOf(address);
  if (number === undefined || bits < 8 || bits > 32) return "is no subnet of IPv4 of 8 to 32 bits";
  const size = 2 ** (32 - bits);
  const first = number - number % size;
  // the first address names the subnet, the last one is for everybody in it
  return size <= 2 ? { first, count: size } : { first: first + 1, count: size - 2 };
}

function numberOf(address: string): number | undefined {
  const octets = address.split(".").map((octet) => /^\d{1,3}$/.test(octet) ? Number(octet) : NaN);
  if (octets.length !== 4 || !octets.every((octet) => octet <= OCTET_MOST)) return undefined;
  return octets.reduce((number, octet) => number * 256 + octet, 0);
}

function hostOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) & 0xff).join(".");
}
