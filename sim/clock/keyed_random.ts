/** Chance that can be looked up: the numbers of a key are the same whoever asks for them, and in whatever order. */
import { exponentialOf, normalOf } from "./distributions.ts";
import type { Chance } from "./random.ts";

const GOLDEN = 0x9e3779b9;

/** A stream of random numbers that starts again for each key; 32 bits a number. */
export class KeyedRandom implements Chance {
  readonly #seed: number;
  #state = 0;

  /** Same seed and stream, same numbers of each key. */
  constructor(seed: number, stream = 0) {
    this.#seed = mixed((seed | 0) ^ Math.imul(stream + 1, GOLDEN));
  }

  /** Goes to the beginning of the numbers of a key: two whole numbers below 2^32. */
  rekey(first: number, second: number): void {
    this.#state = mixed(mixed(this.#seed ^ Math.imul(first + 1, 0x85ebca6b)) ^ Math.imul(second + 1, 0xc2b2ae35));
  }

  /** A number in [0, 1). */
  uniform(): number {
    this.#state = (this.#state + GOLDEN) | 0;
    return (mixed(this.#state) >>> 0) / 2 ** 32;
  }

  /** A whole number in [0, below). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** An exponentially distributed number with the given mean. */
  exponential(mean: number): number {
    return exponentialOf(this.uniform(), mean);
  }

  /** A normally distributed number. */
  normal(mean = 0, deviation = 1): number {
    return normalOf(this.uniform(), this.uniform(), mean, deviation);
  }
}

/** 32 bits in which every bit of the argument counts. */
function mixed(bits: number): number {
  let value = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b);
  return value ^ (value >>> 16);
}
