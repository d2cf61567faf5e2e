/**
 * Gates over metrics, as scenario files write them.
 *
 * threshold = condition *term             terms are read in `threshold_terms.ts`
 * condition = metric operator limit       `pager_accept.p99 < 50ms`, `messages.lost == 0`, `pager.success_ratio >= 99%`
 * metric    = latency "." statistic | counter [".rate"] | ratio | gauge
 * statistic = "p" number | "min" | "mean" | "max" | "stdev" | "count"          p99.9 and p999 are the same
 * operator  = "<" | "<=" | ">" | ">=" | "==" | "!="
 * limit     = number [unit]               us, ms, s, m for durations; % for shares; /s for rates; B, KiB, MiB for octets
 */
import { nearest } from "../bytes/nearest.ts";
import { counterEntry, COUNTERS, type GaugeName, GAUGES, isLatencyName, LATENCIES, type Unit } from "./catalogue.ts";
import { isLatencyPart } from "./dimensions.ts";
import { ratioEntry, RATIOS } from "./ratio.ts";
import { parseTerms, TERM_NAMES, type ThresholdTerms, type Waiver } from "./threshold_terms.ts";

export type { ThresholdTerms, Waiver };

/** How a value is compared with the limit. */
export type Operator = "<" | "<=" | ">" | ">=" | "==" | "!=";

/** A figure of a distribution; a number is a quantile as a share of 1. */
export type Statistic = "min" | "mean" | "max" | "stdev" | "count" | number;

/** What a threshold looks at. */
export type Subject =
  /** The name of a latency, with a dimension where one was asked for: `pager_accept{transport=udp}`. */
  | { readonly kind: "latency"; readonly name: string; readonly statistic: Statistic }
  | { readonly kind: "counter" | "rate" | "ratio"; readonly name: string }
  | { readonly kind: "gauge"; readonly name: GaugeName };

/** A gate. */
export interface Threshold extends ThresholdTerms {
  /** Condition and window as they were written, with single spaces. */
  readonly expression: string;
  readonly subject: Subject;
  readonly operator: Operator;
  /** Microseconds, a count, octets, a number per second, or a share of 1. */
  readonly limit: number;
}

/** Why a text is no threshold: one sentence, with the nearest name where a name is not known. */
export interface ThresholdFault {
  readonly fault: string;
}

type Quantity = "duration" | "count" | "octets" | "rate" | "share" | "number";

const CONDITION_REGEXP =
  /^\s*([A-Za-z0-9_.*-]+(?:\{[a-z_]+=[A-Za-z0-9_]+\}\.[a-z0-9.]+)?)\s*(<=|>=|==|!=|<|>)\s*(-?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-zµ%/]*)(?:\s+(.*))?$/s;
/** A term must not be read as the unit of the limit before it. */
const BEFORE_TERM_REGEXP = new RegExp(`(?<=[0-9])\\s+(?=(?:${TERM_NAMES.join("|")})\\b)`);
const SHAPE = 'expected "metric operator limit", as in "pager_accept.p99 < 50ms"';

const UNITS: Readonly<Record<Quantity, Readonly<Record<string, number>>>> = {
  duration: { us: 1, "µs": 1, ms: 1000, s: 1_000_000, m: 60_000_000 },
  count: { "": 1 },
  octets: { "": 1, B: 1, KiB: 1024, MiB: 1_048_576, GiB: 1_073_741_824 },
  rate: { "": 1, "/s": 1, "/m": 1 / 60 },
  share: { "": 1, "%": 0.01 },
  number: { "": 1 },
};

/** Of gauges by their unit; others are plain numbers. */
const GAUGE_QUANTITIES: Readonly<Partial<Record<Unit, Quantity>>> = {
  share: "share",
  us: "duration",
  octets: "octets",
};

/** A threshold from its text. */
export function parseThreshold(text: string): Threshold | ThresholdFault {
  const first = text.search(BEFORE_TERM_REGEXP);
  const match = CONDITION_REGEXP.exec(first < 0 ? text : text.slice(0, first));
  if (match === null) return { fault: `Cannot read "${text}": ${SHAPE}` };
  const [, metric, operator, digits, unit, rest] = match as unknown as [
    string,
    string,
    Operator,
    string,
    string,
    string,
  ];
  const terms = parseTerms(`${rest ?? ""} ${first < 0 ? "" : text.slice(first)}`);
  if ("fault" in terms) return terms;
  const found = subjectOf(metric);
  if ("fault" in found) return found;
  const factor = UNITS[found.quantity][unit];
  if (factor === undefined) {
    const units = Object.keys(UNITS[found.quantity]).map((each) => each === "" ? "no unit" : each).join(", ");
    return { fault: `Cannot compare ${metric} with "${digits}${unit}": expected ${units}` };
  }
  return {
    expression: `${metric} ${operator} ${digits}${unit}${
      terms.window === undefined ? "" : ` over ${terms.window / 1000}s`
    }`,
    subject: found.subject,
    operator,
    limit: Number((Number(digits) * factor).toPrecision(15)),
    ...terms,
  };
}

/** Whether parsing failed. */
export function isThresholdFault(parsed: Threshold | ThresholdFault): parsed is ThresholdFault {
  return "fault" in parsed;
}

/** Whether a value keeps the gate. */
export function holds(threshold: Threshold, value: number): boolean {
  const { operator, limit } = threshold;
  switch (operator) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "==":
      return value === limit;
    case "!=":
      return value !== limit;
  }
}

function subjectOf(metric: string): { subject: Subject; quantity: Quantity } | ThresholdFault {
  if (isLatencyName(metric)) {
    return { fault: `Cannot compare all of ${metric}: expected a statistic, as in "${metric}.p99"` };
  }
  if (ratioEntry(metric) !== undefined) return { subject: { kind: "ratio", name: metric }, quantity: "share" };
  const gauge = GAUGES.find((each) => each.name === metric);
  if (gauge !== undefined) {
    return { subject: { kind: "gauge", name: gauge.name }, quantity: GAUGE_QUANTITIES[gauge.unit] ?? "number" };
  }
  const counter = counterEntry(metric);
  if (counter !== undefined && !metric.endsWith(".rate")) {
    return { subject: { kind: "counter", name: metric }, quantity: counter.unit === "octets" ? "octets" : "count" };
  }
  if (metric.endsWith(".rate") && counterEntry(metric.slice(0, -5)) !== undefined) {
    return { subject: { kind: "rate", name: metric.slice(0, -5) }, quantity: "rate" };
  }
  const dot = metric.indexOf(".");
  const name = metric.slice(0, dot);
  if (dot < 0 || !isLatencyPart(name)) {
    return { fault: `Cannot find metric "${metric}"${suggestion(metric)}` };
  }
  const statistic = statisticOf(metric.slice(dot + 1));
  if (statistic === undefined) {
    return {
      fault: `Cannot find statistic "${metric.slice(dot + 1)}": expected min, mean, max, stdev, count or p0 to p100`,
    };
  }
  return { subject: { kind: "latency", name, statistic }, quantity: statistic === "count" ? "count" : "duration" };
}

function statisticOf(text: string): Statistic | undefined {
  if (text === "min" || text === "mean" || text === "max" || text === "stdev" || text === "count") return text;
  if (!/^p[0-9]+(\.[0-9]+)?$/.test(text)) return undefined;
  const digits = text.slice(1);
  // p999 is p99.9, as in summary.json
  const percent = Number(/^99[0-9]+$/.test(digits) ? `99.${digits.slice(2)}` : digits);
  return percent <= 100 ? Number((percent / 100).toPrecision(15)) : undefined;
}

/** Names that a threshold may start from, statistics and families apart. */
export function thresholdNames(): string[] {
  const latencies = LATENCIES.map((each) => `${each.name}.p99`);
  return [...latencies, ...[...RATIOS, ...COUNTERS, ...GAUGES].map((each) => each.name)];
}

function suggestion(metric: string): string {
  const found = nearest(metric, thresholdNames());
  return found === undefined ? "" : `: did you mean "${found}"?`;
}
