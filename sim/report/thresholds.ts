/** Judges the thresholds of a scenario by what was measured. */
import { counterEntry } from "../metrics/catalogue.ts";
import type { Histogram } from "../metrics/histogram.ts";
import { ratioOf, sumOf } from "../metrics/ratio.ts";
import type { Totals } from "../metrics/snapshot.ts";
import { holds, isThresholdFault, parseThreshold, type Statistic, type Subject } from "../metrics/threshold.ts";
import { showCount, showMicros, showRate, showShare } from "./units.ts";

/** What became of one threshold. */
export interface ThresholdResult {
  readonly expression: string;
  /** Microseconds, a count, octets, a number per second or a share of 1, as the metric is; null without samples. */
  readonly actual: number | null;
  /** False without samples. */
  readonly passed: boolean;
  /** Values the metric was made of; 0: no data. */
  readonly samples: number;
}

/** What thresholds are judged by. */
export interface Measured {
  readonly totals: Totals;
  /** Seconds in which attempts were counted; rates are per second of these. */
  readonly seconds: number;
  /** The highest value of each gauge in any second, workers merged. */
  readonly gaugePeaks: Readonly<Record<string, number>>;
}

interface Value {
  readonly actual: number | null;
  readonly samples: number;
}

/** Judges thresholds; throws on an expression that `parseThreshold` cannot read, which a checked scenario has not. */
export function evaluate(expressions: readonly string[], measured: Measured): ThresholdResult[] {
  return expressions.map((text) => {
    const threshold = parseThreshold(text);
    if (isThresholdFault(threshold)) throw new SyntaxError(threshold.fault);
    const { actual, samples } = valueOf(threshold.subject, measured);
    const hasData = actual !== null && samples > 0;
    return {
      expression: threshold.expression,
      actual: hasData ? actual : null,
      passed: hasData && holds(threshold, actual),
      samples,
    };
  });
}

/** The measured value as people read it, `no data` without samples. */
export function showActual({ expression, actual }: ThresholdResult): string {
  if (actual === null) return "no data";
  const subject = subjectOf(expression);
  if (subject?.kind === "latency" && subject.statistic !== "count") return showMicros(actual);
  if (subject?.kind === "ratio" || subject?.name === "generator.cpu_share") return showShare(actual);
  if (subject?.kind === "rate") return showRate(actual);
  return showCount(actual);
}

/** How many values the measured one was made of; empty for counts, which say it themselves. */
export function showSamples({ expression, samples }: ThresholdResult): string {
  const kind = subjectOf(expression)?.kind;
  return samples > 0 && (kind === "latency" || kind === "ratio") ? `of ${showCount(samples)}` : "";
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
