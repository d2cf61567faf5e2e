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
import { faultOfDatagram } from "./faults.ts";
import type { Address, Departing, Flow, Receiver, Tap, TransportFault } from "./flow.ts";
import { FlowTable } from "./flow_table.ts";
import { KernelAge } from "./kernel_age.ts";
import { type Libc, POLLIN, POLLOUT, PR_SET_TIMERSLACK, SHUT_RD } from "./libc.ts";
import { fromSocketAddress, keyOfSocketAddress, MessageRing, RING_SLOTS, toSocketAddress } from "./message_ring.ts";
import { openSocket, reasonWith } from "./native_socket.ts";
import { Poll } from "./poll.ts";
import { Refusals } from "./refusals.ts";
import { OutboundBatch } from "./outbound_batch.ts";

/** How long the sending side waits for room in the kernel before it drops what is left of a batch. */
const SEND_PATIENCE: Millis = 10;
/** How long one wait of a socket that drives itself lasts; `close` ends it at once. */
const PUMP_WAIT: Millis = 1000;
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
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #receiver: Receiver;
  readonly #clock: Clock;
  readonly #tap: Tap | undefined;
  readonly #mayReach: (remote: Address) => boolean;
  readonly #driven: boolean;
  readonly #flows: FlowTable<BatchedFlow> = new FlowTable();
  readonly #flowsByKey: Map<number | string, BatchedFlow> = new Map();
  readonly #inbound = new MessageRing(true);
  readonly #outbound: OutboundBatch;
  readonly #refusals: Refusals | undefined;
  readonly #faults: { flow: BatchedFlow; fault: TransportFault }[] = [];
  readonly #age: KernelAge;
  readonly #poll: Poll;
  readonly #finish: () => void;
  /** When the first datagram of the batch was collected: for taps, which see it as the moment of all; -1: none is. */
  #collectedFrom: Millis = -1;
  #last: BatchedFlow | undefined;
  #waiting: Promise<boolean> | undefined;
  #delivering = false;
  #flushAsked = false;
  #flushScheduled = false;
  #open = true;

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
    this.#driven = options.driven ?? false;
    this.#poll = new Poll(libc, bound.descriptor);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#finish = resolve;
    this.#outbound = new OutboundBatch({
      send: (headers, count) => libc.symbols.sendmmsg(bound.descriptor, headers, count, 0),
      errno: () => libc.errno(),
      waitForRoom: () => this.#poll.sleep(SEND_PATIENCE, POLLOUT),
    }, options.clock);
    // the kernel may wake a thread 50 µs late, for the sake of batteries: ours is told when its load is due
    if (this.#driven) libc.symbols.prctl(PR_SET_TIMERSLACK, 1n);
    else this.#pump();
  }

  /** The flow to a peer. */
  flowTo(remote: Address): Flow {
    return this.#flows.find(remote.host, remote.port) ?? this.#add(remote, toSocketAddress(remote));
  }

  /** Delivers what has arrived, at most 64 datagrams, and returns their number. */
  receiveNow(): number {
    if (!this.#open) return 0;
    if (this.#delivering) throw new Error("Cannot receive while a datagram is being delivered");
    const count = this.#libc.symbols.recvmmsg(this.#descriptor, this.#inbound.pointer, RING_SLOTS, 0, null);
    if (count <= 0) {
      const error = this.#libc.errno();
      if (count < 0 && error !== "EAGAIN" && error !== "EINTR") this.#onReceiveError();
      return 0;
    }
    const now = this.#clock.now();
    this.#age.look();
    this.#delivering = true;
    for (let slot = 0; slot < count && this.#open; slot++) this.#deliver(slot, now);
    this.#delivering = false;
    this.#inbound.rearm(count);
    if (this.#flushAsked) {
      this.#flushAsked = false;
      this.flush();
    }
    return count;
  }

  /** Sleeps until something arrives, at most `limit`. */
  wait(limit: Millis): boolean {
    return this.#open && this.#sleep(limit, POLLIN);
  }

  /** Sleeps for a time, whatever arrives. */
  pause(time: Millis): void {
    if (this.#open && time > 0) this.#libc.symbols.usleep(Math.ceil(time * 1000));
  }

  /** Waits on another thread: costs its hop there and back, about 25 µs. */
  waitAsync(limit: Millis): Promise<boolean> {
    if (!this.#open) return Promise.resolve(false);
    this.#waiting ??= this.#waitOnce(limit);
    return this.#waiting;
  }

  /**
   * Gives the kernel what was sent since the last flush, and tells which flows have failed. While datagrams are being
   * delivered it waits for the last of them, so that all answers leave together.
   */
  flush(): void {
    if (this.#delivering) {
      this.#flushAsked = true;
      return;
    }
    if (this.#open) this.#sendCollected();
    if (this.#faults.length === 0) return;
    for (const { flow, fault } of this.#faults.splice(0)) this.#receiver.onFlowFault(flow, fault);
  }

  /** Sends what was collected and closes. */
  close(): void {
    if (!this.#open) return;
    this.#sendCollected();
    this.#faults.length = 0;
    this.#open = false;
    for (const flow of this.#flows.values()) flow.open = false;
    // wakes the wait on the other thread, which still needs the descriptor
    this.#libc.symbols.shutdown(this.#descriptor, SHUT_RD);
    if (this.#waiting === undefined) this.#release();
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
    if (flow.refusal !== undefined) this.#refuse(flow, flow.refusal);
    else if (!this.#outbound.put(flow, octets, departing)) this.#sendCollected();
    this.#flushLater();
  }

  /** Forgets a peer; used by the flows of this socket only. */
  forget(flow: BatchedFlow): void {
    flow.open = false;
    this.#flows.remove(flow);
    if (this.#last === flow) this.#last = undefined;
    if (this.#flowsByKey.get(flow.key) === flow) this.#flowsByKey.delete(flow.key);
  }

  /** Collected datagrams of a socket that drives itself leave when this turn is over. */
  #flushLater(): void {
    if (this.#driven || this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.flush();
    });
  }

  async #pump(): Promise<void> {
    while (this.#open) {
      if (await this.waitAsync(PUMP_WAIT)) this.receiveNow();
    }
  }

  async #waitOnce(limit: Millis): Promise<boolean> {
    const isReady = await this.#poll.sleepBeside(limit);
    this.#waiting = undefined;
    if (!this.#open) this.#release();
    else if (this.#poll.hasError()) this.#readRefusals();
    return this.#open && isReady;
  }

  #sleep(limit: Millis, events: number): boolean {
    const isReady = this.#poll.sleep(limit, events);
    if (this.#poll.hasError()) this.#readRefusals();
    return isReady;
  }

  #onReceiveError(): void {
    if (this.#refusals === undefined) this.counters.receiveFaults++;
    else this.#readRefusals();
  }

  /** Flows whose peers are gone fail with the next flush. */
  #readRefusals(): void {
    this.#refusals?.read(this.#descriptor, (key) => this.#flowsByKey.get(key), this.#onGone);
    if (!this.#driven && this.#faults.length > 0) this.flush();
  }

  readonly #onGone = (flow: BatchedFlow, fault: TransportFault): void => this.#fail(flow, fault);

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
    this.#outbound.send(this.#onRefused);
  }

  readonly #onRefused = (flow: BatchedFlow, error: string): void => {
    const fault = faultOfDatagram(error);
    if (error === "EAGAIN" || error === "ENOBUFS") this.counters.bufferFull++;
    if (fault === undefined) this.counters.sendFaults++;
    else this.#refuse(flow, fault);
  };

  #refuse(flow: BatchedFlow, fault: TransportFault): void {
    this.counters.sendFaults++;
    this.#fail(flow, fault);
  }

  #fail(flow: BatchedFlow, fault: TransportFault): void {
    if (!flow.open) return;
    this.forget(flow);
    this.#faults.push({ flow, fault });
  }

  #release(): void {
    this.#libc.symbols.close(this.#descriptor);
    this.#libc.close();
    this.#finish();
  }
}
