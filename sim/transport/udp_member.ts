/** One of the sockets of `ManyUdp`. */
import { BatchedFlow, type DatagramOutlet } from "./batched_flow.ts";
import { MAX_DATAGRAM_SIZE } from "./datagram.ts";
import type { Address, Departing } from "./flow.ts";
import { EPOLLIN } from "./libc.ts";
import { fromSocketAddress, keyOfSocketAddress, type MessageRing, toSocketAddress } from "./message_ring.ts";
import type { BoundSocket } from "./native_socket.ts";
import type { Readiness, Ready } from "./readiness.ts";

/** What a member asks of all. */
export interface MemberOwner {
  /** Takes a datagram that can be sent. */
  collect(member: UdpMember, flow: BatchedFlow, octets: Uint8Array, departing: Departing | undefined): void;
  /** A datagram was dropped: its flow is closed, or it is too large. */
  drop(): void;
  /** Something is to be received from a member, or an error to be read. */
  onReady(member: UdpMember, events: number): void;
  /** Whether the permissions let us reach a peer. */
  mayReach(remote: Address): boolean;
}

/** A bound socket and its peers. */
export class UdpMember implements DatagramOutlet, Ready {
  readonly descriptor: number;
  readonly local: Address;
  /** How it was opened. */
  readonly bound: BoundSocket;
  /** Datagrams that the kernel is known to have dropped here. */
  #dropped = 0;
  readonly #owner: MemberOwner;
  /** Given by the readiness. */
  #number = -1;
  /** By their socket addresses. */
  readonly #flows: Map<number | string, BatchedFlow> = new Map();
  #last: BatchedFlow | undefined;

  /** Without peers. */
  constructor(owner: MemberOwner, bound: BoundSocket) {
    this.#owner = owner;
    this.bound = bound;
    this.descriptor = bound.descriptor;
    this.local = bound.local;
  }

  /** Is told of from now on; gives the name of the system's error where that cannot be. */
  watch(readiness: Readiness): string | undefined {
    const number = readiness.add(this.descriptor, EPOLLIN, this);
    if (typeof number === "string") return number;
    this.#number = number;
    return undefined;
  }

  /** Is told of no more. */
  leave(readiness: Readiness): void {
    readiness.forget(this.#number);
  }

  /** From the readiness. */
  onReady(events: number): void {
    this.#owner.onReady(this, events);
  }

  /** The flow to a peer; `peer`: its socket address, where that is known already. */
  flowTo(remote: Address, peer: Uint32Array<ArrayBuffer> | undefined = toSocketAddress(remote)): BatchedFlow {
    const found = peer === undefined ? undefined : this.#flows.get(keyOfSocketAddress(peer));
    if (found !== undefined) return this.#last = found;
    const flow = new BatchedFlow(this, remote, peer, this.#owner.mayReach(remote));
    // a host that is a name has no socket address: its flow refuses whatever is sent, and nothing comes from it
    if (peer !== undefined) this.#flows.set(flow.key, flow);
    return this.#last = flow;
  }

  /** The flow that the datagram in a slot came by. */
  flowFrom(ring: MessageRing, slot: number): BatchedFlow {
    const last = this.#last;
    if (last !== undefined && ring.isFrom(slot, last.peer)) return last;
    const peer = ring.peerAt(slot);
    return this.flowTo(fromSocketAddress(peer), peer);
  }

  /** How many more the kernel has dropped; it tells the sum since the socket was opened, and nothing while that is 0. */
  newDrops(sum: number): number {
    const more = Math.max(0, sum - this.#dropped);
    this.#dropped += more;
    return more;
  }

  /** The flow to the peer with that key of its socket address, if there is one. */
  flowOf(key: number | string): BatchedFlow | undefined {
    return this.#flows.get(key);
  }

  /** The latest peer: most sockets have one only. */
  last(): BatchedFlow | undefined {
    return this.#last;
  }

  /** Takes one datagram; used by its flows only. */
  transmit(flow: BatchedFlow, octets: Uint8Array, departing: Departing | undefined): void {
    if (!flow.open || octets.length > MAX_DATAGRAM_SIZE) this.#owner.drop();
    else this.#owner.collect(this, flow, octets, departing);
  }

  /** Forgets a peer; used by its flows only. */
  forget(flow: BatchedFlow): void {
    flow.open = false;
    if (this.#last === flow) this.#last = undefined;
    if (this.#flows.get(flow.key) === flow) this.#flows.delete(flow.key);
  }

  /** Sends nothing any more. */
  closeFlows(): void {
    for (const flow of this.#flows.values()) flow.open = false;
    if (this.#last !== undefined) this.#last.open = false;
  }
}
