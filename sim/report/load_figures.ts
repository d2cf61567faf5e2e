// deno-lint-ignore-file camelcase -- fields are named as in summary.json
/** How much was asked for and how much came of it: the `load` of a summary. */
import { countedDuration, hasFixedLength, planOf } from "../load/plan.ts";
import type { Manifest } from "../results/run_record.ts";
import type { Account } from "./account.ts";

/** What `load` of `summary.json` holds. */
export interface LoadFigures {
  /** Messages of the phases, and actions of those that have a number of them, warm-up included. */
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
  account: Account,
): LoadFigures & { readonly duration_s: number } {
  const plan = planOf(scenario);
  const { totals } = account;
  const planned = plan.duration / 1000;
  const isWhole = outcome === "completed" && hasFixedLength(plan);
  const duration_s = isWhole ? planned : Math.min(planned, account.secondsWith("generator.arrivals"));
  const measured_s = isWhole
    ? countedDuration(plan) / 1000
    : Math.min(duration_s, account.secondsWith("messages.attempted"));
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
    peak_delivered: account.deliveredPeak(),
  };
}
