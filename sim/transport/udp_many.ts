/**
 * Many batched UDP sockets with one event loop: one readiness over all of them, one ring to receive and one to
 * send (Linux on x86-64). A datagram costs a system call of its own here, where neighbours come and go by other sockets.
 */
import type { Clock } from "../clock/clock.ts";
import { formatAddress } from "./address.ts";
import type { BatchedFlow } from "./batched_flow.ts";
import {
  type BufferSizes,
  type DatagramCounters,
  type DatagramOptions,
  type DatagramSockets,
  newDatagramCounters,
} from "./datagram.ts";
import type { Address, Departing, Flow, Receiver, Tap } from "./flow.ts";
import { Flush } from "./flush.ts";
import { KernelAge } from "./kernel_age.ts";
import { bindError, EPOLLERR, type Libc } from "./libc.ts";
import { MessageRing, RING_SLOTS } from "./message_ring.ts";
import { openSocket, reasonWith } from "./native_socket.ts";
import { OutboundBatch } from "./outbound_batch.ts";
import { Readiness } from "./readiness.ts";
import { Refusals } from "./refusals.ts";
import { SocketWaits } from "./socket_waits.ts";
import { type MemberOwner, UdpMember } from "./udp_member.ts";

/** All sockets; each of its flows belongs to one of them. */
export class ManyUdp implements DatagramSockets {
  readonly local: Address;
  readonly locals: readonly Address[];
  readonly implementation = "batched";
  readonly reason: string;
  readonly counters: DatagramCounters = newDatagramCounters(0);
  readonly bufferSizes: BufferSizes;
  readonly closed: Promise<void>;
  readonly waits: SocketWaits;
  readonly #libc: Libc;
  readonly #readiness: Readiness;
  readonly #options: DatagramOptions;
  readonly #receiver: Receiver;
  readonly #clock: Clock;
  readonly #tap: Tap | undefined;
  readonly #members: UdpMember[] = [];
  readonly #locals: Address[] = [];
  readonly #inbound = new MessageRing(true);
  readonly #outbound: OutboundBatch;
  readonly #age: KernelAge;
  readonly #refusals: Refusals | undefined;
  readonly #flush: Flush;
  readonly #owner: MemberOwner;
  /** Whose datagrams are collected now. */
  #collecting: UdpMember | undefined;

  /** Binds the first socket; throws when that cannot be. The library is closed with the sockets. */
  constructor(options: DatagramOptions, libc: Libc, reason: string, mayReach: (remote: Address) => boolean) {
    this.#libc = libc;
    this.#options = options;
    this.#receiver = options.receiver;
    this.#clock = options.clock;
    this.#tap = options.tap;
    this.#age = new KernelAge(libc);
    this.#refusals = Refusals.of(libc, options, this.counters);
    this.locals = this.#locals;
    this.#readiness = new Readiness(libc);
    this.#flush = new Flush(() => this.#sendCollected(), this.counters, options);
    this.waits = new SocketWaits(libc, this.#readiness.descriptor, {
      receiveNow: () => this.receiveNow(),
      // none: those of its sockets are events
      onError: () => {},
      release: () => this.#release(),
    });
    this.closed = this.waits.closed;
    this.#outbound = new OutboundBatch({
      send: (headers, count) => libc.symbols.sendmmsg(this.#collecting!.descriptor, headers, count, 0),
      errno: () => libc.errno(),
      waitForRoom: () => this.waits.waitForRoom(this.#collecting!.descriptor),
    }, options.clock);
    this.#owner = {
      collect: (member, flow, octets, departing) => this.#collect(member, flow, octets, departing),
      drop: () => this.counters.sendFaults++,
      onReady: (member, events) => this.#onReady(member, events),
      mayReach,
    };
    try {
      this.add(options.local);
    } catch (error) {
      this.#readiness.close();
      throw error;
    }
    this.local = this.#locals[0]!;
    const [first] = this.#members;
    this.bufferSizes = first!.bound.bufferSizes;
    this.reason = reasonWith(reason, first!.bound.shortcomings);
    this.waits.start(options.driven === true);
  }

  /** Binds one more socket. */
  add(local: Address): number {
    const bound = openSocket(this.#libc, local, this.#options.bufferSizes);
    const deaf = this.#refusals?.watch(bound.descriptor, bound.local.host) ?? [];
    const member = new UdpMember(this.#owner, { ...bound, shortcomings: [...bound.shortcomings, ...deaf] });
    const error = member.watch(this.#readiness);
    if (error !== undefined) {
      this.#libc.symbols.close(bound.descriptor);
      throw bindError(error, formatAddress(local));
    }
    if (!bound.countsDrops) this.counters.overflowed = undefined;
    this.#locals.push(bound.local);
    return this.#members.push(member) - 1;
  }

  /** Closes the socket that was added last, which nothing was sent by. */
  removeLast(): void {
    const member = this.#members.pop();
    this.#locals.pop();
    if (member === undefined) return;
    member.leave(this.#readiness);
    this.#libc.symbols.close(member.descriptor);
  }

  /** The flow of a socket to a peer. */
  flowTo(remote: Address, source = 0): Flow {
    const member = this.#members[source]!;
    const last = member.last();
    const isLast = last !== undefined && last.remote.port === remote.port && last.remote.host === remote.host;
    return isLast ? last : member.flowTo(remote);
  }

  /** Delivers what has arrived at up to 64 of the sockets, and returns the number of datagrams. */
  receiveNow(): number {
    if (!this.waits.open) return 0;
    this.#flush.hold();
    const before = this.counters.received;
    this.#readiness.tell();
    const count = this.counters.received - before;
    this.#flush.letGo();
    return count;
  }

  /** Gives the kernel what was sent since the last flush, and tells which flows have failed; while delivering, later. */
  flush(): void {
    this.#flush.now();
  }

  /** Sends what was collected and closes all. */
  close(): void {
    if (!this.waits.open) return;
    this.#flush.close();
    for (const member of this.#members) member.closeFlows();
    this.waits.close(this.#members[0]!.descriptor);
  }

  #collect(member: UdpMember, flow: BatchedFlow, octets: Uint8Array, departing: Departing | undefined): void {
    this.counters.sent++;
    this.counters.sentOctets += octets.length;
    this.#tap?.("sent", octets, flow, this.#clock.now());
    if (flow.refusal !== undefined) this.#flush.refuse(flow, flow.refusal);
    else {
      if (this.#collecting !== member) this.#sendCollected();
      this.#collecting = member;
      if (!this.#outbound.put(flow, octets, departing)) this.#sendCollected();
    }
    this.#flush.later();
  }

  #onReady(member: UdpMember, events: number): void {
    if (!this.waits.open) return;
    if ((events & EPOLLERR) !== 0) this.#readRefusals(member);
    this.#receiveOf(member);
  }

  #receiveOf(member: UdpMember): void {
    const count = this.#libc.symbols.recvmmsg(member.descriptor, this.#inbound.pointer, RING_SLOTS, 0, null);
    if (count <= 0) {
      const error = this.#libc.errno();
      if (count < 0 && error !== "EAGAIN" && error !== "EINTR") this.counters.receiveFaults++;
      return;
    }
    const now = this.#clock.now();
    this.#age.look();
    for (let slot = 0; slot < count && this.waits.open; slot++) {
      const octets = this.#inbound.received(slot);
      const flow = member.flowFrom(this.#inbound, slot);
      flow.heard++;
      const at = now - this.#age.of(this.#inbound, slot);
      const drops = member.newDrops(this.#age.dropped());
      if (drops > 0) this.counters.overflowed = (this.counters.overflowed ?? 0) + drops;
      this.counters.received++;
      this.counters.receivedOctets += octets.length;
      this.#tap?.("received", octets, flow, at);
      this.#receiver.receive(octets, flow, at);
    }
    this.#inbound.rearm(count);
  }

  #sendCollected(): void {
    this.#outbound.send(this.#flush.onRefused);
  }

  /** Flows whose peers are gone fail with the next flush. */
  #readRefusals(member: UdpMember): void {
    this.#refusals?.read(member.descriptor, (key) => member.flowOf(key), this.#flush.fail);
  }

  #release(): void {
    for (const { descriptor } of this.#members) this.#libc.symbols.close(descriptor);
    this.#readiness.close();
  }
}
