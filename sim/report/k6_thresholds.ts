/** The thresholds of a scenario as k6 understands them, over the metrics that `sim/k6/orchestrate.js` writes. */
import { counterEntry, isLatencyName } from "../metrics/catalogue.ts";
import { isThresholdFault, parseThreshold, type Statistic, type Threshold } from "../metrics/threshold.ts";

/** A gate that also ends the run, as k6 writes it. */
export interface AbortingGate {
  readonly threshold: string;
  readonly abortOnFail: true;
  /** For so long from the start of the run the gate ends nothing. */
  readonly delayAbortEval: string;
}

/** `options.thresholds` of a k6 script: metric with tags, and its gates. */
export type K6Thresholds = Record<string, (string | AbortingGate)[]>;

/** How gates are made. */
export interface K6ThresholdOptions {
  /** Judges latencies by the last window as well, and ends the run when one fails after so long, such as `30s`. */
  readonly abortAfter?: string | undefined;
}

/** The figures of distributions that agents tell while a run goes on; the others are known at its end. */
const LIVE_QUANTILES: ReadonlyMap<Statistic, string> = new Map<Statistic, string>([
  [0.5, "p50"],
  [0.9, "p90"],
  [0.95, "p95"],
  [0.99, "p99"],
  [0.999, "p999"],
  [1, "max"],
  ["max", "max"],
]);

/**
 * Gates for k6, each with a second one over a Counter that fails when there was no data: k6 takes an empty Gauge or
 * Counter for 0, which passes `value<50` and `count==0`.
 *
 * Throws on an expression that `parseThreshold` cannot read, which a checked scenario has not.
 */
export function toK6Thresholds(expressions: readonly string[], options: K6ThresholdOptions = {}): K6Thresholds {
  const gates = new Gates();
  for (const [index, text] of expressions.entries()) {
    const threshold = parseThreshold(text);
    if (isThresholdFault(threshold)) throw new SyntaxError(threshold.fault);
    // whether a waiver still holds is the agents' to say: what they call failed fails `im_gates_failed`
    if (threshold.waiver !== undefined) continue;
    const isWhole = threshold.window === undefined && threshold.after === 0;
    if (isWhole && (addLatency(gates, threshold, options) || addCounter(gates, threshold))) continue;
    addEndGate(gates, threshold, index);
  }
  return gates.all;
}

/** Where a latency stands in k6: `pager_accept` is mode `pager`, leg `accept`; what is of no mode is `client`. */
export function tagsOfLatency(name: string): string {
  const match = /^(pager|large)_(.+)$/.exec(name);
  return match === null ? `mode:client,leg:${name}` : `mode:${match[1]},leg:${match[2]}`;
}

/** The Counter of k6 that a counter of ours becomes. */
function k6Counter(name: string): string {
  const [family, ...rest] = name.split(".");
  if (family !== "messages" || name === "messages.unknown") return `im_count{name:${name}}`;
  const outcome = rest.at(-1)!;
  return rest.length === 1 ? `im_messages{outcome:${outcome}}` : `im_messages{mode:${rest[0]},outcome:${outcome}}`;
}

class Gates {
  readonly all: K6Thresholds = {};

  add(metric: string, gate: string | AbortingGate): void {
    const gates = this.all[metric] ??= [];
    if (!gates.some((other) => JSON.stringify(other) === JSON.stringify(gate))) gates.push(gate);
  }
}

function addLatency(gates: Gates, threshold: Threshold, { abortAfter }: K6ThresholdOptions): boolean {
  const { subject, operator, limit, samples } = threshold;
  // a Gauge knows no dimensions: they would be taken for the whole
  if (subject.kind !== "latency" || !isLatencyName(subject.name)) return false;
  const tags = tagsOfLatency(subject.name);
  const quantile = LIVE_QUANTILES.get(subject.statistic);
  if (quantile !== undefined) {
    const gate = `value${operator}${limit / 1000}`;
    gates.add(`im_latency_ms{${tags},q:${quantile},scope:total}`, gate);
    if (abortAfter !== undefined) {
      const metric = `im_latency_ms{${tags},q:${quantile},scope:window}`;
      gates.add(metric, { threshold: gate, abortOnFail: true, delayAbortEval: abortAfter });
    }
  } else if (subject.statistic === "count") gates.add(`im_samples{${tags}}`, `count${operator}${limit}`);
  else return false;
  gates.add(`im_samples{${tags}}`, `count>=${samples}`);
  return true;
}

function addCounter(gates: Gates, { subject, operator, limit, samples }: Threshold): boolean {
  // classes of statuses such as 5xx are sums over counters whose names nobody knows before
  if (subject.kind !== "counter" || /\.[1-6]xx$/.test(subject.name)) return false;
  const entry = counterEntry(subject.name);
  if (entry === undefined) return false;
  gates.add(k6Counter(subject.name), `count${operator}${limit}`);
  gates.add(k6Counter(entry.of), `count>=${samples}`);
  return true;
}

/** What only the agents' own evaluation knows: ratios, rates, gauges, means, windows. It comes when the run is over. */
function addEndGate(gates: Gates, { subject, operator, limit, expression, samples }: Threshold, index: number): void {
  const name = `${index}-${expression.slice(0, expression.indexOf(" ")).replace(/[^A-Za-z0-9_.-]+/g, "_")}`;
  const isDuration = subject.kind === "latency" && subject.statistic !== "count";
  gates.add(`im_gate_value{gate:${name}}`, `value${operator}${isDuration ? limit / 1000 : limit}`);
  gates.add(`im_gate_samples{gate:${name}}`, `count>=${samples}`);
}
