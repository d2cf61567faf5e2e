/** The sockets of one party: SIP over UDP and TCP on one port, MSRP on another. */
import type { Clock, Millis } from "../clock/clock.ts";
import { MsrpFramer } from "../msrp/framing.ts";
import { SipFramer } from "../sip/framing.ts";
import { Connections } from "../transport/connections.ts";
import { NativeStreams } from "../transport/native_streams.ts";
import type { Address, Flow, Receiver, Tap, TransportName } from "../transport/flow.ts";
import type { BufferSizes, DatagramOptions } from "../transport/datagram.ts";
import { type DatagramSocket, openManyUdp, openUdp } from "../transport/udp.ts";
import { Asking } from "./asking.ts";

/** How often another port is tried when the one UDP got is taken on TCP. */
const PORT_ATTEMPTS = 20;
/** Octets of kernel buffers that many sockets may have together, in each direction, and the least and most of one. */
const SHARED_BUFFERS = { all: 256 << 20, least: 256 << 10, most: 4 << 20 };

/** What an endpoint needs of transports; real sockets here, flows in memory in tests. */
export interface Transports {
  /** Where SIP is listened for, UDP and TCP alike. */
  readonly local: Address;
  /** Every address that SIP is sent from and listened for at, by number of the source; undefined: `local` is the only one. */
  readonly locals?: readonly Address[];
  /** Where MSRP is listened for. */
  readonly msrpLocal: Address;
  /** The flow that carries SIP to a peer; datagrams leave from that source, 0 by default. */
  flowTo(transport: TransportName, remote: Address, source?: number): Flow;
  /** The connection that carries MSRP to a peer, shared by everybody who asks. */
  msrpFlowTo(remote: Address): Flow;
  /** A connection for MSRP of its own. */
  openMsrp(remote: Address): Flow;
  /** MSRP connections that are open. */
  msrpConnections(): number;
  /** Whether any connection is open, of SIP or MSRP, that the runtime serves when it gets a turn. */
  hasRuntimeConnections(): boolean;
  /** Hands what was queued to the kernel. */
  flush(): void;
  /** Delivers datagrams that have arrived and gives their number; only where they must be asked for. */
  receiveNow?(): number;
  /** Datagrams handed over for sending so far; with `receiveNow` only. */
  sentDatagrams?(): number;
  /** Serves connections that are ready; only where they must be asked. */
  serveConnections?(): void;
  /**
   * Sleeps until a datagram arrives or a connection is ready, at most `limit`, and nothing else of the thread runs;
   * with `receiveNow` only.
   */
  wait?(limit: Millis): void;
  /** Sleeps for a time, whatever datagrams arrive, or until a connection is ready; with `receiveNow` only. */
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
  /** Further addresses for SIP, each a source that clients may send from, numbered from 1; port 0 as above. */
  readonly sources?: readonly Address[];
  readonly clock: Clock;
  /** Sees all octets of SIP and MSRP. */
  readonly tap?: Tap;
  /** Whether a `Loop` asks for datagrams, where the implementation can be asked. */
  readonly driven?: boolean;
  /** See `DatagramOptions`. */
  readonly refusalGrace?: Millis;
  /** Milliseconds a TCP connect may take. */
  readonly connectTimeout?: Millis;
}

/** Real sockets. */
export class Sockets implements Transports {
  readonly local: Address;
  readonly locals: readonly Address[];
  readonly msrpLocal: Address;
  readonly datagrams: DatagramSocket;
  readonly connections: Connections;
  readonly msrp: Connections;
  readonly #streams: NativeStreams | undefined;
  /** See `Transports`. */
  readonly receiveNow?: () => number;
  /** See `Transports`. */
  readonly sentDatagrams?: () => number;
  /** See `Transports`. */
  readonly serveConnections?: () => void;
  /** See `Transports`. */
  readonly wait?: (limit: Millis) => void;
  /** See `Transports`. */
  readonly pause?: (time: Millis) => void;
  /** See `Transports`. */
  readonly waitAsync?: (limit: Millis) => Promise<unknown>;

  /** Opens all of them; throws the system's error when the address cannot be bound. */
  constructor(options: SocketOptions, receivers: TransportReceivers) {
    const { local, sources = [], ...others } = options;
    const shared = { ...others, network: new NetworkChoice(options.driven === true) };
    const sip = closingOnError(
      shared.network,
      () =>
        sources.length === 0
          ? bindBoth(local, receivers.sip, shared, openUdp)
          : bindMany(local, sources, receivers.sip, shared),
    );
    const { datagrams } = sip;
    const streams = shared.network.beside(datagrams);
    this.datagrams = datagrams;
    this.connections = sip.connections;
    this.local = datagrams.local;
    this.locals = sip.locals ?? [this.local];
    const any = { host: local.host, port: 0 };
    const framer = () => new MsrpFramer();
    this.msrp = new Connections({ ...others, network: streams, local: any, receiver: receivers.msrp, framer });
    this.msrpLocal = this.msrp.listen(any);
    this.#streams = streams;
    const { waits } = datagrams;
    if (streams !== undefined && waits !== undefined) {
      const asking = new Asking(datagrams, waits, streams);
      this.receiveNow = () => asking.receiveNow();
      this.sentDatagrams = () => datagrams.counters.sent;
      this.serveConnections = () => asking.serveConnections();
      this.wait = (limit) => asking.wait(limit);
      this.pause = (time) => asking.pause(time);
      this.waitAsync = (limit) => asking.waitAsync(limit);
    } else if (waits === undefined) {
      this.receiveNow = () => datagrams.receiveNow?.() ?? 0;
      this.sentDatagrams = () => datagrams.counters.sent;
    }
  }

  /** What moves datagrams and why, and the ports at which the kernel may drop some without telling. */
  opened(): { transport: { implementation: string; reason: string }; blindPorts: number[] } {
    const { implementation, reason, counters } = this.datagrams;
    const blindPorts = counters.overflowed === undefined ? this.locals.map(({ port }) => port) : [];
    return { transport: { implementation, reason }, blindPorts };
  }

  hasRuntimeConnections(): boolean {
    return this.#streams?.needRuntime() ?? (this.connections.size > 0 || this.msrp.size > 0);
  }

  flowTo(transport: TransportName, remote: Address, source = 0): Flow {
    return transport === "udp" ? this.datagrams.flowTo(remote, source) : this.connections.flowTo(remote);
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
    // first, as datagrams may follow from what happens to connections
    this.#streams?.flush();
    this.datagrams.flush();
  }

  async close(): Promise<void> {
    this.flush();
    this.datagrams.close();
    const closed = Promise.all([this.datagrams.closed, this.connections.close(), this.msrp.close()]);
    await this.#streams?.serveUntil(closed);
    await closed;
    this.#streams?.close();
  }
}

type Shared = Omit<SocketOptions, "local" | "sources"> & { readonly network: NetworkChoice };

/** Connections of the C library where batched UDP is used and driven, opened once; those of the runtime elsewhere. */
class NetworkChoice {
  readonly #driven: boolean;
  #streams: NativeStreams | undefined;

  constructor(driven: boolean) {
    this.#driven = driven;
  }

  beside(datagrams: DatagramSocket): NativeStreams | undefined {
    if (!this.#driven || datagrams.implementation !== "batched") return undefined;
    this.#streams ??= NativeStreams.open();
    datagrams.waits?.waitAlsoFor(this.#streams.readiness.descriptor);
    return this.#streams;
  }

  close(): void {
    this.#streams?.close();
  }
}

function closingOnError<T>(network: NetworkChoice, open: () => T): T {
  try {
    return open();
  } catch (error) {
    network.close();
    throw error;
  }
}

/** UDP and TCP on one port, as RFC 3261 §18.2.1 asks of whoever listens on UDP. */
function bindBoth<S extends DatagramSocket>(
  local: Address,
  receiver: Receiver,
  shared: Shared & { readonly bufferSizes?: BufferSizes },
  open: (options: DatagramOptions) => S,
): { datagrams: S; connections: Connections; locals?: undefined } {
  return untilFree(local, () => {
    const datagrams = open({ ...shared, local, receiver });
    const network = shared.network.beside(datagrams);
    const framer = () => new SipFramer();
    const connections = new Connections({ ...shared, network, local: datagrams.local, receiver, framer });
    try {
      connections.listen(datagrams.local);
      return { datagrams, connections };
    } catch (error) {
      datagrams.close();
      throw error;
    }
  });
}

/** The same for each source: peers connect to the address that a request or a Contact names. */
function bindMany(
  local: Address,
  sources: readonly Address[],
  receiver: Receiver,
  shared: Shared,
): { datagrams: DatagramSocket; locals: readonly Address[]; connections: Connections } {
  const { all, least, most } = SHARED_BUFFERS;
  const each = Math.min(most, Math.max(least, Math.floor(all / sources.length)));
  const sized = { ...shared, bufferSizes: { receive: each, send: each } };
  const { datagrams, connections } = bindBoth(local, receiver, sized, openManyUdp);
  try {
    for (const source of sources) {
      untilFree(source, () => {
        const number = datagrams.add(source);
        try {
          connections.listen(datagrams.locals[number]!);
        } catch (error) {
          datagrams.removeLast();
          throw error;
        }
      });
    }
  } catch (error) {
    datagrams.close();
    connections.close();
    throw error;
  }
  return { datagrams, locals: datagrams.locals, connections };
}

/** Binds again while the system gives ports that are free for the one transport and taken for the other. */
function untilFree<T>({ host, port }: Address, bind: () => T): T {
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt++) {
    try {
      return bind();
    } catch (error) {
      if (port !== 0 || !(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Deno.errors.AddrInUse(`Cannot bind ${host}: none of its ports is free for both UDP and TCP`);
}
