/** Latencies that a run must not give, because the clocks they were taken by could not be compared well enough. */
import type { Snapshot } from "../metrics/snapshot.ts";

/** Reasons by name; a name stands for its dimensions as well, such as `pager_delivery{size=b256}`. */
export type RefusedLatencies = Readonly<Record<string, string>>;

/** Whether a latency is one of them. */
export function isRefused(name: string, refused: RefusedLatencies): boolean {
  return refused[name.split("{", 1)[0]!] !== undefined;
}

/** A snapshot without them. */
export function withoutRefused(snapshot: Snapshot, refused: RefusedLatencies): Snapshot {
  const kept = Object.entries(snapshot.histograms).filter(([name]) => !isRefused(name, refused));
  return { ...snapshot, histograms: Object.fromEntries(kept) };
}
