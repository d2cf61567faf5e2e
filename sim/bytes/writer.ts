/** A growing octet buffer that is written in order and reused. */
import { CR, DIGIT_0, LF } from "./ascii.ts";

const ENCODER = new TextEncoder();
const HEXADECIMAL = ENCODER.encode("0123456789abcdef");

/** Writes text, numbers and octets one after another; `view` is valid until the next write or `reset`. */
export class OctetWriter {
  /** Octets written so far. */
  length = 0;
  #octets: Uint8Array;
  /** The latest view: requests of one kind mostly have the same length, and a view costs more than 100 octets' copy. */
  #view: Uint8Array;

  /** `capacity`: octets reserved at first; it doubles when full. */
  constructor(capacity = 2048) {
    this.#octets = this.#view = new Uint8Array(capacity);
  }

  /** Starts again at nothing; keeps the memory. */
  reset(): this {
    this.length = 0;
    return this;
  }

  /** Writes one octet. */
  octet(value: number): this {
    this.#reserve(1);
    this.#octets[this.length++] = value;
    return this;
  }

  /** Writes a string as UTF-8. */
  text(text: string): this {
    this.#reserve(text.length * 3);
    const octets = this.#octets;
    let at = this.length;
    // 48: beyond it encodeInto beats the loop, see writer_bench.ts
    if (text.length <= 48) {
      let i = 0;
      for (; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        octets[at + i] = code;
      }
      if (i === text.length) {
        this.length = at + i;
        return this;
      }
    }
    at += ENCODER.encodeInto(text, octets.subarray(at)).written;
    this.length = at;
    return this;
  }

  /** Writes a string and CR LF. */
  line(text: string): this {
    return this.text(text).crlf();
  }

  /** Writes CR LF. */
  crlf(): this {
    this.#reserve(2);
    this.#octets[this.length++] = CR;
    this.#octets[this.length++] = LF;
    return this;
  }

  /** Writes a copy of `[from, to)` of other octets. */
  copy(octets: Uint8Array, from = 0, to: number = octets.length): this {
    const size = to - from;
    this.#reserve(size);
    const own = this.#octets;
    const at = this.length;
    const isWhole = from === 0 && to === octets.length;
    // up to 24 and 64 a loop beats `set` and `subarray` with `set`, see writer_bench.ts
    if (size <= (isWhole ? 24 : 64)) { for (let i = 0; i < size; i++) own[at + i] = octets[from + i]!; }
    else own.set(isWhole ? octets : octets.subarray(from, to), at);
    this.length = at + size;
    return this;
  }

  /** Writes an unsigned whole number in decimal digits; throws for any other number. */
  decimal(value: number): this {
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`Cannot write ${value} in digits`);
    this.#reserve(16);
    let divisor = 1;
    while (value / divisor >= 10) divisor *= 10;
    for (let rest = value; divisor >= 1; divisor /= 10) {
      const digit = Math.floor(rest / divisor);
      this.#octets[this.length++] = DIGIT_0 + digit;
      rest -= digit * divisor;
    }
    return this;
  }

  /** Writes 32 bits as eight hexadecimal digits. */
  bits(value: number): this {
    this.#reserve(8);
    this.length += 8;
    return this.overwriteBits(this.length - 8, value);
  }

  /** Writes other octets over what was written at `at`. */
  overwrite(at: number, octets: Uint8Array): this {
    this.#octets.set(octets, at);
    return this;
  }

  /** Writes 32 bits as `bits` does over what was written at `at`. */
  overwriteBits(at: number, value: number): this {
    const octets = this.#octets;
    for (let i = 0; i < 8; i++) octets[at + i] = HEXADECIMAL[(value >>> (28 - 4 * i)) & 15]!;
    return this;
  }

  /** Forgets what was written from `length` on. */
  cut(length: number): this {
    this.length = length;
    return this;
  }

  /** What was written, without a copy: valid until the next write or `reset`. */
  view(): Uint8Array {
    const isSame = this.#view.length === this.length && this.#view.buffer === this.#octets.buffer;
    return isSame ? this.#view : this.#view = this.#octets.subarray(0, this.length);
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#octets.slice(0, this.length);
  }

  #reserve(extra: number): void {
    if (this.length + extra <= this.#octets.length) return;
    const grown = new Uint8Array(Math.max(this.#octets.length * 2, this.length + extra));
    grown.set(this.#octets.subarray(0, this.length));
    this.#octets = grown;
  }
}
