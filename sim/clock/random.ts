/** Chance, passed in: seeded streams that give the same numbers on every run. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";
import { exponentialOf, normalOf } from "./distributions.ts";

const HEXADECIMAL = "0123456789abcdef";
/** The digits of each octet, the lower four bits first. */
const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, i) => HEXADECIMAL[i & 15]! + HEXADECIMAL[i >>> 4]!);

/** What gives random numbers: a stream, or one that starts again for each key (`keyed_random.ts`). */
export interface Chance {
  /** A number in [0, 1). */
  uniform(): number;
  /** A whole number in [0, below). */
  integer(below: number): number;
  /** An exponentially distributed number with the given mean. */
  exponential(mean: number): number;
  /** A normally distributed number. */
  normal(mean?: number, deviation?: number): number;
}

/** One stream of random numbers. */
export class Random implements Chance {
  readonly #generator: JumpableRandomGenerator;

  /** Same seed, same stream; `stream` picks an independent one of the same seed. */
  constructor(seed: number, stream = 0) {
    this.#generator = xoroshiro128plus(mix(seed | 0, stream | 0));
  }

  /** A number in [0, 1). */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** A whole number in [0, below). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** An exponentially distributed number with the given mean: gaps of Poisson arrivals. */
  exponential(mean: number): number {
    return exponentialOf(this.uniform(), mean);
  }

  /** A normally distributed number. */
  normal(mean = 0, deviation = 1): number {
    return normalOf(this.uniform(), this.uniform(), mean, deviation);
  }

  /** 32 random bits, as a signed number. */
  bits(): number {
    return this.#generator.next();
  }

  /** `digits` hexadecimal digits, 4 random bits each. */
  hexadecimal(digits: number): string {
    let text = "";
    let bits = 0;
    for (let i = 0; i < digits; i += 2) {
      if (i % 8 === 0) bits = this.#generator.next();
      text += PAIRS[bits & 255]!;
      bits >>>= 8;
    }
    return text.length === digits ? text : text.slice(0, digits);
  }
}

/** Spreads seed and stream over 32 bits, so that neighbouring seeds do not give neighbouring streams. */
function mix(seed: number, stream: number): number {
  let value = Math.imul(seed ^ Math.imul(stream + 1, 0x9e3779b1), 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return value ^ (value >>> 16);
}
