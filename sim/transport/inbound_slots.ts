/** Where datagrams lie between the moment they were read and the moment they are delivered. */
import type { Millis } from "../clock/clock.ts";

/** Octets of a slot: most answers of SIP fit into one. */
const SLOT_SIZE = 512;
/** 65536: any datagram fits behind the last slot. */
const LARGEST = 65536;

/** Room for datagrams that are read one after another and delivered together. */
export class InboundSlots<F> {
  /** Datagrams that were not delivered yet. */
  count = 0;
  readonly #memory: Uint8Array;
  readonly #rooms: (Uint8Array | undefined)[];
  #next = 0;
  readonly #octets: Uint8Array[] = [];
  readonly #flows: F[] = [];
  readonly #ats: Millis[] = [];

  /** `slots`: how many of 512 octets may be filled before all must be delivered. */
  constructor(slots: number) {
    this.#rooms = new Array(slots).fill(undefined);
    this.#memory = new Uint8Array(slots * SLOT_SIZE + LARGEST);
  }

  /** Where the next datagram goes; only while not full. */
  room(): Uint8Array {
    const begin = this.#next * SLOT_SIZE;
    return this.#rooms[this.#next] ??= this.#memory.subarray(begin, begin + LARGEST);
  }

  /** Keeps a datagram that was read into `room`. */
  add(octets: Uint8Array, flow: F, at: Millis): void {
    const index = this.count++;
    this.#octets[index] = octets;
    this.#flows[index] = flow;
    this.#ats[index] = at;
    this.#next += Math.max(1, Math.ceil(octets.length / SLOT_SIZE));
  }

  /** Whether nothing more can be read before all is delivered and `clear` called. */
  isFull(): boolean {
    return this.#next >= this.#rooms.length;
  }

  /** Gives all datagrams, in order, while `more` says so; their number. */
  deliver(to: (octets: Uint8Array, flow: F, at: Millis) => boolean): number {
    const { count } = this;
    for (let index = 0; index < count; index++) {
      if (!to(this.#octets[index]!, this.#flows[index]!, this.#ats[index]!)) break;
    }
    this.count = 0;
    if (this.isFull()) this.#next = 0;
    return count;
  }
}
