/** Opens the best UDP there is, and says which. */
import { octetsOfHost } from "./address.ts";
import type { DatagramOptions, DatagramSocket, DatagramSockets } from "./datagram.ts";
import type { Address } from "./flow.ts";
import { Libc } from "./libc.ts";
import { mayReach } from "./permission.ts";
import { BatchedUdp } from "./udp_batched.ts";
import { ManyUdp } from "./udp_many.ts";
import { ManyPortableUdp } from "./udp_many_portable.ts";
import { PortableUdp } from "./udp_portable.ts";

export type { DatagramOptions, DatagramSocket, DatagramSockets } from "./datagram.ts";

/** 8: a batched socket that drives itself waits on one of the 32 threads that Deno has for such calls. */
const MOST_SELF_DRIVEN = 8;
/** Open ones in this thread. */
let selfDriven = 0;

/**
 * A bound UDP socket that receives from now on; throws when the address cannot be bound. Batched where the system and
 * the permissions allow it, unless `wanted`, by default the environment variable SIM_UDP, is `portable`.
 */
export function openUdp(options: DatagramOptions, wanted: string | undefined = environment()): DatagramSocket {
  return open<DatagramSocket>(options, wanted, BatchedUdp, PortableUdp);
}

/** As `openUdp`, where others can be added. */
export function openManyUdp(options: DatagramOptions, wanted: string | undefined = environment()): DatagramSockets {
  return open<DatagramSockets>(options, wanted, ManyUdp, ManyPortableUdp);
}

type Batched<S> = new (
  options: DatagramOptions,
  libc: Libc,
  reason: string,
  mayReach: (remote: Address) => boolean,
) => S;

function open<S extends DatagramSocket>(
  options: DatagramOptions,
  wanted: string | undefined,
  Batched: Batched<S>,
  Portable: new (options: DatagramOptions, reason: string) => S,
): S {
  const obstacle = wanted === "portable" ? "SIM_UDP asks for it" : obstacleTo(options);
  if (obstacle !== undefined) return new Portable(options, obstacle);
  const libc = Libc.open();
  if (typeof libc === "string") return new Portable(options, libc);
  const refused = libc.obstacleToBatches();
  if (refused !== undefined) {
    libc.close();
    return new Portable(options, refused);
  }
  try {
    const socket = new Batched(options, libc, "Linux on x86-64 with the permission ffi", mayReach);
    if (!options.driven) {
      selfDriven++;
      socket.closed.then(() => selfDriven--);
    }
    return socket;
  } catch (error) {
    libc.close();
    throw error;
  }
}

function environment(): string | undefined {
  const permission = Deno.permissions.querySync({ name: "env", variable: "SIM_UDP" });
  return permission.state === "granted" ? Deno.env.get("SIM_UDP") : undefined;
}

/** Why a batched socket is out of the question, if it is. */
function obstacleTo({ local, driven }: DatagramOptions): string | undefined {
  if (octetsOfHost(local.host) === undefined) return "the local host is a name";
  if (!driven && selfDriven >= MOST_SELF_DRIVEN) return `${MOST_SELF_DRIVEN} batched sockets are open already`;
  return mayReach(local) ? undefined : "the permission net is not granted for the local address";
}
