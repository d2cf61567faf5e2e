/** Which connection reaches which peer: opened when needed, used again, accepted when a peer opens one. */
import type { Clock, Millis } from "../clock/clock.ts";
import { formatAddress } from "./address.ts";
import { isExhausted } from "./faults.ts";
import type { Address, Flow, FramerFactory, Receiver, Tap, TransportFault } from "./flow.ts";
import { FlowTable } from "./flow_table.ts";
import { PortableStreams } from "./portable_streams.ts";
import { SpareBlock } from "./spare_block.ts";
import type { AcceptedStream, StreamListener, StreamNetwork } from "./stream.ts";
import { type StreamCounters, type TcpContext, TcpFlow } from "./tcp.ts";

const CONNECT_TIMEOUT: Millis = 5000;
const CLOSE_TIMEOUT: Millis = 2000;

/** How connections are made. */
export interface ConnectionsOptions {
  /** Where peers can reach us: the `local` of flows that we open, until `listen` gives the true address. */
  readonly local: Address;
  /** Gets what arrives on every connection. */
  readonly receiver: Receiver;
  /** Cuts the streams. */
  readonly framer: FramerFactory;
  /** Dates what arrives. */
  readonly clock: Clock;
  /** Sees messages when they are written and when they were cut. */
  readonly tap?: Tap;
  /** Makes them: by default the runtime. */
  readonly network?: StreamNetwork | undefined;
  /** How long a connection may take to be made, 5000 ms by default. */
  readonly connectTimeout?: Millis;
  /** How long a connection may be silent before we close it, without telling the receiver; for ever by default. */
  readonly idleTimeout?: Millis;
  /** How long a closed flow may write, or wait for the peer to close, without progress: 2000 ms by default. */
  readonly closeTimeout?: Millis;
}

/** Counts of all connections since the beginning. */
export interface ConnectionCounters extends StreamCounters {
  /** Connections that we began to make. */
  attempted: number;
  /** Those that were made. */
  connected: number;
  /** Those that the peer refused. */
  refused: number;
  /** Those that were not made in time. */
  timedOut: number;
  /** Those that failed otherwise: no route, no permission. */
  failed: number;
  /**
   * Those that found no port or file descriptor left here, and the times when peers' connections could not be taken for
   * that.
   */
  exhausted: number;
  /** Connections made by peers. */
  accepted: number;
  /** Failed calls to accept one. */
  acceptFaults: number;
  /** Connections that the peer closed or that were reset. */
  lost: number;
  /** Connections closed because their stream could not be cut. */
  malformed: number;
  /** Connections closed because a message was beyond our limits. */
  oversize: number;
  /** Connections closed because they were silent. */
  idle: number;
}

/**
 * All connections of an endpoint for one protocol. The system chooses the address that a connection leaves from, as Deno
 * cannot; the flow's `local` is where peers reach us, and its `socket` what the connection really left from.
 */
export class Connections {
  /** Open flows, those still being connected included. */
  size = 0;
  /** What has happened so far. */
  readonly counters: Readonly<ConnectionCounters>;
  readonly #counters: ConnectionCounters = newCounters();
  readonly #framer: FramerFactory;
  readonly #context: TcpContext;
  /** Large messages come one after another, mostly. */
  readonly #spare = new SpareBlock();
  readonly #reusable: FlowTable<TcpFlow> = new FlowTable();
  /** Every flow with something left of it, closed ones that still write included. */
  readonly #flows: Set<TcpFlow> = new Set();
  readonly #listeners: StreamListener[] = [];
  #onEmpty: (() => void) | undefined;
  #local: Address;
  #open = true;

  /** Nothing is opened yet. */
  constructor(options: ConnectionsOptions) {
    this.#local = options.local;
    this.#framer = options.framer;
    this.counters = this.#counters;
    this.#context = {
      network: options.network ?? new PortableStreams(),
      receiver: options.receiver,
      clock: options.clock,
      tap: options.tap,
      counters: this.#counters,
      blocks: this.#spare,
      connectTimeout: options.connectTimeout ?? CONNECT_TIMEOUT,
      idleTimeout: options.idleTimeout,
      closeTimeout: options.closeTimeout ?? CLOSE_TIMEOUT,
      onConnected: (flow) => {
        this.#counters.connected++;
        options.receiver.onConnected?.(flow, options.clock.now());
      },
      onClosed: (flow, why) => this.#forget(flow, why),
      onReleased: (flow) => this.#release(flow),
    };
  }

  /** Accepts connections at an address, port 0 for any, and gives the true one; throws when it cannot be bound. */
  listen(local: Address): Address {
    this.#mustBeOpen();
    let wasExhausted = false;
    const listener = this.#context.network.listen(local, {
      onAccepted: (accepted) => {
        wasExhausted = false;
        this.#accept(accepted, listener.local);
      },
      onAcceptFault: (error) => {
        this.#counters.acceptFaults++;
        // one shortage counts once, however long it lasts
        if (isExhausted(error) && !wasExhausted) this.#counters.exhausted++;
        wasExhausted = isExhausted(error);
      },
    });
    if (this.#listeners.length === 0) this.#local = listener.local;
    this.#listeners.push(listener);
    return listener.local;
  }

  /** The flow to a peer, over the connection there is, whoever opened it, else over a new one. */
  flowTo(remote: Address): Flow {
    return this.#reusable.find(remote.host, remote.port) ?? this.#reusable.add(this.#connect(remote));
  }

  /** A flow over a connection of its own, which nobody else is given. */
  openNew(remote: Address): Flow {
    return this.#connect(remote);
  }

  /** Accepts no more, closes every flow after what is queued was written, and settles when nothing is left. */
  async close(): Promise<void> {
    this.#open = false;
    const stopped = this.#listeners.splice(0).map((listener) => listener.close());
    for (const flow of this.#flows) flow.close();
    if (this.#flows.size > 0) await new Promise<void>((resolve) => this.#onEmpty = resolve);
    this.#spare.close();
    await Promise.all(stopped);
  }

  #connect(remote: Address): TcpFlow {
    this.#mustBeOpen();
    this.#counters.attempted++;
    return this.#track(new TcpFlow(this.#context, this.#framer(), this.#local, remote));
  }

  #accept(accepted: AcceptedStream, local: Address): void {
    this.#counters.accepted++;
    const { remote } = accepted;
    const flow = this.#track(new TcpFlow(this.#context, this.#framer(), local, remote, accepted));
    if (this.#reusable.find(remote.host, remote.port) === undefined) this.#reusable.add(flow);
  }

  #track(flow: TcpFlow): TcpFlow {
    this.size++;
    this.#flows.add(flow);
    return flow;
  }

  #release(flow: TcpFlow): void {
    this.#flows.delete(flow);
    if (this.#flows.size === 0) this.#onEmpty?.();
  }

  #forget(flow: TcpFlow, why: TransportFault | "idle" | "asked"): void {
    this.size--;
    this.#reusable.remove(flow);
    if (why === "asked") return;
    if (why === "idle") this.#counters.idle++;
    else if (why === "malformed_stream") this.#counters.malformed++;
    else if (why === "oversize") this.#counters.oversize++;
    else if (flow.socket !== undefined) this.#counters.lost++;
    else if (why === "connection_refused") this.#counters.refused++;
    else if (why === "connect_timeout") this.#counters.timedOut++;
    else if (why === "no_resources") this.#counters.exhausted++;
    else this.#counters.failed++;
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new Error(`Cannot use the connections of ${formatAddress(this.#local)}: they are closed`);
  }
}

function newCounters(): ConnectionCounters {
  return {
    received: 0,
    receivedOctets: 0,
    sent: 0,
    sentOctets: 0,
    sendFaults: 0,
    attempted: 0,
    connected: 0,
    refused: 0,
    timedOut: 0,
    failed: 0,
    exhausted: 0,
    accepted: 0,
    acceptFaults: 0,
    lost: 0,
    malformed: 0,
    oversize: 0,
    idle: 0,
  };
}
