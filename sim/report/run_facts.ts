/** Where a run stands, as families beside its figures. */
import type { MetricFamily, Sample } from "./open_metrics.ts";
import type { ThresholdResult } from "./thresholds.ts";
import type { Validity } from "./validity.ts";

/** What is known of a run besides what it counted. */
export interface RunFacts {
  readonly version: string;
  readonly scenario: string;
  readonly target: string;
  readonly seed: number;
  readonly workers: number;
  readonly state: string;
  /** Every state that is shown, at 0 or 1. */
  readonly states: readonly string[];
  /** Since the first phase began. */
  readonly elapsedSeconds: number;
  readonly plannedSeconds: number;
  readonly validity: Validity;
  readonly thresholds: readonly ThresholdResult[];
}

const VALIDITIES: readonly Validity[] = ["valid", "floor", "invalid"];

/** The families of where a run stands. */
export function runFamilies(facts: RunFacts): MetricFamily[] {
  const { version, scenario, target, seed, workers, thresholds } = facts;
  const gauge = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
    name: `imstorm_${name}`,
    kind: "gauge",
    ...(name.endsWith("_seconds") && { unit: "seconds" as const }),
    help,
    samples,
  });
  return [
    {
      name: "imstorm_run",
      kind: "info",
      help: "What runs.",
      samples: [{ labels: { version, scenario, target, seed: String(seed), workers: String(workers) }, value: 1 }],
    },
    gauge("run_state", "Where the run stands: 1 for the state it is in.", flags("state", facts.states, facts.state)),
    gauge("run_elapsed_seconds", "Time since the first phase began.", [{ labels: {}, value: facts.elapsedSeconds }]),
    gauge("run_planned_seconds", "Length of all phases.", [{ labels: {}, value: facts.plannedSeconds }]),
    gauge(
      "measurement_validity",
      "Whether the figures are the server's: 1 for what holds so far.",
      flags("validity", VALIDITIES, facts.validity),
    ),
    gauge(
      "threshold_passed",
      "Whether a threshold holds so far: 1 or 0; 0 without samples.",
      thresholds.map(({ expression, passed }) => ({ labels: { expression }, value: passed ? 1 : 0 })),
    ),
    gauge(
      "threshold_samples",
      "Values that a threshold was judged by; 0: no data.",
      thresholds.map(({ expression, samples }) => ({ labels: { expression }, value: samples })),
    ),
  ];
}

function flags(label: string, names: readonly string[], current: string): Sample[] {
  return [...new Set([...names, current])].map((name) => ({
    labels: { [label]: name },
    value: name === current ? 1 : 0,
  }));
}
