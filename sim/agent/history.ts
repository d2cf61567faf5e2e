/** What was counted so far, in all and since any earlier moment that is still kept. */
import { gaugeMerge } from "../metrics/catalogue.ts";
import type { LatencySummary } from "../metrics/histogram.ts";
import { type Snapshot, Totals, totalsOf } from "../metrics/snapshot.ts";

/** Snapshots kept for windows: ten minutes of four workers. */
const KEPT = 2400;

/** Counts and latencies of a stretch of a run. */
export interface Figures {
  readonly counters: Readonly<Record<string, number>>;
  readonly latencies: Readonly<Record<string, LatencySummary>>;
}

/** Adds snapshots up as they come; each has a sequence number, from 1. */
export class History {
  /** Of the latest snapshot; 0 before the first. */
  sequence = 0;
  /** Of all snapshots. */
  readonly totals: Totals = new Totals();
  readonly #kept: Snapshot[] = [];
  /** Latest gauges by worker. */
  readonly #gauges: Map<number, Readonly<Record<string, number>>> = new Map();

  /** Adds one second of one worker. */
  add(snapshot: Snapshot): void {
    this.sequence++;
    this.totals.add(snapshot);
    this.#kept.push(snapshot);
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#gauges.set(snapshot.worker, snapshot.gauges);
  }

  /** The earliest sequence number, not before `since`, after which everything is kept. */
  sinceWhen(since: number): number {
    return Math.min(this.sequence, Math.max(since, this.sequence - this.#kept.length));
  }

  /** What came after the sequence number `since`, as far as it is kept. */
  window(since: number): Figures {
    const from = this.sinceWhen(since) - (this.sequence - this.#kept.length);
    return figuresOf(totalsOf(this.#kept.slice(from)));
  }

  /** What came since the beginning. */
  total(): Figures {
    return figuresOf(this.totals);
  }

  /** The latest values, of all workers merged. */
  gauges(): Record<string, number> {
    const merged: Record<string, number> = {};
    for (const gauges of this.#gauges.values()) {
      for (const [name, value] of Object.entries(gauges)) {
        const before = merged[name];
        merged[name] = before === undefined
          ? value
          : gaugeMerge(name) === "sum"
          ? before + value
          : Math.max(before, value);
      }
    }
    return merged;
  }

  /** Encodings of all latencies by name, HdrHistogram V2. */
  histograms(): Record<string, Uint8Array> {
    return Object.fromEntries([...this.totals.latencies].map(([name, latency]) => [name, latency.encode()]));
  }
}

function figuresOf(totals: Totals): Figures {
  return {
    counters: { ...totals.counters },
    latencies: Object.fromEntries([...totals.latencies].map(([name, latency]) => [name, latency.summary()])),
  };
}
