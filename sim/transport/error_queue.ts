/**
 * What the network says of datagrams that could not be delivered: ICMP errors, as Linux keeps them for a socket that asks
 * for them (IP_RECVERR).
 *
 *     struct sock_extended_err { u32 errno; u8 origin; u8 type; u8 code; u8 pad; u32 info; u32 data; }   16 octets
 */
import type { TransportFault } from "./flow.ts";
import { AF_INET, type Libc } from "./libc.ts";
import {
  CONTROL_LENGTH,
  CONTROL_POINTER,
  NAME_LENGTH,
  SOCKADDR_IN6_SIZE,
  SOCKADDR_IN_SIZE,
  writePointer,
} from "./message_ring.ts";

const SLOTS = 16;
const HEADER_WORDS = 16;
const NAME_WORDS = 8;
/** A time stamp, the error, and who reported it. */
const CONTROL_SIZE = 160;
const CONTROL_WORDS = CONTROL_SIZE / 4;
/** Where the data of a control message begins. */
const DATA = 4;

const SOL_IP = 0;
const IP_RECVERR = 11;
const SOL_IPV6 = 41;
const IPV6_RECVERR = 25;
const MSG_ERRQUEUE = 0x2000;
const ORIGIN_ICMP = 2;
const ORIGIN_ICMP6 = 3;

/** What a kind of ICMP message means: those that RFC 3261 §18.4 names, others are none of ours. */
function faultOf(origin: number, type: number, code: number): TransportFault | undefined {
  const isSix = origin === ORIGIN_ICMP6;
  if (!isSix && origin !== ORIGIN_ICMP) return undefined;
  const [unreachable, port, tooBig, parameter] = isSix ? [1, 4, -1, 4] : [3, 3, 4, 12];
  if (type === unreachable && code === port) return "connection_refused";
  if (type === unreachable && code !== tooBig) return "unreachable";
  return type === parameter ? "unreachable" : undefined;
}

/** Reads the error queues of sockets; one memory for as many sockets as wanted. */
export class ErrorQueue {
  readonly #libc: Libc;
  readonly #headers: Uint32Array<ArrayBuffer> = new Uint32Array(SLOTS * HEADER_WORDS);
  readonly #names: Uint32Array<ArrayBuffer> = new Uint32Array(SLOTS * NAME_WORDS);
  readonly #controls: Uint32Array<ArrayBuffer> = new Uint32Array(SLOTS * CONTROL_WORDS);
  readonly #pointer: Deno.PointerObject;

  /** Lays the memory out. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#pointer = Deno.UnsafePointer.of(this.#headers)!;
    for (let slot = 0; slot < SLOTS; slot++) {
      writePointer(this.#headers, slot * HEADER_WORDS, this.#names, slot * NAME_WORDS * 4);
      writePointer(this.#headers, slot * HEADER_WORDS + CONTROL_POINTER, this.#controls, slot * CONTROL_SIZE);
    }
  }

  /** Asks for the errors of a socket; false where the kernel does not keep them. */
  watch(descriptor: number, host: string): boolean {
    const [level, option] = host.includes(":") ? [SOL_IPV6, IPV6_RECVERR] : [SOL_IP, IP_RECVERR];
    return this.#libc.symbols.setsockopt(descriptor, level, option, Int32Array.of(1), 4) === 0;
  }

  /**
   * Empties the queue of a socket: `onError` is told the socket address that a datagram was sent to, and what became of it.
   * A queue that is not empty ends every wait for the socket at once.
   */
  read(descriptor: number, onError: (peer: Uint32Array<ArrayBuffer>, fault: TransportFault) => void): void {
    for (;;) {
      for (let slot = 0; slot < SLOTS; slot++) {
        this.#headers[slot * HEADER_WORDS + NAME_LENGTH] = SOCKADDR_IN6_SIZE;
        this.#headers[slot * HEADER_WORDS + CONTROL_LENGTH] = CONTROL_SIZE;
      }
      const count = this.#libc.symbols.recvmmsg(descriptor, this.#pointer, SLOTS, MSG_ERRQUEUE, null);
      for (let slot = 0; slot < count; slot++) {
        const fault = this.#faultIn(slot);
        if (fault !== undefined) onError(this.#peerIn(slot), fault);
      }
      if (count < SLOTS) return;
    }
  }

  #faultIn(slot: number): TransportFault | undefined {
    let at = slot * CONTROL_WORDS;
    const end = at + this.#headers[slot * HEADER_WORDS + CONTROL_LENGTH]! / 4;
    while (at + DATA + 2 <= end) {
      const [level, type] = [this.#controls[at + 2]!, this.#controls[at + 3]!];
      if ((level === SOL_IP && type === IP_RECVERR) || (level === SOL_IPV6 && type === IPV6_RECVERR)) {
        const kind = this.#controls[at + DATA + 1]!;
        return faultOf(kind & 0xff, kind >>> 8 & 0xff, kind >>> 16 & 0xff);
      }
      at += Math.max((this.#controls[at]! + 7 & ~7) / 4, DATA);
    }
    return undefined;
  }

  #peerIn(slot: number): Uint32Array<ArrayBuffer> {
    const from = slot * NAME_WORDS;
    const size = (this.#names[from]! & 0xffff) === AF_INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE;
    return this.#names.slice(from, from + size / 4);
  }
}
