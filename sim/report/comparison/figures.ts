/** Figures of a comparison as people read them; every form of the report shows them alike. */
import { showCount, showMicros, showRate, showSeconds, showShare } from "../units.ts";
import type { Comparison, ComparisonSettings, ComparisonVerdict, MetricComparison } from "./comparison.ts";
import type { ComparedRun } from "./differences.ts";
import type { MetricVerdict } from "./interval.ts";

/** Verdicts in words. */
export const VERDICT_WORDS: Readonly<Record<MetricVerdict | ComparisonVerdict, string>> = {
  better: "better",
  worse: "worse",
  same: "same",
  unclear: "not enough evidence",
  "not_comparable": "not comparable",
};

/** A value with its unit; `none` without samples. */
export function showValue({ metric: { unit } }: MetricComparison, value: number | null): string {
  if (value === null) return "none";
  return unit === "us" ? showMicros(value) : unit === "share" ? showShare(value) : showRate(value);
}

/** The difference with its sign, in percent of the baseline or in percentage points; empty when it was not computed. */
export function showDifference({ metric, interval }: MetricComparison): string {
  return interval === null ? "" : `${signed(interval.difference)} ${unitOf(metric.scale)}`;
}

/** From the lower to the upper end of the interval. */
export function showInterval({ metric, interval }: MetricComparison): string {
  return interval === null ? "" : `${signed(interval.low)} to ${signed(interval.high)} ${unitOf(metric.scale)}`;
}

/** What is not relevant, as `±10 %`. */
export function showMargin({ metric, margin }: MetricComparison): string {
  return margin === null ? "" : `±${digits(margin)} ${unitOf(metric.scale)}`;
}

/** One sentence with the verdict and what it rests on. */
export function conclusionOf(comparison: Comparison): string {
  const { verdict, metrics, differences } = comparison;
  const named = (wanted: MetricVerdict, roles: readonly string[]): string[] =>
    metrics.filter((each) => each.verdict === wanted && roles.includes(each.metric.role)).map(({ metric }) =>
      metric.name
    );
  const undecided = named("unclear", ["core", "detail"]).filter((name) =>
    metrics.some(({ metric, interval }) => metric.name === name && interval !== null)
  );
  const beside = undecided.length === 0 ? "" : `; not enough evidence for ${listed(undecided)}`;
  switch (verdict) {
    case "not_comparable":
      return `Not comparable because of ${
        listed(differences.filter(({ forbids }) => forbids).map(({ what }) => what))
      }; ` +
        "--force compares nevertheless.";
    case "worse":
      return `Worse: ${listed(named("worse", ["core", "detail"]))}.`;
    case "unclear":
      return `Not enough evidence for ${listed(named("unclear", ["core"]))}: a longer run or a wider margin decides.`;
    case "better":
      return `Better: ${listed(named("better", ["core"]))}${beside}.`;
    case "same":
      return `The same within the margins${beside}.`;
  }
}

/** What a run is, in a few words. */
export function describeRun({ manifest, summary }: ComparedRun): string {
  const started = `${manifest.started_at.slice(0, 16).replace("T", " ")} UTC`;
  const { attempted } = summary.messages;
  return `${started}, ${showCount(attempted)} messages in ${showSeconds(summary.load.measured_s)}, ` +
    `${summary.generator.validity}, ${summary.verdict}`;
}

/** How it was judged, one sentence. */
export function methodOf(
  { margin, marginMicros, marginShare, confidence, replicates, seed }: ComparisonSettings,
): string {
  return `Intervals hold the true difference with ${
    showShare(confidence)
  } confidence (block bootstrap of the seconds of ` +
    `load, ${showCount(replicates)} resamples, seed ${seed}). Differences within ${showShare(margin)}, ` +
    `${showMicros(marginMicros)} or ${digits(marginShare)} points are not relevant.`;
}

function unitOf(scale: "relative" | "absolute"): string {
  return scale === "relative" ? "%" : "pt";
}

function signed(value: number): string {
  const text = digits(Math.abs(value));
  return Number(text) === 0 ? "0" : `${value < 0 ? "-" : "+"}${text}`;
}

/** A share as percent with three digits at most. */
function digits(share: number): string {
  const percent = share * 100;
  return String(Number(percent.toFixed(percent >= 10 ? 1 : 2)));
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(", ");
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown;
}
