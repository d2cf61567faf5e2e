/** What errors of the system mean for a flow: the one place where they become our words. */
import type { TransportFault } from "./flow.ts";

/** Which call on a connection failed. */
export type StreamCall = "connect" | "read" | "write";

const OTHERWISE: Readonly<Record<StreamCall, TransportFault>> = {
  connect: "unreachable",
  read: "connection_reset",
  write: "send_failed",
};

/** The process or its machine has no file descriptor, port or memory left for another connection. */
const EXHAUSTED: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

/** Whether a call failed because something of ours was used up, and not the peer's; `error` as below. */
export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.has(codeOf(error));
}

/** What a failed call means for its connection; it is lost in any case. `error`: as thrown, or the name of its code. */
export function faultOfStream(error: unknown, call: StreamCall): TransportFault {
  if (isExhausted(error)) return "no_resources";
  switch (codeOf(error)) {
    case "EADDRNOTAVAIL":
      // nobody chose the address that a connection leaves from: no port of it is left
      return call === "connect" ? "no_resources" : OTHERWISE[call];
    case "ECONNREFUSED":
      return "connection_refused";
    case "ECONNRESET":
    case "EPIPE":
      return "connection_reset";
    case "ETIMEDOUT":
      return call === "connect" ? "connect_timeout" : "connection_reset";
    case "EACCES":
    case "EPERM":
      return "not_permitted";
    default:
      return OTHERWISE[call];
  }
}

/**
 * What a refused datagram means for its flow: a fault when no later one can go there either, undefined when it concerns
 * this one alone (too large, no memory, an ICMP error of an earlier one). `error`: as thrown, or the name of its code.
 */
export function faultOfDatagram(error: unknown): TransportFault | undefined {
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
      return "not_permitted";
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EHOSTUNREACH":
    case "EINVAL":
    case "ENETDOWN":
    case "ENETUNREACH":
      return "unreachable";
    default:
      return undefined;
  }
}

/** The name of the system's code; a permission that Deno refused counts as one that the system refused. */
function codeOf(error: unknown): string {
  if (typeof error === "string") return error;
  if (error instanceof Deno.errors.NotCapable) return "EACCES";
  return (error as { code?: string }).code ?? "";
}
