/** UDP by `Deno.listenDatagram`: works wherever Deno does, one promise for each datagram. */
import { nextTick } from "node:process";
import type { Clock, Millis } from "../clock/clock.ts";
import {
  type DatagramCounters,
  type DatagramOptions,
  type DatagramSocket,
  MAX_DATAGRAM_SIZE,
  newDatagramCounters,
} from "./datagram.ts";
import type { Address, Departing, Flow, Receiver, Tap } from "./flow.ts";
import { faultOfDatagram } from "./faults.ts";
import { FlowTable } from "./flow_table.ts";
import { InboundSlots } from "./inbound_slots.ts";
import { Slab } from "./slab.ts";

/** Slots for what was read: 64 KiB. */
const SLOTS = 128;

/**
 * A UDP socket of Deno. It reads and dates all that lies in the kernel before anything is delivered: what follows from a
 * datagram takes longer than reading it, and code that runs for several in a row costs less for each. The sizes of its
 * kernel buffers cannot be set nor read here, so a burst beyond the system's default (`net.core.rmem_default`) is lost
 * without a trace. Many sends in one turn cost memory until the turn ends, about 4 KiB each.
 */
export class PortableUdp implements DatagramSocket {
  readonly local: Address;
  readonly implementation = "portable";
  readonly reason: string;
  readonly counters: DatagramCounters;
  readonly bufferSizes: undefined;
  readonly closed: Promise<void>;
  readonly #connection: Deno.DatagramConn;
  readonly #receiver: Receiver;
  readonly #clock: Clock;
  readonly #tap: Tap | undefined;
  readonly #flows: FlowTable<PortableFlow> = new FlowTable();
  readonly #slab = new Slab();
  readonly #slots: InboundSlots<PortableFlow>;
  readonly #finished = Promise.withResolvers<void>();
  #open = true;
  /** Whether a call to receive is under way. */
  #listening = false;
  /** Whether `#onAllRead` is to come. */
  #awaited = false;
  // made once: none for each datagram
  readonly #onDatagram = ([octets, from]: [Uint8Array, Deno.Addr]): void => this.#keep(octets, from as Deno.NetAddr);
  readonly #onFailure = (error: unknown): void => this.#fail(error);
  readonly #onAllRead = (): void => this.#endRead();
  readonly #onEach = (octets: Uint8Array, flow: PortableFlow, at: Millis): boolean => {
    // closed since it was read, perhaps by the datagram before
    const present = flow.open ? flow : this.#flowOf(flow.remote.host, flow.remote.port);
    if (this.#open) this.#receiver.receive(octets, present, at);
    return this.#open;
  };
  /** Datagrams that wait for the first one to leave; undefined once it has. */
  #waiting: (() => void)[] | undefined = [];

  /**
   * Binds the socket and begins to receive; throws when the address cannot be bound. `counters`: shared with others;
   * `slots`: see `InboundSlots`.
   */
  constructor(options: DatagramOptions, reason: string, counters = newDatagramCounters(), slots = SLOTS) {
    const { host, port } = options.local;
    this.#connection = Deno.listenDatagram({ transport: "udp", hostname: host, port });
    const bound = this.#connection.addr as Deno.NetAddr;
    this.local = { host: bound.hostname, port: bound.port };
    this.reason = reason;
    this.counters = counters;
    this.#receiver = options.receiver;
    this.#clock = options.clock;
    this.#tap = options.tap;
    this.#slots = new InboundSlots(slots);
    this.closed = this.#finished.promise;
    this.#listen();
  }

  /** The flow to a peer. */
  flowTo(remote: Address): Flow {
    return this.#flowOf(remote.host, remote.port);
  }

  /** Nothing to do: datagrams are sent at once. */
  flush(): void {}

  /** Closes the socket; datagrams sent before still leave. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const flow of this.#flows.values()) flow.open = false;
    this.#sendWaiting();
    this.#connection.close();
    if (!this.#listening && !this.#awaited) this.#finished.resolve();
  }

  /** Delivers what was read and has waited, see `Receiver.onRead`. */
  receiveNow(): number {
    const count = this.#slots.deliver(this.#onEach);
    if (this.#open && !this.#listening) this.#listen();
    return count;
  }

  /** Sends one datagram; used by the flows of this socket only. */
  transmit(flow: PortableFlow, octets: Uint8Array, departing?: Departing): void {
    departing?.departed(this.#clock.now());
    if (!flow.open || octets.length > MAX_DATAGRAM_SIZE) {
      this.counters.sendFaults++;
      return;
    }
    this.counters.sent++;
    this.counters.sentOctets += octets.length;
    this.#tap?.("sent", octets, flow, this.#clock.now());
    // Deno reads the octets only after this turn: without a copy the caller's next message would go out in their place
    const kept = this.#slab.keep(octets);
    if (this.#waiting === undefined) this.#give(kept, flow);
    else this.#sendFirst(kept, flow);
  }

  /** The kernel did not take a datagram; used by the flows of this socket only. */
  refuse(flow: PortableFlow, error: unknown): void {
    this.counters.sendFaults++;
    const fault = faultOfDatagram(error);
    if (fault === undefined || !flow.open) return;
    this.forget(flow);
    this.#receiver.onFlowFault(flow, fault);
  }

  /** Forgets a peer; used by the flows of this socket only. */
  forget(flow: PortableFlow): void {
    flow.open = false;
    this.#flows.remove(flow);
  }

  #give(kept: Uint8Array, flow: PortableFlow): void {
    this.#connection.send(kept, flow.destination).catch(flow.onRefused);
  }

  /**
   * Sends the first datagram of the socket alone and lets the others wait: Deno does not know yet that the socket can
   * be written and would send everything of this turn last first. Afterwards it keeps the order.
   */
  #sendFirst(kept: Uint8Array, flow: PortableFlow): void {
    this.#waiting!.push(() => this.#give(kept, flow));
    if (this.#waiting!.length > 1) return;
    const first = this.#connection.send(kept, flow.destination);
    first.catch(flow.onRefused).then(() => this.#sendWaiting());
  }

  #sendWaiting(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const give of waiting.slice(1)) give();
  }

  /** Reads one more datagram; what lies in the kernel already is read before anything else happens. */
  #listen(): void {
    this.#listening = true;
    this.#connection.receive(this.#slots.room()).then(this.#onDatagram, this.#onFailure);
  }

  #keep(octets: Uint8Array, from: Deno.NetAddr): void {
    this.#listening = false;
    const at = this.#clock.now();
    const flow = this.#flowOf(from.hostname, from.port);
    this.counters.received++;
    this.counters.receivedOctets += octets.length;
    this.#tap?.("received", octets, flow, at);
    this.#slots.add(octets, flow, at);
    if (!this.#awaited) {
      this.#awaited = true;
      nextTick(this.#onAllRead);
    }
    if (this.#open && !this.#slots.isFull()) this.#listen();
  }

  #endRead(): void {
    this.#awaited = false;
    const isFull = this.#slots.isFull();
    if (this.#receiver.onRead?.(isFull) !== true || this.#slots.isFull()) this.receiveNow();
    if (!this.#open && !this.#listening) this.#finished.resolve();
  }

  /** A call failed: the socket was closed, or one datagram could not be read. */
  #fail(error: unknown): void {
    this.#listening = false;
    if (!this.#open) {
      if (!this.#awaited) this.#finished.resolve();
    } else if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
      // a dead socket would fail for ever; anything else concerns one call
      this.#finished.reject(error);
    } else {
      this.counters.receiveFaults++;
      this.#listen();
    }
  }

  #flowOf(host: string, port: number): PortableFlow {
    return this.#flows.find(host, port) ?? this.#flows.add(new PortableFlow(this, { host, port }));
  }
}

/** A peer of one socket. */
class PortableFlow implements Flow {
  readonly transport = "udp";
  readonly reliable = false;
  readonly queued = 0;
  readonly local: Address;
  readonly remote: Address;
  readonly destination: Deno.NetAddr;
  /** One handler for all datagrams of the flow: none is made for each. */
  readonly onRefused: (error: unknown) => void;
  open = true;
  readonly #socket: PortableUdp;

  constructor(socket: PortableUdp, remote: Address) {
    this.#socket = socket;
    this.local = socket.local;
    this.remote = remote;
    this.destination = { transport: "udp", hostname: remote.host, port: remote.port };
    this.onRefused = (error) => socket.refuse(this, error);
  }

  send(octets: Uint8Array, departing?: Departing): void {
    this.#socket.transmit(this, octets, departing);
  }

  close(): void {
    this.#socket.forget(this);
  }
}
