/** What latencies are told apart by: names of parts of a latency. */
import { isLatencyName, type LatencyName } from "./catalogue.ts";

/**
 * What latencies are told apart by. A part of a latency has the name `pager_accept{size=b128}`: the transport of the
 * request; octets of content, at least that power of two and less than the next; class of the final response; phase.
 */
export const DIMENSIONS = ["transport", "size", "response", "phase"] as const;

/** See `DIMENSIONS`. */
export type Dimension = (typeof DIMENSIONS)[number];

/** The name of a latency or of a part of one. */
export type LatencyPart = LatencyName | `${LatencyName}{${Dimension}=${string}}`;

/**
 * The phases of a large message, each from the end of the one before: due to the 200 to the INVITE; to the connection; to
 * the first and the last octet of content handed down; to the last 200 of MSRP; to the report; to the BYE; to its 200.
 */
export const LARGE_PHASES = [
  "setup",
  "connect",
  "first_octet",
  "transfer",
  "last_ack",
  "report",
  "hold",
  "release",
] as const;

/** See `LARGE_PHASES`. */
export type LargePhase = (typeof LARGE_PHASES)[number];

const PART_REGEXP = new RegExp(`^([a-z0-9_]+)(?:\\{(?:${DIMENSIONS.join("|")})=[a-z0-9_]+\\})?$`);

/** Whether that is the name of a latency, or of a part of one. */
export function isLatencyPart(name: string): name is LatencyPart {
  return isLatencyName(PART_REGEXP.exec(name)?.[1] ?? "");
}
