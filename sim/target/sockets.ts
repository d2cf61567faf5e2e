/** The sockets of the server. */
import type { Clock } from "../clock/clock.ts";
import { SipFramer } from "../sip/framing.ts";
import { Connections } from "../transport/connections.ts";
import type { Address, Flow, Receiver, TransportName } from "../transport/flow.ts";
import { type DatagramSocket, openUdp } from "../transport/udp.ts";
import type { ListenAddress } from "./options.ts";
import type { Ways } from "./ways.ts";

/** How often other ports are tried when the one UDP got is taken on TCP. */
const PORT_ATTEMPTS = 20;

/** Everything the server listens at. */
export class Sockets implements Ways {
  /** With the ports they got. */
  readonly addresses: ListenAddress[] = [];
  readonly datagrams: DatagramSocket[] = [];
  readonly #connections: { local: Address; connections: Connections }[] = [];

  /** Listens at every address; throws the system's error when one of them cannot be bound. */
  static open(listen: readonly ListenAddress[], receiver: Receiver, clock: Clock): Sockets {
    for (const { address } of listen) {
      if (address.host === "0.0.0.0" || address.host === "::") {
        throw new RangeError(
          `Cannot listen at ${address.host}: Via and Record-Route need an address that peers can reach`,
        );
      }
    }
    for (let attempt = 1;; attempt++) {
      const sockets = new Sockets();
      try {
        sockets.#listenAll(listen, receiver, clock);
        return sockets;
      } catch (error) {
        sockets.close();
        const mayDiffer = listen.some(({ address }) => address.port === 0);
        if (!mayDiffer || attempt >= PORT_ATTEMPTS || !(error instanceof Deno.errors.AddrInUse)) throw error;
      }
    }
  }

  /** As `Ways`: by the first socket of the transport and of the address family. */
  flowTo(transport: TransportName, remote: Address): Flow | undefined {
    const isIpv6 = remote.host.includes(":");
    if (transport === "udp") {
      return this.datagrams.find(({ local }) => local.host.includes(":") === isIpv6)?.flowTo(remote);
    }
    return this.#connections.find(({ local }) => local.host.includes(":") === isIpv6)?.connections.flowTo(remote);
  }

  /** As `Ways`. */
  isOwn(host: string, port: number): boolean {
    return this.addresses.some(({ address }) => address.port === port && address.host === host);
  }

  /** Gives what was collected to the kernel. */
  flush(): void {
    for (const socket of this.datagrams) socket.flush();
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    for (const socket of this.datagrams) socket.close();
    await Promise.all([
      ...this.datagrams.map(({ closed }) => closed),
      ...this.#connections.map(({ connections }) => connections.close()),
    ]);
  }

  #listenAll(listen: readonly ListenAddress[], receiver: Receiver, clock: Clock): void {
    const ports = new Map<string, number>();
    for (const { transport, address: { host, port } } of listen) {
      const local = { host, port: port === 0 ? ports.get(host) ?? 0 : port };
      const address = transport === "udp"
        ? this.#listenUdp(local, receiver, clock)
        : this.#listenTcp(local, receiver, clock);
      if (port === 0) ports.set(host, address.port);
      this.addresses.push({ transport, address });
    }
  }

  #listenUdp(local: Address, receiver: Receiver, clock: Clock): Address {
    const socket = openUdp({ local, receiver, clock });
    this.datagrams.push(socket);
    return socket.local;
  }

  #listenTcp(local: Address, receiver: Receiver, clock: Clock): Address {
    const connections = new Connections({ local, receiver, clock, framer: () => new SipFramer() });
    this.#connections.push({ local, connections });
    return connections.listen(local);
  }
}
