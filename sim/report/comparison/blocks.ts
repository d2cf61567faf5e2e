/** A run cut into blocks of seconds, from which resampled runs are made. */
import { type Snapshot, Totals, totalsOf } from "../../metrics/snapshot.ts";
import { secondsOf } from "../series.ts";

/** Non-empty buckets of a distribution, ascending. */
export interface Buckets {
  /** The highest value of each, in microseconds. */
  readonly micros: readonly number[];
  readonly counts: readonly number[];
}

/** Neighbouring seconds, added up. */
export interface Block {
  /** How many seconds of load. */
  readonly seconds: number;
  readonly counters: Readonly<Record<string, number>>;
  /** Sums of gauges over the seconds that had them, and how many these were. */
  readonly gauges: ReadonlyMap<string, { readonly sum: number; readonly count: number }>;
  readonly latencies: ReadonlyMap<string, Buckets>;
  /** As `seconds` and `counters` without the first and the last second of the load, in which it was on for a part only. */
  readonly inner: { readonly seconds: number; readonly counters: Readonly<Record<string, number>> };
}

/** Fewer blocks than these say nothing about how much a run varies. */
export const MIN_BLOCKS = 5;
const MAX_BLOCKS = 60;

/** How many blocks so many seconds are cut into; neighbouring seconds stay together, as what happens in them does. */
export function blockCountOf(seconds: number): number {
  const length = seconds < 30 ? 1 : Math.round(Math.cbrt(seconds));
  return Math.min(MAX_BLOCKS, Math.floor(seconds / length));
}

/**
 * The seconds of load of a run, ascending: from the first in which a message counted to the last, so without what lies
 * in a warm-up before. What became known after the last one belongs to it.
 */
export function loadSecondsOf(snapshots: readonly Snapshot[]): Snapshot[][] {
  const seconds = [...secondsOf(snapshots)];
  const isLoad = (second: Snapshot): boolean => (second.counters["messages.attempted"] ?? 0) > 0;
  const first = seconds.findIndex(isLoad);
  const last = seconds.findLastIndex(isLoad);
  if (first < 0) return [];
  const load = seconds.slice(first, last + 1).map((second) => [second]);
  load.at(-1)!.push(...seconds.slice(last + 1));
  return load;
}

/** Cuts seconds, which stand for `duration` seconds of load, into `count` blocks of about the same length. */
export function blocksOf(
  seconds: readonly (readonly Snapshot[])[],
  count: number,
  duration: number = seconds.length,
): Block[] {
  return Array.from({ length: count }, (_, block) => {
    const from = Math.floor(block * seconds.length / count);
    const to = Math.floor((block + 1) * seconds.length / count);
    // the seconds of a run do not begin with its load, so that there may be one more of them than it lasted
    const inner = totalsOf(seconds.slice(Math.max(from, 1), Math.min(to, seconds.length - 1)).flat());
    return {
      ...blockOf(seconds.slice(from, to), duration / seconds.length),
      inner: { seconds: Math.max(0, Math.min(to, seconds.length - 1) - Math.max(from, 1)), counters: inner.counters },
    };
  });
}

function blockOf(seconds: readonly (readonly Snapshot[])[], length: number): Omit<Block, "inner"> {
  const totals = new Totals();
  const gauges = new Map<string, { sum: number; count: number }>();
  for (const [second, ...late] of seconds) {
    for (const snapshot of [second!, ...late]) totals.add(snapshot);
    for (const [name, value] of Object.entries(second!.gauges)) {
      const { sum, count } = gauges.get(name) ?? { sum: 0, count: 0 };
      gauges.set(name, { sum: sum + value, count: count + 1 });
    }
  }
  // histograms are 190 KiB each and mostly empty: only what they hold is kept
  const latencies = new Map([...totals.latencies].map(([name, histogram]) => {
    const micros: number[] = [];
    const counts: number[] = [];
    histogram.forEachBucket((value, number) => {
      micros.push(value);
      counts.push(number);
    });
    return [name, { micros, counts }] as const;
  }));
  return { seconds: seconds.length * length, counters: totals.counters, gauges, latencies };
}
