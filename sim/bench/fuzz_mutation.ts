/** Damage for fuzzing: samples changed a little, put together or blown up, all from one seed. */
import { concatenate } from "../bytes/concatenate.ts";
import type { Random } from "../clock/random.ts";

/** Octets of the largest input. */
export const MAX_INPUT = 70_000;

const NUMBERS = [
  "0",
  "-1",
  "1",
  "255",
  "65536",
  "2147483648",
  "4294967296",
  "999999999999999",
  "1e9",
  "99999999999999999999",
];
const PIECES = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  " ",
  "\t",
  "\r\n ",
  ":",
  ";",
  ",",
  '"',
  "<",
  ">",
  "=",
  "\\",
  "/",
  "@",
  "[",
  "]",
  "%",
  "\0",
];
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** Makes inputs of samples. */
export class Mutator {
  readonly #random: Random;
  readonly #words: readonly Uint8Array[];

  /** `words` of the language that is fuzzed are put in, beside numbers and separators. */
  constructor(random: Random, words: readonly string[]) {
    this.#random = random;
    this.#words = [...words, ...PIECES, ...NUMBERS].map((word) => new TextEncoder().encode(word));
  }

  /** One in eight inputs is nothing but random octets, one in eight the sample itself; others have up to six changes. */
  mutate(sample: Uint8Array, other: Uint8Array): Uint8Array {
    const random = this.#random;
    const kind = random.integer(8);
    if (kind === 0) return Uint8Array.from({ length: random.integer(300) }, () => random.integer(256));
    if (kind === 1) return sample.slice();
    let octets = sample;
    for (let changes = 1 + random.integer(6); changes > 0; changes--) octets = this.#change(octets, other);
    return octets === sample ? sample.slice() : octets.slice(0, MAX_INPUT);
  }

  #change(octets: Uint8Array, other: Uint8Array): Uint8Array {
    const random = this.#random;
    const at = random.integer(octets.length + 1);
    const end = Math.min(octets.length, at + random.integer(random.integer(4) === 0 ? 200 : 6));
    const word = this.#words[random.integer(this.#words.length)]!;
    switch (random.integer(9)) {
      case 0:
        return concatenate([octets.subarray(0, at), Uint8Array.of(random.integer(256)), octets.subarray(at + 1)]);
      case 1:
        return concatenate([octets.subarray(0, at), octets.subarray(end)]);
      case 2:
        return concatenate([octets.subarray(0, at), word, octets.subarray(at)]);
      case 3:
        return concatenate([octets.subarray(0, at), word, octets.subarray(end)]);
      case 4:
        return concatenate([octets.subarray(0, end), octets.subarray(at)]);
      case 5:
        return octets.slice(0, at);
      case 6:
        return concatenate([octets.subarray(0, at), other.subarray(random.integer(other.length + 1))]);
      case 7:
        return random.integer(20) === 0 ? this.#blowUp(octets, at, end, word) : octets;
      default:
        return this.#renumber(octets, at);
    }
  }

  /** Repeats a word or a part so often that limits are met. */
  #blowUp(octets: Uint8Array, at: number, end: number, word: Uint8Array): Uint8Array {
    const part = this.#random.integer(2) === 0 || end === at ? word : octets.slice(at, end);
    const times = Math.min(this.#random.integer(5000), Math.floor((MAX_INPUT - octets.length) / part.length));
    return concatenate([
      octets.subarray(0, at),
      ...Array<Uint8Array>(Math.max(0, times)).fill(part),
      octets.subarray(at),
    ]);
  }

  /** Puts another number in the place of the next one. */
  #renumber(octets: Uint8Array, from: number): Uint8Array {
    let at = from;
    while (at < octets.length && !isDigit(octets[at]!)) at++;
    let end = at;
    while (end < octets.length && isDigit(octets[end]!)) end++;
    const number = new TextEncoder().encode(NUMBERS[this.#random.integer(NUMBERS.length)]!);
    return concatenate([octets.subarray(0, at), number, octets.subarray(end)]);
  }
}

function isDigit(octet: number): boolean {
  return octet >= DIGIT_0 && octet <= DIGIT_9;
}
