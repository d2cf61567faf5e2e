/** The figures of a run under the names that Prometheus and OpenTelemetry see. */
import {
  counterEntry,
  counterFamily,
  COUNTERS,
  GAUGES,
  LATENCIES,
  MESSAGE_COUNTS,
  RECEIVER_COUNTS,
  SENDER_COUNTS,
  type Unit,
} from "../metrics/catalogue.ts";
import { Histogram } from "../metrics/histogram.ts";
import { MODES } from "../metrics/outcome.ts";
import type { BucketSample, Labels, MetricFamily, Sample } from "./open_metrics.ts";

/** What has been counted since a run began; memory is bounded by the number of names. */
export interface Cumulative {
  readonly counters: Readonly<Record<string, number>>;
  /** Latest values, workers merged. */
  readonly gauges: Readonly<Record<string, number>>;
  readonly latencies: ReadonlyMap<string, Histogram>;
}

/** Bounds of the buckets of every latency, in microseconds. */
export const BUCKET_BOUNDS: readonly number[] = [
  ...[100, 250, 500],
  ...[1, 2.5, 5, 10, 25, 50, 100, 250, 500].map((millis) => millis * 1000),
  ...[1, 2.5, 5, 10, 30, 60].map((seconds) => seconds * 1_000_000),
];

/** A name and labels that stand for one metric of the catalogue. */
export interface ExposedName {
  readonly name: string;
  readonly labels: Labels;
}

const PREFIX = "imstorm_";
const MODE_REGEXP = new RegExp(`^messages\\.(${MODES.join("|")})\\.(.+)$`);
/** `pager_accept`, `pager_accept{transport=udp}`. */
const LATENCY_REGEXP = /^(?:(pager|large)_)?([^{]+)(?:\{([a-z0-9_]+)=([^}]*)\})?$/;
const LATENCY_MODE_HELP = "from the due moment, by mode; the catalogue has each mode's exact meaning";

/** The families of a run's figures: every metric with a fixed name, also one that never counted, and what else counted. */
export function familiesOf(figures: Cumulative): MetricFamily[] {
  return [
    ...counterFamilies(figures.counters),
    ...gaugeFamilies(figures.gauges),
    ...latencyFamilies(figures.latencies),
  ];
}

/** How a counter is exposed, without `_total`; undefined for a sum of others that are exposed by mode. */
export function exposedCounter(name: string): ExposedName | undefined {
  const [, mode, part] = MODE_REGEXP.exec(name) ?? [];
  if (mode !== undefined && part !== undefined) return messageCounter(mode, part);
  if (name.startsWith("messages.") && name.slice("messages.".length) in MESSAGE_COUNTS) return undefined;
  const family = counterFamily(name);
  if (family === undefined) return { name: exposed(name) + unitSuffix(counterEntry(name)?.unit), labels: {} };
  const { prefix, member } = family;
  if (prefix === "responses.") {
    const dot = member.lastIndexOf(".");
    return { name: `${PREFIX}responses`, labels: { method: member.slice(0, dot), status: member.slice(dot + 1) } };
  }
  const name_ = exposed(prefix.slice(0, -1));
  // the sum of this family is a counter of its own, without label
  const isSummed = counterEntry(prefix.slice(0, -1)) !== undefined;
  return { name: isSummed ? `${name_}_by_fault` : name_, labels: { [FAMILY_LABELS[prefix] ?? "kind"]: member } };
}

const FAMILY_LABELS: Readonly<Record<string, string>> = {
  "requests.": "method",
  "retransmissions.": "method",
  "timeouts.": "method",
  "sip.malformed.": "fault",
  "msrp.malformed.": "fault",
  "transport.faults.": "fault",
  "violations.": "rule",
  "failures.": "reason",
};

function messageCounter(mode: string, part: string): ExposedName {
  if ((SENDER_COUNTS as readonly string[]).includes(part)) {
    return { name: `${PREFIX}messages_by_outcome`, labels: { mode, outcome: part } };
  }
  if ((RECEIVER_COUNTS as readonly string[]).includes(part)) {
    return { name: `${PREFIX}messages_by_arrival`, labels: { mode, arrival: part } };
  }
  const name = part === "octets_delivered" ? "delivered_bytes" : part;
  return { name: `${PREFIX}messages_${plain(name)}`, labels: { mode } };
}

/** How a latency is exposed: modes and dimensions are labels. */
export function exposedLatency(name: string): ExposedName {
  const [, mode, base, label, value] = LATENCY_REGEXP.exec(name) ?? [, undefined, name];
  const stem = `${PREFIX}${mode === undefined ? "" : "message_"}${plain(base!)}`;
  return {
    name: `${stem}${label === undefined ? "" : `_by_${label}`}_seconds`,
    labels: { ...(mode !== undefined && { mode }), ...(label !== undefined && { [label]: value! }) },
  };
}

/** How a gauge is exposed. */
export function exposedGauge(name: string): ExposedName {
  const unit = GAUGES.find((each) => each.name === name)?.unit;
  // a share of something is called a ratio there
  const stem = unit === "share" ? name.replace(/_share$/, "") : name;
  return { name: exposed(stem) + unitSuffix(unit), labels: {} };
}

function counterFamilies(counters: Cumulative["counters"]): MetricFamily[] {
  const names = new Set([...COUNTERS.map(({ name }) => name), ...Object.keys(counters).toSorted()]);
  const samples = new Map<string, Sample[]>();
  const helps = new Map<string, string>();
  for (const name of names) {
    const shown = exposedCounter(name);
    if (shown === undefined) continue;
    pushTo(samples, shown.name, { labels: shown.labels, value: counters[name] ?? 0 });
    if (!helps.has(shown.name)) helps.set(shown.name, counterHelp(shown.name, name));
  }
  return [...samples].map(([name, each]) => ({
    name,
    kind: "counter",
    ...(name.endsWith("_bytes") && { unit: "bytes" as const }),
    help: helps.get(name)!,
    samples: each,
  }));
}

const GROUP_HELPS: Readonly<Record<string, string>> = {
  [`${PREFIX}messages_by_outcome`]: "what senders learned of their messages; adds up to the attempted ones at the end",
  [`${PREFIX}messages_by_arrival`]: "what receivers saw of messages; adds up to the attempted ones at the end",
};

function counterHelp(shown: string, name: string): string {
  return sentence(GROUP_HELPS[shown] ?? counterEntry(name)?.meaning ?? name);
}

function gaugeFamilies(gauges: Cumulative["gauges"]): MetricFamily[] {
  return Object.entries(gauges).toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => {
    const known = GAUGES.find((each) => each.name === name);
    const unit = known && UNITS[known.unit];
    return {
      name: exposedGauge(name).name,
      kind: "gauge",
      ...(unit !== undefined && { unit }),
      help: sentence(known?.meaning ?? name),
      samples: [{ labels: {}, value: known?.unit === "us" ? value / 1e6 : value }],
    };
  });
}

const EMPTY = new Histogram();

function latencyFamilies(latencies: Cumulative["latencies"]): MetricFamily[] {
  const names = new Set<string>([...LATENCIES.map(({ name }) => name), ...[...latencies.keys()].toSorted()]);
  const samples = new Map<string, BucketSample[]>();
  const helps = new Map<string, string>();
  for (const name of names) {
    const shown = exposedLatency(name);
    pushTo(samples, shown.name, bucketsOf(shown.labels, latencies.get(name) ?? EMPTY));
    const meaning = LATENCIES.find((each) => each.name === name)?.meaning ?? "a part of the latency of the same name";
    helps.set(shown.name, helps.has(shown.name) ? LATENCY_MODE_HELP : meaning);
  }
  return [...samples].map(([name, each]) => ({
    name,
    kind: "histogram",
    unit: "seconds",
    help: sentence(helps.get(name)!),
    samples: each,
  }));
}

function bucketsOf(labels: Labels, latency: Histogram): BucketSample {
  const counts = latency.countsAtMost(BUCKET_BOUNDS);
  const count = latency.count();
  return {
    labels,
    buckets: BUCKET_BOUNDS.map((micros, i) => [micros / 1e6, counts[i]!]),
    count,
    sum: count === 0 ? 0 : Number(((latency.mean() * count) / 1e6).toPrecision(12)),
  };
}

function pushTo<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

/** Base units of Prometheus; names end with them. */
const UNITS: Readonly<Partial<Record<Unit, "seconds" | "bytes" | "ratio">>> = {
  octets: "bytes",
  share: "ratio",
  seconds: "seconds",
  us: "seconds",
};

function unitSuffix(unit: Unit | undefined): string {
  const suffix = unit && UNITS[unit];
  return suffix === undefined ? "" : `_${suffix}`;
}

/** Dots become underscores, and the unit leaves the middle of a name for its end. */
function exposed(name: string): string {
  return PREFIX + plain(name.replace(/octets_/, ""));
}

function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, "_");
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
