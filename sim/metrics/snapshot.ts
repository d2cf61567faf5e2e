/** One second of one worker, and how seconds and workers add up. */
import type { Millis } from "../clock/clock.ts";
import { gaugeMerge } from "./catalogue.ts";
import { Histogram } from "./histogram.ts";

/** What one worker counted in one interval; may be passed between workers. */
export interface Snapshot {
  /** From 0. */
  readonly worker: number;
  /** Second of the run, from 0. */
  readonly index: number;
  /** End of the interval, since the run started. */
  readonly at: Millis;
  /** Increments by name; counters at 0 are left out. */
  readonly counters: Readonly<Record<string, number>>;
  /** Values at the end of the interval. */
  readonly gauges: Readonly<Record<string, number>>;
  /** HdrHistogram V2 encodings by name; empty ones are left out. */
  readonly histograms: Readonly<Record<string, Uint8Array>>;
}

/** The sum of snapshots. */
export class Totals {
  /** Sums by name. */
  readonly counters: Record<string, number> = {};
  /** Merged distributions by name; absent when nothing was recorded. */
  readonly latencies: Map<string, Histogram> = new Map();
  /** Encodings that could not be read. */
  unreadable = 0;

  /** Adds one snapshot; exact for counters and latencies. */
  add(snapshot: Snapshot): this {
    for (const [name, count] of Object.entries(snapshot.counters)) this.counters[name] = this.counter(name) + count;
    for (const [name, encoding] of Object.entries(snapshot.histograms)) {
      let histogram = this.latencies.get(name);
      if (histogram === undefined) this.latencies.set(name, histogram = new Histogram());
      if (!histogram.addEncoded(encoding)) this.unreadable++;
    }
    return this;
  }

  /** The sum of one counter, 0 when it never counted. */
  counter(name: string): number {
    return this.counters[name] ?? 0;
  }
}

/** The sum of all snapshots. */
export function totalsOf(snapshots: Iterable<Snapshot>): Totals {
  const totals = new Totals();
  for (const snapshot of snapshots) totals.add(snapshot);
  return totals;
}

/**
 * Snapshots of several workers as one, exact for counters and latencies; gauges are added or the highest is taken, as
 * the catalogue says. Worker, index and moment are the latest one's unless `as` gives them.
 */
export function mergeSnapshots(snapshots: readonly Snapshot[], as: Partial<Snapshot> = {}): Snapshot {
  const totals = totalsOf(snapshots);
  const gauges: Record<string, number> = {};
  for (const snapshot of snapshots) {
    for (const [name, value] of Object.entries(snapshot.gauges)) {
      const before = gauges[name];
      if (before === undefined) gauges[name] = value;
      else gauges[name] = gaugeMerge(name) === "sum" ? before + value : Math.max(before, value);
    }
  }
  const latest = snapshots.reduce((a, b) => (b.index > a.index ? b : a), snapshots[0] ?? NOTHING);
  return {
    worker: as.worker ?? latest.worker,
    index: as.index ?? latest.index,
    at: as.at ?? latest.at,
    counters: totals.counters,
    gauges,
    histograms: Object.fromEntries([...totals.latencies].map(([name, latency]) => [name, latency.encode()])),
  };
}

const NOTHING: Snapshot = { worker: 0, index: 0, at: 0, counters: {}, gauges: {}, histograms: {} };
