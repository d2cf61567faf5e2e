/** Copies of octets that outlive a call, cut from large blocks. */

/** 65536: one block holds about a hundred SIP messages, so a block costs nearly nothing per message. */
const BLOCK_SIZE = 65536;

/**
 * Keeps copies for as long as someone refers to them; a block is freed with its last copy. About five times cheaper for
 * a SIP message than an `ArrayBuffer` for each, see udp_bench.ts.
 */
export class Slab {
  #block: Uint8Array = new Uint8Array(BLOCK_SIZE);
  #used = 0;

  /** A copy of the octets. */
  keep(octets: Uint8Array): Uint8Array {
    const size = octets.length;
    if (size > BLOCK_SIZE) return octets.slice();
    if (this.#used + size > BLOCK_SIZE) {
      this.#block = new Uint8Array(BLOCK_SIZE);
      this.#used = 0;
    }
    const copy = this.#block.subarray(this.#used, this.#used + size);
    copy.set(octets);
    this.#used += size;
    return copy;
  }
}
