/** Opens the best UDP there is, and says which. */
import type { DatagramOptions, DatagramSocket } from "./datagram.ts";
import { PortableUdp } from "./udp_portable.ts";

export type { DatagramOptions, DatagramSocket } from "./datagram.ts";

/** A bound UDP socket that receives from now on; throws when the address cannot be bound. */
export function openUdp(options: DatagramOptions): DatagramSocket {
  return new PortableUdp(options, "the only implementation");
}
