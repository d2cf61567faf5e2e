/** Octets of a stream on their way to whole messages. */
import type { Framer } from "./flow.ts";
import { type Blocks, NEW_BLOCKS } from "./spare_block.ts";

/** Room for a few SIP messages: many connections of a load run are idle most of the time. */
const FIRST_CAPACITY = 4096;
/** Less room than this is not worth a call to the kernel. */
const LEAST_ROOM = 2048;
/** An emptied buffer beyond this size is given back, so that one large message does not cost memory for ever. */
const KEPT_CAPACITY = 262144;

/** What a framer says of a message beyond its limits. */
const TOO_LARGE = -2;

/** One buffer that the kernel fills and a framer cuts; every octet is moved a constant number of times on average. */
export class InboundBuffer {
  readonly #framer: Framer;
  readonly #blocks: Blocks;
  #octets: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #from = 0;
  #to = 0;

  /** `framer` must be used for this stream alone; `blocks` lends the memory for large messages. */
  constructor(framer: Framer, blocks: Blocks = NEW_BLOCKS) {
    this.#framer = framer;
    this.#blocks = blocks;
  }

  /** Where the next octets go; tell `took` how many came. Messages given before are no longer valid. */
  room(): Uint8Array {
    const held = this.#to - this.#from;
    if (held === 0) {
      this.#from = this.#to = 0;
      if (this.#octets.length > KEPT_CAPACITY) this.#replace(new Uint8Array(FIRST_CAPACITY));
    } else if (this.#octets.length - this.#to < LEAST_ROOM) this.#makeRoom(held);
    return this.#octets.subarray(this.#to);
  }

  /** `count` octets were written to the beginning of `room`. */
  took(count: number): void {
    this.#to += count;
  }

  /** The next whole message, valid until `room` is called, or why there is none. */
  next(): Uint8Array | "incomplete" | "malformed" | "too_large" {
    if (this.#from === this.#to) return "incomplete";
    const length = this.#framer.frame(this.#octets, this.#from, this.#to);
    if (length === 0) return "incomplete";
    if (length < 0) return length === TOO_LARGE ? "too_large" : "malformed";
    if (length > this.#to - this.#from) {
      throw new RangeError(`Cannot cut a message of ${length} octets: only ${this.#to - this.#from} are there`);
    }
    this.#from += length;
    return this.#octets.subarray(this.#from - length, this.#from);
  }

  /** What no message was made of yet. */
  rest(): Uint8Array {
    return this.#octets.subarray(this.#from, this.#to);
  }

  /** Nothing more will come: gives up what is held. */
  release(): void {
    this.#from = this.#to = 0;
    this.#replace(new Uint8Array(0));
  }

  #replace(octets: Uint8Array): void {
    if (this.#octets.length > KEPT_CAPACITY) this.#blocks.give(this.#octets);
    this.#octets = octets;
  }

  /**
   * Moves what is held to the front where that frees at least half of the buffer, else takes twice the buffer; instead of
   * a large one as much as is announced, at least four times: copying to new memory costs more than all the rest there,
   * and what is not used costs nothing.
   */
  #makeRoom(held: number): void {
    if (held <= this.#octets.length / 2) this.#octets.copyWithin(0, this.#from, this.#to);
    else {
      const { length } = this.#octets;
      const announced = length < KEPT_CAPACITY ? 0 : this.#framer.announced?.(this.#octets, this.#from, this.#to) ?? 0;
      const wanted = Math.max(length * (length < KEPT_CAPACITY ? 2 : 4), announced + LEAST_ROOM);
      const grown = wanted > KEPT_CAPACITY ? this.#blocks.take(wanted) : new Uint8Array(wanted);
      grown.set(this.rest());
      this.#replace(grown);
    }
    this.#from = 0;
    this.#to = held;
  }
}
