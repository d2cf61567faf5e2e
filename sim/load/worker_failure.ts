/** What a worker says of its own failure: sockets that the system does not give are no fault of ours. */
import { type SocketOptions, Sockets, type TransportReceivers } from "../endpoint/sockets.ts";
import type { WorkerNotice } from "./order.ts";

/** Thrown where the sockets of a worker cannot be opened. */
class SocketsFault extends Error {
  /** `error`: as the system gave it. */
  constructor(error: unknown) {
    super(error instanceof Error ? error.message : String(error));
    this.name = "SocketsFault";
  }
}

/** The sockets of a worker; what is thrown where they cannot be opened gives the notice `unable`. */
export function openSockets(options: SocketOptions, receivers: TransportReceivers): Sockets {
  try {
    return new Sockets(options, receivers);
  } catch (error) {
    throw new SocketsFault(error);
  }
}

/** The last notice of a worker in which this was thrown. */
export function failureNotice(error: unknown): WorkerNotice {
  if (error instanceof SocketsFault) return { kind: "unable", detail: error.message };
  return { kind: "failed", error: error instanceof Error ? error.stack ?? error.message : String(error) };
}
