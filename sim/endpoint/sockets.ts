/** The sockets of one party: SIP over UDP and TCP on one port, MSRP on another. */
import type { Clock, Millis } from "../clock/clock.ts";
import { MsrpFramer } from "../msrp/framing.ts";
import { SipFramer } from "../sip/framing.ts";
import { Connections } from "../transport/connections.ts";
import type { Address, Flow, Receiver, Tap, TransportName } from "../transport/flow.ts";
import { type DatagramSocket, openUdp } from "../transport/udp.ts";

/** How often another port is tried when the one UDP got is taken on TCP. */
const PORT_ATTEMPTS = 20;

/** What an endpoint needs of transports; real sockets here, flows in memory in tests. */
export interface Transports {
  /** Where SIP is listened for, UDP and TCP alike. */
  readonly local: Address;
  /** Where MSRP is listened for. */
  readonly msrpLocal: Address;
  /** The flow that carries SIP to a peer. */
  flowTo(transport: TransportName, remote: Address): Flow;
  /** The connection that carries MSRP to a peer, shared by everybody who asks. */
  msrpFlowTo(remote: Address): Flow;
  /** A connection for MSRP of its own. */
  openMsrp(remote: Address): Flow;
  /** MSRP connections that are open. */
  msrpConnections(): number;
  /** Whether any connection is open, of SIP or MSRP. */
  hasConnections(): boolean;
  /** Hands what was queued to the kernel. */
  flush(): void;
  /** Delivers datagrams that have arrived and gives their number; only where they must be asked for. */
  receiveNow?(): number;
  /** Sleeps until a datagram arrives, at most `limit`, and nothing else of the thread runs; with `receiveNow` only. */
  wait?(limit: Millis): void;
  /** Sleeps for a time, whatever arrives; with `receiveNow` only. */
  pause?(time: Millis): void;
  /** As `wait`, while the rest of the thread runs. */
  waitAsync?(limit: Millis): Promise<unknown>;
  /** Closes everything; what is queued on connections is written first. */
  close(): Promise<void>;
}

/** Who gets what arrives. */
export interface TransportReceivers {
  readonly sip: Receiver;
  readonly msrp: Receiver;
}

/** How sockets are opened. */
export interface SocketOptions {
  /** Port 0: any that is free for both UDP and TCP. */
  readonly local: Address;
  readonly clock: Clock;
  /** Sees all octets of SIP and MSRP. */
  readonly tap?: Tap;
  /** Whether a `Loop` asks for datagrams, where the implementation can be asked. */
  readonly driven?: boolean;
  /** Milliseconds a TCP connect may take. */
  readonly connectTimeout?: Millis;
}

/** Real sockets. */
export class Sockets implements Transports {
  readonly local: Address;
  readonly msrpLocal: Address;
  readonly datagrams: DatagramSocket;
  readonly connections: Connections;
  readonly msrp: Connections;
  /** See `Transports`. */
  readonly receiveNow?: () => number;
  /** See `Transports`. */
  readonly wait?: (limit: Millis) => void;
  /** See `Transports`. */
  readonly pause?: (time: Millis) => void;
  /** See `Transports`. */
  readonly waitAsync?: (limit: Millis) => Promise<unknown>;

  /** Opens all of them; throws the system's error when the address cannot be bound. */
  constructor(options: SocketOptions, receivers: TransportReceivers) {
    const { local, ...shared } = options;
    const sip = bindBoth(local, receivers.sip, shared);
    this.datagrams = sip.datagrams;
    this.connections = sip.connections;
    this.local = sip.datagrams.local;
    const any = { host: local.host, port: 0 };
    this.msrp = new Connections({ ...shared, local: any, receiver: receivers.msrp, framer: () => new MsrpFramer() });
    this.msrpLocal = this.msrp.listen(any);
    const { datagrams } = this;
    if (options.driven === true && datagrams.implementation === "batched") {
      this.receiveNow = () => datagrams.receiveNow?.() ?? 0;
      this.wait = (limit) => datagrams.wait?.(limit);
      this.pause = (time) => datagrams.pause?.(time);
      this.waitAsync = (limit) => datagrams.waitAsync?.(limit) ?? Promise.resolve();
    }
  }

  hasConnections(): boolean {
    return this.connections.size > 0 || this.msrp.size > 0;
  }

  flowTo(transport: TransportName, remote: Address): Flow {
    return transport === "udp" ? this.datagrams.flowTo(remote) : this.connections.flowTo(remote);
  }

  msrpFlowTo(remote: Address): Flow {
    return this.msrp.flowTo(remote);
  }

  openMsrp(remote: Address): Flow {
    return this.msrp.openNew(remote);
  }

  msrpConnections(): number {
    return this.msrp.size;
  }

  flush(): void {
    this.datagrams.flush();
  }

  async close(): Promise<void> {
    this.datagrams.flush();
    this.datagrams.close();
    await Promise.all([this.datagrams.closed, this.connections.close(), this.msrp.close()]);
  }
}

/** UDP and TCP on one port, as RFC 3261 §18.2.1 asks of whoever listens on UDP. */
function bindBoth(
  local: Address,
  receiver: Receiver,
  shared: Omit<SocketOptions, "local">,
): { datagrams: DatagramSocket; connections: Connections } {
  for (let attempt = 1;; attempt++) {
    const datagrams = openUdp({ ...shared, local, receiver });
    const connections = new Connections({
      ...shared,
      local: datagrams.local,
      receiver,
      framer: () => new SipFramer(),
    });
    try {
      connections.listen(datagrams.local);
      return { datagrams, connections };
    } catch (error) {
      datagrams.close();
      if (local.port !== 0 || attempt >= PORT_ATTEMPTS || !(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
