/** A peer of a batched UDP socket. */
import type { Millis } from "../clock/clock.ts";
import type { Address, Departing, Flow, TransportFault } from "./flow.ts";
import { keyOfSocketAddress } from "./message_ring.ts";

/** What a flow asks of its socket. */
export interface DatagramOutlet {
  /** The address of the socket. */
  readonly local: Address;
  /** Takes one datagram. */
  transmit(flow: BatchedFlow, octets: Uint8Array, departing: Departing | undefined): void;
  /** Forgets the peer. */
  forget(flow: BatchedFlow): void;
}

/** Sends by the ring of its socket. */
export class BatchedFlow implements Flow {
  readonly transport = "udp";
  readonly reliable = false;
  readonly queued = 0;
  readonly local: Address;
  readonly remote: Address;
  /** The kernel's socket address of the peer. */
  readonly peer: Uint32Array<ArrayBuffer>;
  /** What tells the peer from others. */
  readonly key: number | string;
  /** Why nothing can be sent to the peer, where that is known before. */
  readonly refusal: TransportFault | undefined;
  open = true;
  /** Datagrams that came from the peer. */
  heard = 0;
  /** How many of them had come when ICMP first told that it cannot be reached, and when that was. */
  #heardBefore = -1;
  #refusedSince: Millis = 0;
  readonly #socket: DatagramOutlet;

  /** `peer`: undefined when the host of `remote` is not numeric. */
  constructor(socket: DatagramOutlet, remote: Address, peer: Uint32Array<ArrayBuffer> | undefined, mayReach: boolean) {
    this.#socket = socket;
    this.local = socket.local;
    this.remote = remote;
    this.peer = peer ?? new Uint32Array(4);
    this.key = keyOfSocketAddress(this.peer);
    this.refusal = !mayReach ? "not_permitted" : peer === undefined ? "unreachable" : undefined;
  }

  /** Collects one datagram. */
  send(octets: Uint8Array, departing?: Departing): void {
    this.#socket.transmit(this, octets, departing);
  }

  /** ICMP says that the peer cannot be reached: whether that is for good, as nothing was heard of it for `grace` since. */
  isGone(now: Millis, grace: Millis): boolean {
    if (this.heard === 0) return true;
    if (this.heard !== this.#heardBefore) {
      this.#heardBefore = this.heard;
      this.#refusedSince = now;
    }
    return now - this.#refusedSince >= grace;
  }

  /** Forgets the peer. */
  close(): void {
    this.#socket.forget(this);
  }
}
