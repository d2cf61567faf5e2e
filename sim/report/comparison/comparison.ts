/** Compares runs with a baseline: for each metric a difference, the interval it lies in, and a verdict. */
import { Random } from "../../clock/random.ts";
import { type Snapshot, totalsOf } from "../../metrics/snapshot.ts";
import { secondsOf } from "../series.ts";
import { blockCountOf, blocksOf, loadSecondsOf, MIN_BLOCKS } from "./blocks.ts";
import { type Estimate, Resampler, resamples } from "./bootstrap.ts";
import { type ComparedRun, differencesOf, type RunDifference } from "./differences.ts";
import { type Interval, intervalOf, judge, type MetricVerdict } from "./interval.ts";
import { type ComparedMetric, comparedMetrics } from "./metrics.ts";

/** How runs are compared. */
export interface ComparisonSettings {
  /** Relative differences of latencies and rates up to this share are not relevant. */
  readonly margin: number;
  /** Nor are differences of latencies up to so many microseconds. */
  readonly marginMicros: number;
  /** Nor are differences of shares up to this share. */
  readonly marginShare: number;
  /** How sure an interval holds the true difference, such as 0.99. */
  readonly confidence: number;
  readonly replicates: number;
  readonly seed: number;
  /** Compares what should not be compared. */
  readonly force: boolean;
}

/** What holds unless it is said otherwise. */
export const DEFAULT_SETTINGS: ComparisonSettings = {
  margin: 0.1,
  marginMicros: 500,
  marginShare: 0.001,
  confidence: 0.99,
  replicates: 1000,
  seed: 1,
  force: false,
};

/** One metric of two runs. */
export interface MetricComparison {
  readonly metric: ComparedMetric;
  /** In the metric's unit; null without samples. */
  readonly baseline: number | null;
  readonly run: number | null;
  readonly samples: readonly [baseline: number, run: number];
  /** A share of the baseline's value, or a difference of shares where these are compared; null when not computed. */
  readonly interval: Interval | null;
  /** What is not relevant, in the unit of the interval. */
  readonly margin: number | null;
  readonly verdict: MetricVerdict;
  /** Why there is not enough evidence, empty where the interval says it. */
  readonly reason: string;
}

/** Of a run and its baseline, the most important that applies, in this order but for `not_comparable`. */
export type ComparisonVerdict = "not_comparable" | "worse" | "unclear" | "better" | "same";

/** A run beside its baseline. */
export interface Comparison {
  readonly baseline: ComparedRun;
  readonly run: ComparedRun;
  readonly settings: ComparisonSettings;
  readonly differences: readonly RunDifference[];
  readonly verdict: ComparisonVerdict;
  /** Empty when they are not comparable. */
  readonly metrics: readonly MetricComparison[];
}

/** A run and its seconds. */
export interface MeasuredRun extends ComparedRun {
  readonly snapshots: readonly Snapshot[];
}

/** Compares a run with a baseline; the same settings and files give the same result. */
export function compareRuns(baseline: MeasuredRun, run: MeasuredRun, settings: ComparisonSettings): Comparison {
  const differences = differencesOf(baseline, run);
  const isForbidden = differences.some(({ forbids }) => forbids);
  const common = { baseline: withoutSnapshots(baseline), run: withoutSnapshots(run), settings, differences };
  if (isForbidden && !settings.force) return { ...common, verdict: "not_comparable", metrics: [] };
  const metrics = compareMetrics(baseline, run, settings);
  return { ...common, verdict: verdictOf(metrics), metrics };
}

function withoutSnapshots({ folder, manifest, summary, faults }: MeasuredRun): ComparedRun {
  return { folder, manifest, summary, faults };
}

/** The verdict over all metrics. */
export function verdictOf(metrics: readonly MetricComparison[]): ComparisonVerdict {
  const judged = metrics.filter(({ metric }) => metric.role !== "generator");
  if (judged.some(({ verdict }) => verdict === "worse")) return "worse";
  const core = judged.filter((each) => each.metric.role === "core" && !isBeyondSamples(each));

  if (core.length === 0 || core.some(({ verdict }) => verdict === "unclear")) return "unclear";
  return core.some(({ verdict }) => verdict === "better") ? "better" : "same";
}

/** A percentile above the median with too few samples: a rare kind of message would else leave every run undecided. */
function isBeyondSamples({ metric: { statistic }, reason }: MetricComparison): boolean {
  return statistic.kind === "quantile" && statistic.share > 0.5 && reason === TOO_FEW_SAMPLES;
}

const TOO_FEW_SAMPLES = "too few samples";
/** Values that must lie beyond a percentile, in each run. */
const MIN_BEYOND = 10;
/** Messages of which a share must be, in each run. */
const MIN_SHARED = 100;

/** One run and its resamples: of its load, and of all of it for what happens before the load. */
interface Sampled {
  readonly blocks: number;
  readonly load: Resampler;
  readonly whole: Resampler;
}

function compareMetrics(baseline: MeasuredRun, run: MeasuredRun, settings: ComparisonSettings): MetricComparison[] {
  const metrics = comparedMetrics([totalsOf(baseline.snapshots), totalsOf(run.snapshots)]);
  const loads = [baseline, run].map(({ snapshots }) => loadSecondsOf(snapshots));
  const blocks = blockCountOf(Math.min(...loads.map((seconds) => seconds.length)));
  // runs of one scenario do the same at the same time: what belongs to the schedule cancels when both draw the same
  const isPaired = baseline.manifest.scenario_sha256 === run.manifest.scenario_sha256;
  const [before, after] = [baseline, run].map(({ snapshots, summary }, i): Sampled => {
    const draws = resamples(new Random(settings.seed, isPaired ? 0 : i), blocks, settings.replicates);
    const seconds = [...secondsOf(snapshots)].map((second) => [second]);
    return {
      blocks,
      load: new Resampler(blocksOf(loads[i]!, blocks, summary.load.measured_s), draws),
      whole: new Resampler(blocksOf(seconds, blocks), draws),
    };
  });
  return metrics.map((metric) => compareMetric(metric, before!, after!, settings));
}

function compareMetric(
  metric: ComparedMetric,
  baseline: Sampled,
  run: Sampled,
  settings: ComparisonSettings,
): MetricComparison {
  const { statistic } = metric;
  const part = statistic.kind === "quantile" && statistic.latency === "register" ? "whole" : "load";
  const [a, b] = [baseline[part].estimate(statistic), run[part].estimate(statistic)];
  const known = { metric, baseline: a.value, run: b.value, samples: [a.samples, b.samples] as const };
  const unclear = (reason: string): MetricComparison => ({
    ...known,
    interval: null,
    margin: null,
    verdict: "unclear",
    reason,
  });
  if (baseline.blocks < MIN_BLOCKS) return unclear(`fewer than ${MIN_BLOCKS} seconds of load`);
  if (a.value === null || b.value === null || isTooFew(metric, Math.min(a.samples, b.samples))) {
    return unclear(TOO_FEW_SAMPLES);
  }
  const difference = differenceIn(metric);
  const resampled = a.resampled.map((value, i) => difference(value, b.resampled[i]!)).filter((each) => each !== null);
  // the messages of a rare kind lie in so few blocks that many draws have none
  if (resampled.length < 0.95 * settings.replicates) return unclear(TOO_FEW_SAMPLES);
  const isRelative = metric.scale === "relative";
  const raw = intervalOf(difference(a.value, b.value)!, resampled, baseline.blocks, settings.confidence);
  const interval = isRelative ? expanded(raw) : withRareEvents(raw, a, b, settings);
  const margin = marginOf(metric, a.value, settings);
  const resolution = isRelative ? margin : Math.max(margin, rareShareOf(a, b, settings));
  return {
    ...known,
    interval,
    margin: resolution,
    verdict: judge(interval, metric.better, margin, resolution),
    reason: "",
  };
}

function isTooFew({ statistic }: ComparedMetric, samples: number): boolean {
  if (statistic.kind === "quantile") return samples * (1 - statistic.share) < MIN_BEYOND;
  return statistic.kind === "ratio" && samples < MIN_SHARED;
}

/** Shares are subtracted; latencies and rates are divided, on a logarithmic scale until the interval is known. */
function differenceIn({ unit, scale }: ComparedMetric): (a: number | null, b: number | null) => number | null {
  return (a, b) => {
    if (a === null || b === null) return null;
    if (scale === "absolute") return b - a;
    // nothing at all would be infinitely far from something
    const least = unit === "us" ? 1 : 1e-3;
    return Math.log(Math.max(b, least) / Math.max(a, least));
  };
}

function expanded({ difference, low, high }: Interval): Interval {
  return { difference: Math.expm1(difference), low: Math.expm1(low), high: Math.expm1(high) };
}

function marginOf({ unit, scale }: ComparedMetric, before: number, settings: ComparisonSettings): number {
  if (scale === "absolute") return settings.marginShare;
  return unit === "us" ? Math.max(settings.margin, settings.marginMicros / Math.max(before, 1)) : settings.margin;
}

/** What never happened in n messages can still have this share, with the confidence asked for. */
function rareShareOf(a: Estimate, b: Estimate, { confidence }: ComparisonSettings): number {
  return -Math.log((1 - confidence) / 2) / Math.max(1, Math.min(a.samples, b.samples));
}

/** Where no resample differs, as with no failure at all, the resamples do not say how sure that is. */
function withRareEvents(interval: Interval, a: Estimate, b: Estimate, settings: ComparisonSettings): Interval {
  if (interval.low < interval.high) return interval;
  const share = rareShareOf(a, b, settings);
  return { ...interval, low: interval.low - share, high: interval.high + share };
}
