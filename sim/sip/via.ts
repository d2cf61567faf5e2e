/** Via: one hop that a request has passed (RFC 3261 §20.42, RFC 3581 §3). */
import { type Parameters, parseParameters } from "./parameters.ts";

/** What every branch of RFC 3261 begins with; others come from RFC 2543 (RFC 3261 §8.1.1.7). */
export const BRANCH_MAGIC_COOKIE = "z9hG4bK";

/** One element of a Via header. */
export interface Via {
  /** In upper case: UDP, TCP, TLS, WS… */
  readonly transport: string;
  /** Host of sent-by, an IPv6 address without brackets. */
  readonly host: string;
  /** Port of sent-by. */
  readonly port?: number;
  /** "" when absent. */
  readonly branch: string;
  /** Address the request came from, an IPv6 address without brackets. */
  readonly received?: string;
  /** Port the request came from; true when it is asked for (RFC 3581 §3). */
  readonly rport?: number | true;
  /** Address to answer to. */
  readonly maddr?: string;
  /** All of them. */
  readonly parameters: Parameters;
}

const VIA_REGEXP =
  /^SIP\s*\/\s*\d\.\d\s*\/\s*([\w\-.!%*+`'~]+)\s+(\[[\da-f:.]+\]|[\w.-]+)(?:\s*:\s*(\d{1,5}))?\s*(;.*)?$/is;

/** Reads one element of a Via header, of any version of SIP; undefined when malformed. */
export function parseVia(text: string): Via | undefined {
  const match = VIA_REGEXP.exec(text.trim());
  if (match === null) return undefined;
  const parameters = parseParameters(match[4] ?? "");
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (parameters === undefined || port === 0 || (port ?? 0) > 65535) return undefined;
  const received = parameters.get("received");
  const rport = parameters.has("rport") ? portOf(parameters.get("rport")) : undefined;
  const maddr = parameters.get("maddr");
  return {
    transport: match[1]!.toUpperCase(),
    host: withoutBrackets(match[2]!),
    ...(port === undefined ? {} : { port }),
    branch: parameters.get("branch") ?? "",
    ...(received === undefined ? {} : { received: withoutBrackets(received) }),
    ...(rport === undefined ? {} : { rport }),
    ...(maddr === undefined ? {} : { maddr: withoutBrackets(maddr) }),
    parameters,
  };
}

/** An `rport` without a number in it asks for one, as does one with nonsense. */
function portOf(value: string | undefined): number | true {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 && port <= 65535 ? port : true;
}

/** RFC 5118 §4.5 asks to take `received` both with and without brackets. */
function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
