// deno-lint-ignore-file camelcase -- fields are named as in summary.json
/** How much was asked for and how much came of it: the `load` of a summary. */
import { planOf } from "../load/plan.ts";
import type { Snapshot, Totals } from "../metrics/snapshot.ts";
import type { Manifest } from "../results/run_record.ts";

/** What `load` of `summary.json` holds. */
export interface LoadFigures {
  /** Messages of the phases, warm-up included. */
  readonly planned: number;
  readonly planned_s: number;
  /** Of these, became due. */
  readonly arrivals: number;
  /** Seconds in which attempts count: without warm-up. */
  readonly measured_s: number;
  readonly attempted_per_second: number | null;
  readonly delivered_per_second: number | null;
  /** Most messages delivered in one second. */
  readonly peak_delivered: number;
}

/** The load of a run; `duration_s`: length of the phases, or of what was run of them. */
export function loadOf(
  { scenario, outcome }: Manifest,
  snapshots: readonly Snapshot[],
  totals: Totals,
): LoadFigures & { readonly duration_s: number } {
  const plan = planOf(scenario);
  const planned = plan.duration / 1000;
  const warmup = plan.phases.reduce((sum, phase) => sum + phase.warmup, 0) / 1000;
  const isWhole = outcome === "completed";
  const duration_s = isWhole ? planned : Math.min(planned, secondsWith("generator.arrivals", snapshots));
  const measured_s = isWhole ? planned - warmup : Math.min(duration_s, secondsWith("messages.attempted", snapshots));
  const perSecond = (name: string): number | null =>
    measured_s > 0 ? Number((totals.counter(name) / measured_s).toFixed(3)) : null;
  return {
    duration_s,
    planned: plan.messages,
    planned_s: planned,
    arrivals: totals.counter("generator.arrivals"),
    measured_s,
    attempted_per_second: perSecond("messages.attempted"),
    delivered_per_second: perSecond("messages.delivered"),
    peak_delivered: peakOf("messages.delivered", snapshots),
  };
}

/** From the first second in which a counter counted to the last one. */
function secondsWith(name: string, snapshots: readonly Snapshot[]): number {
  let first = Infinity;
  let last = -1;
  for (const { index, counters } of snapshots) {
    if (counters[name] === undefined) continue;
    first = Math.min(first, index);
    last = Math.max(last, index);
  }
  return last < 0 ? 0 : last - first + 1;
}

/** The most that a counter counted in one second, all workers together. */
function peakOf(name: string, snapshots: readonly Snapshot[]): number {
  const seconds = new Map<number, number>();
  for (const { index, counters } of snapshots) seconds.set(index, (seconds.get(index) ?? 0) + (counters[name] ?? 0));
  return [...seconds.values()].reduce((a, b) => Math.max(a, b), 0);
}
