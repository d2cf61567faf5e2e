/** A run over time, in so few intervals that a page can show them: counters, gauges and latencies of each. */
import { gaugeMerge } from "../../metrics/catalogue.ts";
import { Histogram } from "../../metrics/histogram.ts";
import type { Snapshot } from "../../metrics/snapshot.ts";

/** Percentiles of one interval in microseconds. */
export interface LatencyPoint {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** How many samples of one interval fell into each bin; bins are `BINS_PER_DECADE` to a power of ten. */
export type Bins = ReadonlyMap<number, number>;

/** Bins of a heat map per power of ten of microseconds. */
export const BINS_PER_DECADE = 10;

/** A run in intervals of equal length; lists have one entry for each interval. */
export interface Timeline {
  /** Seconds in one interval. */
  readonly step: number;
  /** Second of the run at which each interval starts. */
  readonly starts: readonly number[];
  /** Seconds of which there are records; 0 where nothing was written. */
  readonly covered: readonly number[];
  /** Increments by name; an interval in which it did not count has 0. */
  readonly counters: ReadonlyMap<string, readonly number[]>;
  /** The highest value in each interval by name, workers merged; null where there is none. */
  readonly gauges: ReadonlyMap<string, readonly (number | null)[]>;
  /** Percentiles by name; null where nothing was recorded. */
  readonly latencies: ReadonlyMap<string, readonly (LatencyPoint | null)[]>;
  readonly bins: ReadonlyMap<string, readonly Bins[]>;
}

/** What of a run is wanted. */
export interface TimelineWish {
  /** Latencies whose percentiles are wanted. */
  readonly latencies: readonly string[];
  /** Latencies whose bins are wanted; they must be among `latencies`. */
  readonly bins: readonly string[];
  /** At most so many intervals. */
  readonly points: number;
}

const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600];

/** The shortest round length of intervals, seconds, with which `seconds` need at most `points` of them. */
export function stepFor(seconds: number, points: number): number {
  const least = seconds / points;
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / 3600) * 3600;
}

/** The timeline of a run; latencies are merged exactly, so nothing of a short stall is lost in a long interval. */
export function timelineOf(snapshots: readonly Snapshot[], wish: TimelineWish): Timeline {
  const last = snapshots.reduce((most, { index }) => Math.max(most, index), -1);
  const step = stepFor(last + 1, wish.points);
  const builder = new TimelineBuilder(Math.ceil((last + 1) / step), step, wish);
  const intervals = Map.groupBy(snapshots, ({ index }) => Math.floor(index / step));
  for (const [interval, members] of intervals) builder.fill(interval, members);
  return builder;
}

class TimelineBuilder implements Timeline {
  readonly step: number;
  readonly starts: readonly number[];
  readonly covered: number[];
  readonly counters = new Map<string, number[]>();
  readonly gauges = new Map<string, (number | null)[]>();
  readonly latencies = new Map<string, (LatencyPoint | null)[]>();
  readonly bins = new Map<string, Bins[]>();
  readonly #length: number;
  readonly #merged = new Histogram();

  constructor(length: number, step: number, wish: TimelineWish) {
    this.step = step;
    this.#length = length;
    this.starts = Array.from({ length }, (_, i) => i * step);
    this.covered = new Array(length).fill(0);
    for (const name of wish.latencies) this.latencies.set(name, new Array(length).fill(null));
    for (const name of wish.bins) this.bins.set(name, Array.from({ length }, () => new Map()));
  }

  /** Adds all snapshots of one interval. */
  fill(interval: number, members: readonly Snapshot[]): void {
    const seconds = Map.groupBy(members, ({ index }) => index);
    this.covered[interval] = seconds.size;
    for (const { counters } of members) {
      for (const [name, count] of Object.entries(counters)) this.#row(this.counters, name, 0)[interval]! += count;
    }
    for (const second of seconds.values()) {
      for (const [name, value] of mergedGauges(second)) {
        const row = this.#row<number | null>(this.gauges, name, null);
        row[interval] = Math.max(row[interval] ?? value, value);
      }
    }
    for (const [name, row] of this.latencies) this.#latency(interval, name, row, members);
  }

  #latency(interval: number, name: string, row: (LatencyPoint | null)[], members: readonly Snapshot[]): void {
    const merged = this.#merged;
    merged.reset();
    for (const { histograms } of members) {
      const encoding = histograms[name];
      if (encoding !== undefined) merged.addEncoded(encoding);
    }
    const count = merged.count();
    if (count === 0) return;
    const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((share) => merged.quantile(share));
    row[interval] = { count, p50: p50!, p90: p90!, p99: p99!, max: max! };
    const bins = this.bins.get(name)?.[interval] as Map<number, number> | undefined;
    if (bins === undefined) return;
    merged.forEachBucket((micros, samples) => {
      const bin = binOf(micros);
      bins.set(bin, (bins.get(bin) ?? 0) + samples);
    });
  }

  #row<T>(rows: Map<string, T[]>, name: string, empty: T): T[] {
    let row = rows.get(name);
    if (row === undefined) rows.set(name, row = new Array(this.#length).fill(empty));
    return row;
  }
}

/** The bin of a latency in microseconds; 0 µs is in that of 1 µs. */
export function binOf(micros: number): number {
  // values on a power of ten must not fall below it by rounding
  return Math.floor(Math.log10(Math.max(1, micros)) * BINS_PER_DECADE + 1e-9);
}

/** The lower end of a bin in microseconds. */
export function startOfBin(bin: number): number {
  return 10 ** (bin / BINS_PER_DECADE);
}

function mergedGauges(workers: readonly Snapshot[]): Map<string, number> {
  const merged = new Map<string, number>();
  for (const { gauges } of workers) {
    for (const [name, value] of Object.entries(gauges)) {
      const before = merged.get(name);
      if (before === undefined) merged.set(name, value);
      else merged.set(name, gaugeMerge(name) === "sum" ? before + value : Math.max(before, value));
    }
  }
  return merged;
}
