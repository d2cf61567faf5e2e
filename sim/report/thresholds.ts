// deno-lint-ignore-file camelcase -- fields are named as in summary.json
/** Judges the thresholds of a scenario by what was measured. */
import { counterEntry } from "../metrics/catalogue.ts";
import type { Histogram } from "../metrics/histogram.ts";
import { ratioOf, sumOf } from "../metrics/ratio.ts";
import type { Totals } from "../metrics/snapshot.ts";
import {
  holds,
  isThresholdFault,
  parseThreshold,
  type Statistic,
  type Subject,
  type Threshold,
  type Waiver,
} from "../metrics/threshold.ts";
import { NO_WINDOWS, type WindowFindings } from "./threshold_window.ts";
import { showCount, showMicros, showRate, showShare } from "./units.ts";

/** `no_data`: fewer samples than asked for, never a pass. `waived`: it fails, and a waiver lets that through. */
export type ThresholdStatus = "passed" | "failed" | "no_data" | "waived";

/** What became of one threshold. */
export interface ThresholdResult {
  readonly expression: string;
  /**
   * Microseconds, a count, octets, a number per second or a share of 1, as the metric is; of the worst window where the
   * threshold has one; null without samples.
   */
  readonly actual: number | null;
  /** False without samples, and for a waived failure. */
  readonly passed: boolean;
  /** Values the metric was made of; 0: no data. */
  readonly samples: number;
  readonly status: ThresholdStatus;
  /** Samples asked for, where more than one. */
  readonly required_samples?: number;
  /** Whether a run that fails it ends. */
  readonly abort?: true;
  /** Since the load began, where it is judged from then on only. */
  readonly after_s?: number;
  readonly windows?: WindowCounts;
  /** Stands in every report for as long as the scenario has it, whatever became of the threshold. */
  readonly waiver?: Waiver & { readonly expired: boolean };
}

/** The windows of a threshold. */
export interface WindowCounts {
  readonly length_s: number;
  readonly judged: number;
  readonly failed: number;
  /** Windows in which messages were started and the metric had too few samples. */
  readonly without_data: number;
  /** End of the first window that failed, since the load began. */
  readonly first_failed_s: number | null;
}

/** What thresholds are judged by. */
export interface Measured {
  readonly totals: Totals;
  /** Seconds in which attempts were counted; rates are per second of these. */
  readonly seconds: number;
  /** The highest value of each gauge in any second, workers merged. */
  readonly gaugePeaks: Readonly<Record<string, number>>;
  /** By the text of the threshold; one with a window has no data without. */
  readonly windows?: ReadonlyMap<string, WindowFindings>;
  /** ISO 8601: waivers that ended before that day let nothing through; they let everything through when it is left out. */
  readonly startedAt?: string;
}

interface Value {
  readonly actual: number | null;
  readonly samples: number;
}

/** Judges thresholds; throws on an expression that `parseThreshold` cannot read, which a checked scenario has not. */
export function evaluate(expressions: readonly string[], measured: Measured): ThresholdResult[] {
  return expressions.map((text) => judge(readThreshold(text), measured, measured.windows?.get(text)));
}

/** A threshold of a checked scenario; throws on another. */
export function readThreshold(text: string): Threshold {
  const threshold = parseThreshold(text);
  if (isThresholdFault(threshold)) throw new SyntaxError(threshold.fault);
  return threshold;
}

function judge(threshold: Threshold, measured: Measured, found: WindowFindings = NO_WINDOWS): ThresholdResult {
  const { expression, samples: required, abort, after, window } = threshold;
  const { actual, samples } = window === undefined ? valueOf(threshold.subject, measured) : found;
  const hasData = actual !== null && samples >= required;
  const isKept = window === undefined
    ? hasData && holds(threshold, actual)
    : found.judged > 0 && found.failed === 0 && found.withoutData === 0;
  const isMissing = window === undefined ? !hasData : found.failed === 0 && !isKept;
  const waiver = waiverOf(threshold, measured.startedAt);
  const failure = waiver !== undefined && !waiver.expired ? "waived" : "failed";
  return {
    expression,
    actual: hasData && !isMissing ? actual : null,
    passed: isKept,
    samples,
    status: isKept ? "passed" : isMissing ? "no_data" : failure,
    ...(required > 1 && { required_samples: required }),
    ...(abort && { abort }),
    ...(after > 0 && { after_s: after / 1000 }),
    ...(window !== undefined && {
      windows: {
        length_s: window / 1000,
        judged: found.judged,
        failed: found.failed,
        without_data: found.withoutData,
        first_failed_s: found.firstFailedAt,
      },
    }),
    ...(waiver !== undefined && { waiver }),
  };
}

function waiverOf({ waiver }: Threshold, startedAt: string | undefined): ThresholdResult["waiver"] {
  // days of one form compare as texts
  return waiver && { ...waiver, expired: startedAt !== undefined && startedAt.slice(0, 10) > waiver.until };
}

/** The measured value as people read it, `no data` without samples. */
export function showActual({ expression, actual }: Pick<ThresholdResult, "expression" | "actual">): string {
  if (actual === null) return "no data";
  const subject = subjectOf(expression);
  if (subject?.kind === "latency" && subject.statistic !== "count") return showMicros(actual);
  if (subject?.kind === "ratio" || subject?.name === "generator.cpu_share") return showShare(actual);
  if (subject?.kind === "rate") return showRate(actual);
  return showCount(actual);
}

/** What the value was made of: samples, windows, waiver; empty for a plain count, which says it itself. */
export function showSamples(
  result: Omit<ThresholdResult, "status" | "waiver"> & { waiver?: ThresholdResult["waiver"] | undefined },
): string {
  const { expression, samples, required_samples: required = 1, windows, waiver } = result;
  const kind = subjectOf(expression)?.kind;
  const isCounted = samples > 0 && (kind === "latency" || kind === "ratio");
  const parts = [
    ...(required > 1 && samples < required ? [`of ${showCount(samples)}, ${showCount(required)} asked for`] : []),
    ...(samples >= required && isCounted ? [`of ${showCount(samples)}`] : []),
    ...(windows === undefined ? [] : [showWindows(windows)]),
    ...(waiver === undefined ? [] : [showWaiver(waiver)]),
  ];
  return parts.join("; ");
}

function showWindows({ judged, failed, without_data, first_failed_s }: WindowCounts): string {
  const lacking = without_data > 0 ? `, ${showCount(without_data)} without data` : "";
  if (failed > 0) {
    return `${showCount(failed)} of ${showCount(judged)} windows failed, first at ${first_failed_s} s${lacking}`;
  }
  return judged === 0 && without_data === 0 ? "no whole window" : `${showCount(judged)} windows${lacking}`;
}

/** Why a failure is let through, and how long. */
export function showWaiver({ reason, until, expired }: NonNullable<ThresholdResult["waiver"]>): string {
  return `${expired ? "waiver ended on" : "waived until"} ${until}: ${reason}`;
}

function subjectOf(expression: string): Subject | undefined {
  const parsed = parseThreshold(expression);
  return isThresholdFault(parsed) ? undefined : parsed.subject;
}

function valueOf(subject: Subject, { totals, seconds, gaugePeaks }: Measured): Value {
  switch (subject.kind) {
    case "latency": {
      const histogram = totals.latencies.get(subject.name);
      if (histogram === undefined) return { actual: null, samples: 0 };
      return { actual: statisticOf(histogram, subject.statistic), samples: histogram.count() };
    }
    case "counter":
      return { actual: sumOf([subject.name], totals.counters), samples: chancesOf(subject.name, totals) };
    case "rate": {
      const count = sumOf([subject.name], totals.counters);
      return { actual: seconds > 0 ? count / seconds : null, samples: chancesOf(subject.name, totals) };
    }
    case "ratio": {
      const { share, samples } = ratioOf(subject.name, totals.counters);
      return { actual: share, samples };
    }
    case "gauge": {
      const peak = gaugePeaks[subject.name];
      return { actual: peak ?? null, samples: peak === undefined ? 0 : 1 };
    }
  }
}

/** How often a counter could have counted: 0 lost of 0 attempted says nothing. */
function chancesOf(name: string, totals: Totals): number {
  const entry = counterEntry(name);
  return entry === undefined ? 0 : totals.counter(entry.of);
}

function statisticOf(histogram: Histogram, statistic: Statistic): number {
  switch (statistic) {
    case "count":
      return histogram.count();
    case "min":
      return histogram.quantile(0);
    case "max":
      return histogram.quantile(1);
    case "mean":
      return Math.round(histogram.mean());
    case "stdev":
      return Math.round(histogram.deviation());
    default:
      return histogram.quantile(statistic);
  }
}
