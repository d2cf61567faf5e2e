/** A growing octet buffer that is written in order and reused. */
import { CR, DIGIT_0, LF } from "./ascii.ts";

const ENCODER = new TextEncoder();
/** The two hexadecimal digits of each octet value, the first one in the lower half of the number. */
const DIGIT_PAIRS: Uint16Array = Uint16Array.from({ length: 256 }, (_, value) => {
  const text = value.toString(16).padStart(2, "0");
  return text.charCodeAt(0) | text.charCodeAt(1) << 8;
});

/** Writes text, numbers and octets one after another; `view` is valid until the next write or `reset`. */
export class OctetWriter {
  /** Octets written so far. */
  length = 0;
  #octets: Uint8Array<ArrayBuffer>;
  /** Of the same memory, for several octets at once. */
  #words: DataView<ArrayBuffer>;
  /** The latest view: requests of one kind mostly have the same length, and a view costs more than 100 octets' copy. */
  #view: Uint8Array;

  /** `capacity`: octets reserved at first; it doubles when full. */
  constructor(capacity = 2048) {
    this.#octets = this.#view = new Uint8Array(capacity);
    this.#words = new DataView(this.#octets.buffer);
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

  /** Writes a copy of `length` octets of other memory from `from` on, eight at a time: what `copy` needs a view for. */
  copyWords(source: DataView, from: number, length: number): this {
    this.#reserve(length);
    const words = this.#words;
    const at = this.length;
    let done = 0;
    for (; done + 8 <= length; done += 8) {
      words.setBigInt64(at + done, source.getBigInt64(from + done, true), true);
    }
    for (; done < length; done++) words.setUint8(at + done, source.getUint8(from + done));
    this.length = at + length;
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
    const words = this.#words;
    words.setUint16(at, DIGIT_PAIRS[value >>> 24]!, true);
    words.setUint16(at + 2, DIGIT_PAIRS[(value >>> 16) & 255]!, true);
    words.setUint16(at + 4, DIGIT_PAIRS[(value >>> 8) & 255]!, true);
    words.setUint16(at + 6, DIGIT_PAIRS[value & 255]!, true);
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
    this.#words = new DataView(grown.buffer);
  }
}
