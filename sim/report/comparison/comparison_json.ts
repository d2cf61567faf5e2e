/** A comparison as JSON; `results/README.md` describes it. */
import type { Comparison, ComparisonVerdict, MetricComparison } from "./comparison.ts";
import type { ComparedRun } from "./differences.ts";
import { conclusionOf } from "./figures.ts";

/** The version of what `toComparisonJson` writes. */
export const COMPARISON_FORMAT = 1;

/** The verdict over several runs beside one baseline: the first of these that any of them has. */
const ORDER: readonly ComparisonVerdict[] = ["worse", "not_comparable", "unclear", "better", "same"];

/** The verdict over several comparisons; throws when there is none. */
export function overallVerdict(comparisons: readonly Comparison[]): ComparisonVerdict {
  const verdict = ORDER.find((each) => comparisons.some((comparison) => comparison.verdict === each));
  if (verdict === undefined) throw new RangeError("Cannot judge no comparison at all");
  return verdict;
}

/** JSON with two spaces and a line end; durations in microseconds, shares of 1. */
export function toComparisonJson(comparisons: readonly Comparison[]): string {
  const { baseline, settings: { margin, marginMicros, marginShare, confidence, replicates, seed, force } } =
    comparisons[0]!;
  const content = {
    format: COMPARISON_FORMAT,
    verdict: overallVerdict(comparisons),
    settings: {
      margin,
      margin_us: marginMicros,
      margin_share: marginShare,
      confidence,
      replicates,
      seed,
      force,
    },
    baseline: runFacts(baseline),
    runs: comparisons.map((comparison) => ({
      run: runFacts(comparison.run),
      verdict: comparison.verdict,
      conclusion: conclusionOf(comparison),
      differences: comparison.differences,
      metrics: comparison.metrics.map(metricFacts),
    })),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function runFacts({ folder, manifest, summary, faults }: ComparedRun): Record<string, unknown> {
  return {
    folder,
    run_id: manifest.run_id ?? null,
    scenario: manifest.scenario.name,
    scenario_sha256: manifest.scenario_sha256,
    imstorm: manifest.versions.imstorm,
    started_at: manifest.started_at,
    verdict: summary.verdict,
    validity: summary.generator.validity,
    faults,
  };
}

function metricFacts(comparison: MetricComparison): Record<string, unknown> {
  const { metric, baseline, run, samples, interval, margin, verdict, reason } = comparison;
  return {
    name: metric.name,
    unit: metric.unit,
    better: metric.better,
    role: metric.role,
    baseline,
    run,
    samples: { baseline: samples[0], run: samples[1] },
    scale: metric.scale,
    difference: interval?.difference ?? null,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    margin,
    verdict,
    reason,
  };
}
