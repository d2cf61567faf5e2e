/** Hashes of octets, to tell whether something was seen without keeping it. */

/** Where FNV-1a begins, and what it multiplies by. */
const SEED = 0x811c9dc5;
const PRIME = 0x01000193;

/** The 32 bits of FNV-1a over `[from, to)`, continued from `seed`: unsigned. */
export function hashOctets(octets: Uint8Array, from: number, to: number, seed = SEED): number {
  let hash = seed | 0;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ octets[at]!, PRIME);
  return hash >>> 0;
}

/** The same over the units of a text, the whole by default: that of its octets where it is ASCII. */
export function hashText(text: string, from = 0, to: number = text.length): number {
  let hash = SEED | 0;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash >>> 0;
}

/** Where the second half of a key begins. */
const OTHER_SEED = 0x9747b28c;
/** Of the second half: both together are a whole number below 2^53. */
const HIGH_BITS = 0x1f_ffff;

/**
 * A number that stands for octets from several places: 53 bits of two hashes that have nothing in common. With 250,000
 * keys remembered, one new one in 36 billion is taken for another.
 */
export class KeyHash {
  #low = 0;
  #high = 0;

  /** Begins with nothing. */
  reset(): this {
    this.#low = SEED;
    this.#high = OTHER_SEED;
    return this;
  }

  /** Takes the octets `[from, to)` in. */
  octets(octets: Uint8Array, from: number, to: number): this {
    let low = this.#low;
    let high = this.#high;
    for (let at = from; at < to; at++) {
      const octet = octets[at]!;
      low = Math.imul(low ^ octet, PRIME);
      high = Math.imul(high ^ octet, 0x5bd1e995);
      high ^= high >>> 15;
    }
    this.#low = low;
    this.#high = high;
    return this;
  }

  /** Takes a text in. */
  text(text: string): this {
    for (let at = 0; at < text.length; at++) this.number(text.charCodeAt(at));
    return this;
  }

  /** Takes 32 bits in. */
  number(value: number): this {
    this.#low = Math.imul(this.#low ^ value, PRIME);
    const high = Math.imul(this.#high ^ value, 0x5bd1e995);
    this.#high = high ^ high >>> 15;
    return this;
  }

  /** The key: a whole number from 0 to 2^53 - 1. */
  key(): number {
    return (this.#high & HIGH_BITS) * 2 ** 32 + (this.#low >>> 0);
  }
}
