/** UDP by `recvmmsg` and `sendmmsg`: up to 64 datagrams for one system call, dated by the kernel (Linux on x86-64). */
import type { Clock, Millis } from "../clock/clock.ts";
import { BatchedFlow } from "./batched_flow.ts";
import {
  type DatagramCounters,
  type DatagramOptions,
  type DatagramSocket,
  MAX_DATAGRAM_SIZE,
  newDatagramCounters,
} from "./datagram.ts";
import type { Address, Departing, Flow, Receiver, Tap } from "./flow.ts";
import { FlowTable } from "./flow_table.ts";
import { Flush } from "./flush.ts";
import { KernelAge } from "./kernel_age.ts";
import type { Libc } from "./libc.ts";
import { fromSocketAddress, keyOfSocketAddress, MessageRing, RING_SLOTS, toSocketAddress } from "./message_ring.ts";
import { openSocket, reasonWith } from "./native_socket.ts";
import { OutboundBatch } from "./outbound_batch.ts";
import { Refusals } from "./refusals.ts";
import { SocketWaits } from "./socket_waits.ts";

/**
 * A UDP socket of its own file descriptor. Its receiver is called from `receiveNow`, which the owner calls each turn
 * (`driven`), or else the socket itself whenever something has arrived. Flow faults are told from `flush`.
 */
export class BatchedUdp implements DatagramSocket {
  readonly local: Address;
  readonly implementation = "batched";
  readonly reason: string;
  readonly counters: DatagramCounters;
  readonly bufferSizes: { readonly receive: number; readonly send: number };
  readonly closed: Promise<void>;
  readonly waits: SocketWaits;
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #receiver: Receiver;
  readonly #clock: Clock;
  readonly #tap: Tap | undefined;
  readonly #mayReach: (remote: Address) => boolean;
  readonly #flows: FlowTable<BatchedFlow> = new FlowTable();
  readonly #flowsByKey: Map<number | string, BatchedFlow> = new Map();
  readonly #inbound = new MessageRing(true);
  readonly #outbound: OutboundBatch;
  readonly #refusals: Refusals | undefined;
  readonly #age: KernelAge;
  readonly #flush: Flush;
  /** When the first datagram of the batch was collected: for taps, which see it as the moment of all; -1: none is. */
  #collectedFrom: Millis = -1;
  #last: BatchedFlow | undefined;

  /** Binds the socket; throws when the address cannot be bound. The library is closed with the socket. */
  constructor(options: DatagramOptions, libc: Libc, reason: string, mayReach: (remote: Address) => boolean) {
    const bound = openSocket(libc, options.local, options.bufferSizes);
    this.counters = newDatagramCounters(bound.countsDrops ? 0 : undefined);
    this.#refusals = Refusals.of(libc, options, this.counters);
    const deaf = this.#refusals?.watch(bound.descriptor, bound.local.host) ?? [];
    this.#age = new KernelAge(libc);
    this.#libc = libc;
    this.#descriptor = bound.descriptor;
    this.local = bound.local;
    this.bufferSizes = bound.bufferSizes;
    this.reason = reasonWith(reason, [...bound.shortcomings, ...deaf]);
    this.#mayReach = mayReach;
    this.#receiver = options.receiver;
    this.#clock = options.clock;
    this.#tap = options.tap;
    this.#flush = new Flush(() => this.#sendCollected(), this.counters, options);
    this.waits = new SocketWaits(libc, bound.descriptor, {
      receiveNow: () => this.receiveNow(),
      onError: () => this.#readRefusals(),
      release: () => libc.symbols.close(bound.descriptor),
    });
    this.closed = this.waits.closed;
    this.#outbound = new OutboundBatch({
      send: (headers, count) => libc.symbols.sendmmsg(bound.descriptor, headers, count, 0),
      errno: () => libc.errno(),
      waitForRoom: () => this.waits.waitForRoom(bound.descriptor),
    }, options.clock);
    this.waits.start(options.driven === true);
  }

  /** The flow to a peer. */
  flowTo(remote: Address): Flow {
    return this.#flows.find(remote.host, remote.port) ?? this.#add(remote, toSocketAddress(remote));
  }

  /** Delivers what has arrived, at most 64 datagrams, and returns their number. */
  receiveNow(): number {
    if (!this.waits.open) return 0;
    this.#flush.hold();
    const count = this.#libc.symbols.recvmmsg(this.#descriptor, this.#inbound.pointer, RING_SLOTS, 0, null);
    if (count > 0) this.#deliverAll(count);
    else if (count < 0) this.#onReceiveError(this.#libc.errno());
    this.#flush.letGo();
    return Math.max(0, count);
  }

  /**
   * Gives the kernel what was sent since the last flush, and tells which flows have failed. While datagrams are being
   * delivered it waits for the last of them, so that all answers leave together.
   */
  flush(): void {
    this.#flush.now();
  }

  /** Sends what was collected and closes. */
  close(): void {
    if (!this.waits.open) return;
    this.#flush.close();
    for (const flow of this.#flows.values()) flow.open = false;
    this.waits.close(this.#descriptor);
  }

  /** Collects one datagram; used by the flows of this socket only. */
  transmit(flow: BatchedFlow, octets: Uint8Array, departing?: Departing): void {
    if (!flow.open || octets.length > MAX_DATAGRAM_SIZE) {
      this.counters.sendFaults++;
      return;
    }
    this.counters.sent++;
    this.counters.sentOctets += octets.length;
    if (this.#tap !== undefined) {
      if (this.#collectedFrom < 0) this.#collectedFrom = this.#clock.now();
      this.#tap("sent", octets, flow, this.#collectedFrom);
    }
    if (flow.refusal !== undefined) this.#flush.refuse(flow, flow.refusal);
    else if (!this.#outbound.put(flow, octets, departing)) this.#sendCollected();
    this.#flush.later();
  }

  /** Forgets a peer; used by the flows of this socket only. */
  forget(flow: BatchedFlow): void {
    flow.open = false;
    this.#flows.remove(flow);
    if (this.#last === flow) this.#last = undefined;
    if (this.#flowsByKey.get(flow.key) === flow) this.#flowsByKey.delete(flow.key);
  }

  #deliverAll(count: number): void {
    const now = this.#clock.now();
    this.#age.look();
    for (let slot = 0; slot < count && this.waits.open; slot++) this.#deliver(slot, now);
    this.#inbound.rearm(count);
  }

  #onReceiveError(error: string): void {
    if (error === "EAGAIN" || error === "EINTR") return;
    if (this.#refusals === undefined) this.counters.receiveFaults++;
    else this.#readRefusals();
  }

  /** Flows whose peers are gone fail with the next flush. */
  #readRefusals(): void {
    this.#refusals?.read(this.#descriptor, (key) => this.#flowsByKey.get(key), this.#flush.fail);
  }

  #deliver(slot: number, now: Millis): void {
    const octets = this.#inbound.received(slot);
    const flow = this.#flowFrom(slot);
    flow.heard++;
    const at = now - this.#age.of(this.#inbound, slot);
    const dropped = this.#age.dropped();
    if (dropped > 0) this.counters.overflowed = dropped;
    this.counters.received++;
    this.counters.receivedOctets += octets.length;
    this.#tap?.("received", octets, flow, at);
    this.#receiver.receive(octets, flow, at);
  }

  #flowFrom(slot: number): BatchedFlow {
    const last = this.#last;
    if (last !== undefined && this.#inbound.isFrom(slot, last.peer)) return last;
    const peer = this.#inbound.peerAt(slot);
    this.#last = this.#flowsByKey.get(keyOfSocketAddress(peer)) ?? this.#add(fromSocketAddress(peer), peer);
    return this.#last;
  }

  #add(remote: Address, peer: Uint32Array<ArrayBuffer> | undefined): BatchedFlow {
    const flow = new BatchedFlow(this, remote, peer, this.#mayReach(remote));
    this.#flowsByKey.set(flow.key, flow);
    return this.#flows.add(flow);
  }

  #sendCollected(): void {
    this.#collectedFrom = -1;
    this.#outbound.send(this.#flush.onRefused);
  }
}
