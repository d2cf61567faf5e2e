/** The distribution of a latency over the latest seconds: what enters is added, what leaves is taken away again. */
import { Histogram } from "../metrics/histogram.ts";
import type { Statistic } from "../metrics/threshold.ts";

/** Pairs of a bucket's highest value in microseconds and its count. */
type Buckets = readonly (readonly [micros: number, count: number])[];

/** A latency over a window of seconds, exact to the resolution of HdrHistogram's buckets. */
export class WindowLatency {
  readonly #seconds: Buckets[] = [];
  readonly #counts: Map<number, number> = new Map();
  #total = 0;
  readonly #length: number;

  /** `length`: seconds of the window. */
  constructor(length: number) {
    this.#length = length;
  }

  /** Takes one more second in, and the oldest out where the window is full. */
  add(encodings: readonly Uint8Array[]): void {
    const histogram = encodings.length === 0 ? undefined : new Histogram();
    for (const encoding of encodings) histogram!.addEncoded(encoding);
    const buckets: [number, number][] = [];
    histogram?.forEachBucket((micros, count) => buckets.push([micros, count]));
    this.#shift(buckets, 1);
    this.#seconds.push(buckets);
    if (this.#seconds.length > this.#length) this.#shift(this.#seconds.shift()!, -1);
  }

  /** How many values are in the window. */
  count(): number {
    return this.#total;
  }

  /** A figure of the window in microseconds, or its count; null without values. */
  statistic(statistic: Statistic): number | null {
    if (statistic === "count") return this.#total;
    if (this.#total === 0) return null;
    const values = [...this.#counts.keys()].sort((a, b) => a - b);
    switch (statistic) {
      case "min":
        return values[0]!;
      case "max":
        return values.at(-1)!;
      case "mean":
        return Math.round(this.#mean());
      case "stdev":
        return Math.round(this.#deviation());
      default:
        return this.#quantile(values, statistic);
    }
  }

  #shift(buckets: Buckets, sign: 1 | -1): void {
    for (const [micros, count] of buckets) {
      const after = (this.#counts.get(micros) ?? 0) + sign * count;
      if (after === 0) this.#counts.delete(micros);
      else this.#counts.set(micros, after);
      this.#total += sign * count;
    }
  }

  /** As HdrHistogram rounds: the value that this many of all, rounded up, do not exceed. */
  #quantile(values: readonly number[], share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#total - 1e-9));
    let seen = 0;
    for (const value of values) {
      seen += this.#counts.get(value)!;
      if (seen >= wanted) return value;
    }
    return values.at(-1)!;
  }

  #mean(): number {
    let sum = 0;
    for (const [micros, count] of this.#counts) sum += micros * count;
    return sum / this.#total;
  }

  #deviation(): number {
    const mean = this.#mean();
    let sum = 0;
    for (const [micros, count] of this.#counts) sum += (micros - mean) ** 2 * count;
    return Math.sqrt(sum / this.#total);
  }
}
