/** Opens and closes the sockets of a worker; those that the system does not give are no fault of ours. */
import type { Millis } from "../clock/clock.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { type SocketOptions, Sockets, type TransportReceivers } from "../endpoint/sockets.ts";
import type { WorkerNotice } from "./order.ts";

/** Time for the main thread to read in `/proc` what was dropped at sockets that cannot tell it themselves. */
const LAST_LOOK: Millis = 250;

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

/** Closes the endpoint of a worker after its last snapshot. */
export async function closeSockets(endpoint: Endpoint, sockets: Sockets): Promise<void> {
  const isBlind = sockets.opened().blindPorts.length > 0;
  if (isBlind) await new Promise((resolve) => setTimeout(resolve, LAST_LOOK));
  await endpoint.close();
}
