/** The seconds of a run with all workers together. */
import { gaugeMerge } from "../metrics/catalogue.ts";
import type { Snapshot } from "../metrics/snapshot.ts";

/** One second of all workers; counters and gauges merged, encodings of latencies side by side. */
export interface Second {
  readonly index: number;
  /** Workers that have told it. */
  workers: number;
  readonly counters: Record<string, number>;
  readonly gauges: Record<string, number>;
  readonly histograms: Record<string, Uint8Array[]>;
}

/** A second that nobody has told. */
export function emptySecond(index: number): Second {
  return { index, workers: 0, counters: {}, gauges: {}, histograms: {} };
}

/** Adds what one worker tells of a second; of its latencies those of these names. */
export function addToSecond(
  second: Second,
  { counters, gauges, histograms }: Snapshot,
  latencies: ReadonlySet<string>,
): void {
  second.workers++;
  for (const [name, count] of Object.entries(counters)) second.counters[name] = (second.counters[name] ?? 0) + count;
  for (const [name, value] of Object.entries(gauges)) {
    const before = second.gauges[name];
    if (before === undefined) second.gauges[name] = value;
    else second.gauges[name] = gaugeMerge(name) === "sum" ? before + value : Math.max(before, value);
  }
  for (const name of latencies) {
    const encoding = histograms[name];
    if (encoding !== undefined) (second.histograms[name] ??= []).push(encoding);
  }
}
