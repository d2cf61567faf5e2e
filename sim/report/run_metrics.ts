/** A finished run as OpenMetrics text. */
import { planOf } from "../load/plan.ts";
import { totalsOf } from "../metrics/snapshot.ts";
import type { Run } from "../results/reader.ts";
import { familiesOf } from "./exposition.ts";
import { LiveFigures } from "./live_figures.ts";
import { writeMetrics } from "./open_metrics.ts";
import { runFamilies } from "./run_facts.ts";
import type { Summary } from "./summary.ts";

const OUTCOMES = ["running", "completed", "interrupted", "unreachable", "failed"] as const;

/** The figures of a whole run, its thresholds and its validity. */
export function toOpenMetrics({ manifest, snapshots }: Pick<Run, "manifest" | "snapshots">, summary: Summary): string {
  const figures = new LiveFigures(manifest.workers);
  const totals = totalsOf(snapshots);
  for (const snapshot of snapshots) figures.add(snapshot);
  const { scenario } = manifest;
  const facts = runFamilies({
    version: manifest.versions.imstorm,
    scenario: scenario.name,
    target: scenario.target.uri,
    seed: manifest.seed,
    workers: manifest.workers,
    state: manifest.outcome,
    states: OUTCOMES,
    elapsedSeconds: summary.duration_s,
    plannedSeconds: planOf(scenario).duration / 1000,
    validity: summary.generator.validity,
    thresholds: summary.thresholds,
  });
  return writeMetrics([...facts, ...familiesOf(figures.cumulative(totals))], "openmetrics");
}
