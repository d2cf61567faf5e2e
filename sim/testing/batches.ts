/** Whether tests of sockets of the C library can run here. */
import { Libc } from "../transport/libc.ts";

/** Why the C library cannot be used here, in a sentence; undefined where it can. */
export function obstacleToLibc(): string | undefined {
  const libc = Libc.open();
  if (typeof libc === "string") return libc;
  libc.close();
  return undefined;
}

/** Why `openUdp` takes no batched sockets here, in a sentence; undefined where it does. */
export function obstacleToBatches(): string | undefined {
  return obstacleToLibc() ??
    (Deno.env.get("SIM_UDP") === "portable" ? "SIM_UDP asks for another one" : undefined);
}
