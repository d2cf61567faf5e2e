/** Free ports of the loopback address, for programs that must be told theirs. */

/** The address that everything here uses. */
export const LOOPBACK = "127.0.0.1";

/**
 * A port that is free now for UDP and for TCP. Nothing keeps it free until the program takes it: who starts a program
 * tries again with another one.
 */
export function freePort(): number {
  for (let attempt = 0; attempt < 100; attempt++) {
    const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
    const port = listener.addr.port;
    try {
      Deno.listenDatagram({ hostname: LOOPBACK, port, transport: "udp" }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    } finally {
      listener.close();
    }
  }
  throw new Error("Cannot find a port that is free for UDP and TCP");
}

/** As many free ports as asked for, all different. */
export function freePorts(count: number): number[] {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(freePort());
  return [...ports];
}
