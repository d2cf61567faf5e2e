/** Copies of messages for the time of a transaction. */

/** Octets taken from the engine at once: about a hundred messages. */
const SLAB_SIZE = 64 * 1024;
/** Beyond it a message gets memory of its own, so that the rest of a slab is not wasted. */
const LARGEST_SHARED = 4 * 1024;

/**
 * Keeps copies of messages side by side in large pieces of memory: a third of what a copy of its own costs, see
 * slab_bench.ts. A piece is free again when the last copy in it is forgotten, so it is for copies that all end soon.
 */
export class Slab {
  #octets = new Uint8Array(SLAB_SIZE);
  #used = 0;

  /** A copy, as a view of its own. */
  keep(octets: Uint8Array): Uint8Array {
    const { length } = octets;
    if (length > LARGEST_SHARED) return octets.slice();
    const from = this.place(octets);
    return this.#octets.subarray(from, from + length);
  }

  /** Makes a copy and gives where it begins in `piece()`: without a view, which costs more than the copy. */
  place(octets: Uint8Array): number {
    const { length } = octets;
    if (this.#used + length > this.#octets.length) {
      this.#octets = new Uint8Array(Math.max(SLAB_SIZE, length));
      this.#used = 0;
    }
    const from = this.#used;
    this.#octets.set(octets, from);
    this.#used += length;
    return from;
  }

  /** The memory in which the latest copy lies. */
  piece(): Uint8Array {
    return this.#octets;
  }
}
