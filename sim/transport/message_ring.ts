/**
 * The memory that `recvmmsg` and `sendmmsg` work on, laid out once and then only adjusted (Linux on x86-64, offsets in
 * octets).
 *
 *     struct mmsghdr { struct msghdr { void *name; u32 namelen; iovec *iov; u64 iovlen; void *control; u64 controllen;
 *                                      i32 flags; }; u32 len; }              0, 8, 16, 24, 32, 40, 48; 56; 64 in all
 *     struct iovec { void *base; u64 len; }                                  0, 8; 16 in all
 *     struct cmsghdr { u64 len; i32 level; i32 type; } and its data          0, 8, 12; 16, up to a multiple of 8
 *     struct sockaddr_in { u16 family; be16 port; be32 address; }            0, 2, 4; 16 in all
 *     struct sockaddr_in6 { u16 family; be16 port; be32 flow; u8 address[16]; u32 scope; }   0, 2, 4, 8, 24; 28 in all
 */
import { hostOfOctets, octetsOfHost } from "./address.ts";
import type { Address } from "./flow.ts";
import { AF_INET, AF_INET6, SO_RXQ_OVFL, SO_TIMESTAMPNS, SOL_SOCKET } from "./libc.ts";

/** 64: beyond it a batch gains little, see udp_bench.ts. */
export const RING_SLOTS = 64;

const HEADER_SIZE = 64;
const HEADER_WORDS = HEADER_SIZE / 4;
const VECTOR_SIZE = 16;
const VECTOR_WORDS = VECTOR_SIZE / 4;
const NAME_SIZE = 32;
const NAME_WORDS = NAME_SIZE / 4;
/** Octets of a socket address of IPv6. */
export const SOCKADDR_IN6_SIZE = 28;
/** Octets of a socket address of IPv4. */
export const SOCKADDR_IN_SIZE = 16;
const CONTROL_SIZE = 64;
const CONTROL_WORDS = CONTROL_SIZE / 4;
/** Any datagram fits; 192 more, so that the beginnings of the slots do not compete for the same lines of the cache. */
const SLOT_SIZE = 65536 + 192;

/** Word of `struct msghdr` with the size of the socket address. */
export const NAME_LENGTH = 2;
/** Word with the address of the first `struct iovec`. */
export const VECTOR_POINTER = 4;
/** Word with the number of those. */
export const VECTOR_COUNT = 6;
/** Word with the address of the control messages. */
export const CONTROL_POINTER = 8;
/** Word with the octets of those. */
export const CONTROL_LENGTH = 10;
const MESSAGE_LENGTH = 14;

/** Slots for datagrams with their peers, and for what the kernel adds to received ones. */
export class MessageRing {
  /** The first header, for `recvmmsg` and `sendmmsg`. */
  readonly pointer: Deno.PointerObject;
  readonly #headers: Uint32Array<ArrayBuffer> = new Uint32Array(RING_SLOTS * HEADER_WORDS);
  readonly #vectors: Uint32Array<ArrayBuffer> = new Uint32Array(RING_SLOTS * VECTOR_WORDS);
  readonly #names: Uint32Array<ArrayBuffer> = new Uint32Array(RING_SLOTS * NAME_WORDS);
  readonly #nameOctets: Uint8Array = new Uint8Array(this.#names.buffer);
  readonly #controls: Uint32Array<ArrayBuffer> = new Uint32Array(RING_SLOTS * CONTROL_WORDS);
  readonly #octets: Uint8Array<ArrayBuffer> = new Uint8Array(RING_SLOTS * SLOT_SIZE);
  /** The latest view of each slot: answers of one kind mostly have the same length. */
  readonly #views: Uint8Array[] = new Array(RING_SLOTS).fill(this.#octets);

  /** `receiving`: every slot has room for a whole datagram and its control messages. */
  constructor(receiving: boolean) {
    this.pointer = Deno.UnsafePointer.of(this.#headers)!;
    for (let slot = 0; slot < RING_SLOTS; slot++) {
      const header = slot * HEADER_WORDS;
      writePointer(this.#headers, header, this.#names, slot * NAME_SIZE);
      writePointer(this.#headers, header + VECTOR_POINTER, this.#vectors, slot * VECTOR_SIZE);
      this.#headers[header + VECTOR_COUNT] = 1;
      writePointer(this.#vectors, slot * VECTOR_WORDS, this.#octets, slot * SLOT_SIZE);
      if (!receiving) continue;
      writePointer(this.#headers, header + CONTROL_POINTER, this.#controls, slot * CONTROL_SIZE);
      this.#vectors[slot * VECTOR_WORDS + 2] = 65536;
    }
    if (receiving) this.rearm(RING_SLOTS);
  }

  /** The header of a slot, for the rest of a batch. */
  pointerAt(slot: number): Deno.PointerObject {
    return slot === 0 ? this.pointer : Deno.UnsafePointer.offset(this.pointer, slot * HEADER_SIZE)!;
  }

  /** Puts a datagram to be sent into a slot; `peer`: a socket address. */
  put(slot: number, octets: Uint8Array, peer: Uint32Array): void {
    this.#octets.set(octets, slot * SLOT_SIZE);
    this.#vectors[slot * VECTOR_WORDS + 2] = octets.length;
    this.#names.set(peer, slot * NAME_WORDS);
    this.#headers[slot * HEADER_WORDS + NAME_LENGTH] = peer.length * 4;
  }

  /** The datagram received in a slot, valid until the slot is filled again. */
  received(slot: number): Uint8Array {
    const from = slot * SLOT_SIZE;
    const length = this.#headers[slot * HEADER_WORDS + MESSAGE_LENGTH]!;
    const view = this.#views[slot]!;
    return view.length === length ? view : this.#views[slot] = this.#octets.subarray(from, from + length);
  }

  /** Whether the datagram in a slot came from the peer with this socket address. */
  isFrom(slot: number, peer: Uint32Array): boolean {
    const from = slot * NAME_WORDS;
    const words = peer.length === SOCKADDR_IN_SIZE / 4 ? 2 : 6;
    for (let i = 0; i < words; i++) {
      if (this.#names[from + i] !== peer[i]) return false;
    }
    return true;
  }

  /** A copy of the socket address that the datagram in a slot came from. */
  peerAt(slot: number): Uint32Array<ArrayBuffer> {
    const from = slot * NAME_WORDS;
    const size = (this.#names[from]! & 0xffff) === AF_INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE;
    return new Uint32Array(this.#nameOctets.slice(from * 4, from * 4 + size).buffer);
  }

  /** Reads what the kernel added to the datagram in a slot: when it came, and how many it had dropped by then. */
  readControl(slot: number, into: KernelNotes): void {
    const controls = this.#controls;
    let at = slot * CONTROL_WORDS;
    const end = at + this.#headers[slot * HEADER_WORDS + CONTROL_LENGTH]! / 4;
    into.seconds = into.nanoseconds = 0;
    while (at + 4 <= end) {
      if (controls[at + 2] === SOL_SOCKET && controls[at + 3] === SO_TIMESTAMPNS) {
        into.seconds = controls[at + 4]! + controls[at + 5]! * 0x1_0000_0000;
        into.nanoseconds = controls[at + 6]!;
      } else if (controls[at + 2] === SOL_SOCKET && controls[at + 3] === SO_RXQ_OVFL) into.dropped = controls[at + 4]!;
      at += Math.max((controls[at]! + 7 & ~7) / 4, 4);
    }
  }

  /** Makes the first `count` slots ready to receive again. */
  rearm(count: number): void {
    for (let header = 0; header < count * HEADER_WORDS; header += HEADER_WORDS) {
      this.#headers[header + NAME_LENGTH] = SOCKADDR_IN6_SIZE;
      this.#headers[header + CONTROL_LENGTH] = CONTROL_SIZE;
    }
  }
}

/** What the kernel tells along with a datagram. */
export interface KernelNotes {
  /** When it came, on the wall clock; 0 when it was not told. */
  seconds: number;
  /** Nanoseconds of that second. */
  nanoseconds: number;
  /** Datagrams dropped since the socket was opened; left alone when it was not told. */
  dropped: number;
}

/** Writes the address of a place in other memory, `offset` octets from its beginning. */
export function writePointer(
  words: Uint32Array,
  at: number,
  target: Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>,
  offset: number,
): void {
  const value = Deno.UnsafePointer.value(Deno.UnsafePointer.of(target)) + BigInt(offset);
  words[at] = Number(value & 0xffffffffn);
  words[at + 1] = Number(value >> 32n);
}

/** An address as the kernel's socket address; undefined when the host is not numeric. */
export function toSocketAddress(address: Address): Uint32Array<ArrayBuffer> | undefined {
  const host = octetsOfHost(address.host);
  if (host === undefined) return undefined;
  const octets = new Uint8Array(host.length === 4 ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE);
  const view = new DataView(octets.buffer);
  view.setUint16(0, host.length === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, address.port);
  octets.set(host, host.length === 4 ? 4 : 8);
  return new Uint32Array(octets.buffer);
}

/** The address in a socket address. */
export function fromSocketAddress(words: Uint32Array<ArrayBuffer>): Address {
  const octets = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const host = (words[0]! & 0xffff) === AF_INET ? octets.subarray(4, 8) : octets.subarray(8, 24);
  return { host: hostOfOctets(host), port: octets[2]! << 8 | octets[3]! };
}

/** What tells one socket address from another, as a key. */
export function keyOfSocketAddress(words: Uint32Array): number | string {
  if (words.length === SOCKADDR_IN_SIZE / 4) return words[1]! * 0x10000 + (words[0]! >>> 16);
  return words.subarray(0, 6).join();
}
