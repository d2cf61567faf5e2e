/** Latencies in HdrHistogram: 1 µs to 1 h, three significant digits, 64-bit counts. */
import { build, type JsHistogram } from "hdr-histogram-js";
import type { Millis } from "../clock/clock.ts";

/** The longest latency that is told apart: 1 h, in microseconds. */
export const MAX_MICROS = 3_600_000_000;

/** HdrHistogram's V2 encoding, uncompressed; the low half octet says words are ZigZag LEB128. */
const V2_COOKIE = 0x1c849303 | 0x10;
const HEADER_SIZE = 40;
const DIGITS = 3;
const PAGE = 64;
const TWO_POW_32 = 2 ** 32;
/** Pairs of index and count while an encoding is read; there are fewer than 65,536 buckets. */
const DECODED = new Float64Array(2 * 65_536);

/** The figures of a latency as reports give them: whole microseconds, null without samples. */
export interface LatencySummary {
  readonly count: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly stdev: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** A distribution of latencies; adding histograms loses nothing. */
export class Histogram {
  /** Values outside 0 to 1 h, recorded at the bound. */
  overflows = 0;
  readonly #counts = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_MICROS,
    numberOfSignificantValueDigits: DIGITS,
    autoResize: false,
    useWebAssembly: false,
  }) as JsHistogram;
  /** Which runs of `PAGE` buckets have any count, so that an encoding passes over thousands of empty ones. */
  readonly #pages = new Uint8Array(Math.ceil(this.#counts.countsArrayLength / PAGE));

  /** Records one latency; below 0 and beyond 1 h at the bound, counted in `overflows`. Throws on NaN. */
  record(value: Millis): void {
    let micros = Math.round(value * 1000);
    if (!(micros >= 0 && micros <= MAX_MICROS)) {
      if (Number.isNaN(micros)) throw new RangeError("Cannot record a latency: it is not a number");
      this.overflows++;
      micros = micros < 0 ? 0 : MAX_MICROS;
    }
    // the same as its recordValue in half the time, see histogram_bench.ts
    const counts = this.#counts;
    const index = bucketIndexOf(micros);
    this.#pages[Math.floor(index / PAGE)] = 1;
    counts.incrementCountAtIndex(index);
    counts.incrementTotalCount();
    if (micros > counts.maxValue) counts.maxValue = micros;
    if (micros < counts.minNonZeroValue && micros > 0) counts.minNonZeroValue = micros;
  }

  /** How many values it holds. */
  count(): number {
    return this.#counts.totalCount;
  }

  /** The value in microseconds that `share` (0 to 1) of all values do not exceed; 0 when empty. */
  quantile(share: number): number {
    return this.#counts.getValueAtPercentile(share * 100);
  }

  /** The arithmetic mean in microseconds; 0 when empty. */
  mean(): number {
    return this.#counts.mean;
  }

  /** The standard deviation in microseconds; 0 when empty. */
  deviation(): number {
    return this.#counts.stdDeviation;
  }

  /** How many values are at most each of `bounds`, ascending microseconds, to the resolution of a bucket; one pass. */
  countsAtMost(bounds: readonly number[]): number[] {
    const counts = this.#counts;
    const limit = this.#limit();
    let sum = 0;
    let i = 0;
    return bounds.map((bound) => {
      const end = Math.min(limit, counts.countsArrayIndex(Math.max(0, Math.min(bound, MAX_MICROS))) + 1);
      for (; i < end; i++) sum += counts.getCountAtIndex(i);
      return sum;
    });
  }

  /** Calls `visit` for each non-empty bucket, ascending, with its highest value in microseconds and its count. */
  forEachBucket(visit: (micros: number, count: number) => void): void {
    const counts = this.#counts;
    const limit = this.#limit();
    for (let i = 0; i < limit; i++) {
      const count = counts.getCountAtIndex(i);
      if (count > 0) visit(counts.highestEquivalentValue(counts.valueFromIndex(i)), count);
    }
  }

  /** Adds all values of another histogram. */
  add(other: Histogram): void {
    const counts = this.#counts;
    const added = other.#counts;
    other.#forEachUsed((i) => counts.addToCountAtIndex(i, added.getCountAtIndex(i)));
    other.#pages.forEach((used, page) => this.#pages[page]! |= used);
    counts.setTotalCount(counts.totalCount + added.totalCount);
    counts.maxValue = Math.max(counts.maxValue, added.maxValue);
    counts.minNonZeroValue = Math.min(counts.minNonZeroValue, added.minNonZeroValue);
    this.overflows += other.overflows;
  }

  /** Forgets every value; keeps the memory. */
  reset(): void {
    const counts = this.#counts;
    this.#forEachUsed((i) => counts.setCountAtIndex(i, 0));
    counts.setTotalCount(0);
    counts.maxValue = 0;
    counts.minNonZeroValue = Number.MAX_SAFE_INTEGER;
    this.#pages.fill(0);
    this.overflows = 0;
  }

  /** The figures reports give. */
  summary(): LatencySummary {
    const count = this.count();
    if (count === 0) return EMPTY_SUMMARY;
    return {
      count,
      min: this.quantile(0),
      mean: Math.round(this.mean()),
      stdev: Math.round(this.deviation()),
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      max: this.quantile(1),
    };
  }

  /**
   * HdrHistogram's V2 encoding, uncompressed, which every HdrHistogram reads.
   *
   * Big endian: cookie, payload length, normalising offset, digits: 32 bits each; lowest
   * and highest value and conversion ratio: 64 bits each; then counts as ZigZag LEB128, a negative one for a run of zeros.
   */
  encode(): Uint8Array {
    const limit = this.#limit();
    const octets = new Uint8Array(HEADER_SIZE + 2 * limit + 9 * Math.min(limit, this.count()));
    let at = HEADER_SIZE;
    for (let i = 0; i < limit; i++) {
      const from = i;
      i = this.#nextUsed(i, limit);
      if (i > from) at = writeZigZag(octets, at, i - from === 1 ? 0 : from - i);
      if (i < limit) at = writeZigZag(octets, at, this.#counts.getCountAtIndex(i));
    }
    const header = new DataView(octets.buffer);
    header.setInt32(0, V2_COOKIE);
    header.setInt32(4, at - HEADER_SIZE);
    header.setInt32(12, DIGITS);
    header.setUint32(20, 1);
    header.setUint32(24, Math.floor(MAX_MICROS / TWO_POW_32));
    header.setUint32(28, MAX_MICROS % TWO_POW_32);
    header.setUint32(36, 1);
    return octets.slice(0, at);
  }

  /** Adds the values of an encoding; false, and nothing added, when it is none of this range and resolution. */
  addEncoded(octets: Uint8Array): boolean {
    if (octets.length < HEADER_SIZE) return false;
    const header = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    const end = HEADER_SIZE + header.getInt32(4);
    const fits = header.getInt32(0) === V2_COOKIE && header.getInt32(12) === DIGITS && header.getUint32(20) === 1 &&
      header.getUint32(28) === MAX_MICROS && end === octets.length;
    if (!fits) return false;
    let found = 0;
    let index = 0;
    for (let at = HEADER_SIZE; at < end;) {
      at = readZigZag(octets, at, end);
      if (at < 0) return false;
      if (zigZag > 0) {
        if (index >= this.#counts.countsArrayLength) return false;
        DECODED[found++] = index;
        DECODED[found++] = zigZag;
      }
      index += zigZag < 0 ? -zigZag : 1;
    }
    if (found > 0) this.#addDecoded(found);
    return true;
  }

  /** A histogram of the values of an encoding; undefined when it is none of this range and resolution. */
  static decode(octets: Uint8Array): Histogram | undefined {
    const histogram = new Histogram();
    return histogram.addEncoded(octets) ? histogram : undefined;
  }

  /** Adds the pairs of index and count that `addEncoded` left in `DECODED`. */
  #addDecoded(length: number): void {
    const counts = this.#counts;
    let total = 0;
    for (let i = 0; i < length; i += 2) {
      counts.addToCountAtIndex(DECODED[i]!, DECODED[i + 1]!);
      this.#pages[Math.floor(DECODED[i]! / PAGE)] = 1;
      total += DECODED[i + 1]!;
    }
    counts.setTotalCount(counts.totalCount + total);
    // the upper end of the highest bucket, as the library takes it when it decodes
    const highest = counts.highestEquivalentValue(counts.valueFromIndex(DECODED[length - 2]!));
    counts.maxValue = Math.max(counts.maxValue, highest);
    const lowest = counts.valueFromIndex(DECODED[0]!);
    counts.minNonZeroValue = Math.min(counts.minNonZeroValue, Math.max(lowest, 1));
  }

  #forEachUsed(visit: (index: number) => void): void {
    const limit = this.#limit();
    for (let i = this.#nextUsed(0, limit); i < limit; i = this.#nextUsed(i + 1, limit)) visit(i);
  }

  /** Index of the first bucket from `from` on that has a count; `limit` when there is none. */
  #nextUsed(from: number, limit: number): number {
    let i = from;
    while (i < limit) {
      if (i % PAGE === 0 && this.#pages[i / PAGE] === 0) i += PAGE;
      else if (this.#counts.getCountAtIndex(i) === 0) i++;
      else return i;
    }
    return limit;
  }

  /** One more than the index of the highest bucket in use. */
  #limit(): number {
    return this.count() === 0 ? 0 : this.#counts.countsArrayIndex(this.#counts.maxValue) + 1;
  }
}

const EMPTY_SUMMARY: LatencySummary = {
  count: 0,
  min: null,
  mean: null,
  stdev: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  p999: null,
  max: null,
};

/** The library's index of a value with three digits: values below 2048 one by one, then 1024 to each power of two. */
function bucketIndexOf(micros: number): number {
  if (micros < 2048) return micros;
  const power = 21 - Math.clz32(micros);
  return power * 1024 + Math.floor(micros / 2 ** power);
}

/** Writes a signed number as ZigZag LEB128; gives the next index. Counts stay below 2^52. */
function writeZigZag(octets: Uint8Array, at: number, value: number): number {
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 0x80) {
    octets[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  octets[at++] = rest;
  return at;
}

/** What `readZigZag` read last: a second result without an object for each bucket. */
let zigZag = 0;

/** Reads a number into `zigZag`; gives the next index, or -1 when the octets end inside it or it is beyond 2^53. */
function readZigZag(octets: Uint8Array, from: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let at = from; at < end && at - from < 7; at++) {
    const octet = octets[at]!;
    value += (octet & 0x7f) * scale;
    if (octet < 0x80) {
      zigZag = value % 2 === 1 ? -(value + 1) / 2 : value / 2;
      return at + 1;
    }
    scale *= 0x80;
  }
  return -1;
}
