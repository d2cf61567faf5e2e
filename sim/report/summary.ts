// deno-lint-ignore-file camelcase -- fields are named as in summary.json
/** The summary of a run: what `summary.json` holds, from which every other report is made. */
import { MESSAGE_COUNTS, type MessageCount, RECEIVER_COUNTS, SENDER_COUNTS } from "../metrics/catalogue.ts";
import { conservationFaults } from "../metrics/conservation.ts";
import { Histogram, type LatencySummary } from "../metrics/histogram.ts";
import type { Snapshot, Totals } from "../metrics/snapshot.ts";
import type { RefusedLatencies } from "../results/refused_latency.ts";
import { type Calibration, type Manifest, RESULTS_FORMAT } from "../results/run_record.ts";
import { type Account, accountOf } from "./account.ts";
import { type LoadFigures, loadOf } from "./load_figures.ts";
import { rfc6076Of, type Rfc6076Sheet } from "./rfc6076.ts";
import { rfc7501Of, type Rfc7501Sheet } from "./rfc7501.ts";
import { CLIENTS, DECISIONS, LATENCIES_SHOWN, SESSION_TIMER, SESSIONS, TRANSPORT } from "./summary_parts.ts";
import { evaluate, type ThresholdResult } from "./thresholds.ts";
import { type Validity, validityOf } from "./validity.ts";

/** How a run is judged. */
export type Verdict = "passed" | "failed" | "invalid" | "interrupted";

/** Counts of messages, of one mode or in all. */
export type MessageSummary = Readonly<Record<MessageCount, number>>;

type Latency = LatencySummary;
type Counts<Name extends string> = Readonly<Record<Name, number>>;

/** What `summary.json` holds: durations in microseconds, ratios as shares of 1 and null when nothing was counted. */
export interface Summary {
  readonly format: number;
  readonly scenario: string;
  readonly verdict: Verdict;
  /** Length of the phases, or of what was run of them. */
  readonly duration_s: number;
  /** The threshold that ended the run before its time. */
  readonly aborted_by?: string;
  readonly clients: Counts<(typeof CLIENTS)[number]>;
  readonly decisions: Counts<(typeof DECISIONS)[number]>;
  readonly load: LoadFigures;
  readonly messages: MessageSummary & {
    readonly unknown: number;
    readonly pager: MessageSummary;
    readonly large: MessageSummary;
  };
  readonly sessions: Counts<(typeof SESSIONS)[number]>;
  readonly session_timer: Counts<(typeof SESSION_TIMER)[number]>;
  /** Findings of the audit of sessions, by name. */
  readonly audit: Readonly<Record<string, number>>;
  readonly retransmissions: Readonly<Record<string, number>>;
  readonly responses: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly requests: Readonly<Record<string, number>>;
  readonly timeouts: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  /** Rules that the peer broke, by rule. */
  readonly violations: Readonly<Record<string, number>>;
  readonly transport: Counts<(typeof TRANSPORT)[number]>;
  readonly latency_us: Readonly<Record<(typeof LATENCIES_SHOWN)[number], Latency>>;
  /** Parts of latencies by transport, size, response class and phase, by their names in the series. */
  readonly latency_parts_us: Readonly<Record<string, Latency>>;
  /** Latencies that are not given, and why; absent when there are none. */
  readonly refused_latencies?: RefusedLatencies;
  readonly rfc6076: Rfc6076Sheet;
  readonly rfc7501: Rfc7501Sheet;
  readonly generator: {
    readonly validity: Validity;
    readonly schedule_lag_us: Latency;
    readonly dropped_arrivals: number;
    /** Of the busiest worker, mean over the seconds of load; null when not measured. */
    readonly cpu_share: number | null;
    readonly cpu_share_peak: number | null;
    /** Null where it cannot be known. */
    readonly socket_drops: number | null;
    readonly send_buffer_full: number;
    readonly no_resources: number;
    /** Longest time that an event loop stood still while messages were started; null when not measured. */
    readonly loop_delay_max_us: number | null;
    /** Most open file descriptors of the process, and how many it may open; null where that is not known. */
    readonly descriptors: number | null;
    readonly descriptor_limit: number | null;
    /** Mean share of processor time that the host took from this machine; null where that is not known. */
    readonly steal: number | null;
    /** The tool's own error, as in `run.json`. */
    readonly calibration: Calibration | null;
    readonly clock: Exclude<Manifest["clock"], undefined>;
    readonly notes: readonly string[];
    readonly reasons: readonly string[];
  };
  readonly thresholds: readonly ThresholdResult[];
}

/** The summary of a run; `faults`: what was wrong with its files. */
export function summarise(manifest: Manifest, snapshots: Iterable<Snapshot>, faults: readonly string[] = []): Summary {
  const { workers, scenario: { thresholds } } = manifest;
  return summaryOf(manifest, accountOf(snapshots, { workers, thresholds }), faults);
}

/** The summary of a run that was added up while it ran; `faults`: as for `summarise`. */
export function summaryOf(manifest: Manifest, account: Account, faults: readonly string[] = []): Summary {
  if (manifest.outcome !== "running") account.finish();
  const { totals } = account;
  const { duration_s, ...load } = loadOf(manifest, account);
  const thresholds = evaluate(manifest.scenario.thresholds, {
    totals,
    seconds: load.measured_s,
    gaugePeaks: account.gaugePeaks(),
    windows: account.windows(),
    startedAt: manifest.started_at,
  });
  const isAborted = manifest.outcome === "aborted";
  // what an aborted run had no time to measure is not held against it: it has failed already
  const missing = thresholds.filter(({ status }) => status === "no_data" && !isAborted);
  const withoutData = missing.map(({ expression }) => expression);
  const cpu = account.cpuShare();
  const isCut = manifest.outcome === "running";
  const isPartial = isCut || manifest.agents?.some(({ lost }) => lost !== null) === true;
  const messages = messagesOf(totals, isPartial);
  // a run that was cut off, or lost an agent, has not closed its books
  const conservation = isPartial ? [] : conservationFaults(totals.counters);
  const allFaults = [...faults, ...(manifest.faults ?? []), ...conservation];
  const { validity, reasons } = validityOf({
    manifest,
    totals,
    cpu,
    health: account.health(),
    withoutData,
    failed: thresholds.filter(({ status }) => status === "failed" || status === "waived").map((each) =>
      each.expression
    ),
    faults: allFaults,
  });
  return {
    format: RESULTS_FORMAT,
    scenario: manifest.scenario.name,
    verdict: isCut || manifest.outcome === "interrupted" ? "interrupted" : verdictOf(validity, thresholds, isAborted),
    duration_s,
    ...(isAborted && { aborted_by: manifest.detail }),
    clients: countsOf("clients", CLIENTS, totals),
    decisions: countsOf("decisions", DECISIONS, totals),
    load,
    messages,
    sessions: countsOf("sessions", SESSIONS, totals),
    session_timer: countsOf("session_timer", SESSION_TIMER, totals),
    audit: familyOf("audit.", totals),
    retransmissions: familyOf("retransmissions.", totals),
    responses: responsesOf(totals),
    requests: familyOf("requests.", totals),
    timeouts: familyOf("timeouts.", totals),
    failures: familyOf("failures.", totals),
    violations: familyOf("violations.", totals),
    transport: countsOf("transport", TRANSPORT, totals),
    latency_us: latenciesOf(totals),
    latency_parts_us: latencyPartsOf(totals),
    ...(manifest.refused_latencies !== undefined && { refused_latencies: manifest.refused_latencies }),
    rfc6076: rfc6076Of(totals),
    rfc7501: rfc7501Of(manifest.scenario, totals, load.measured_s),
    generator: generatorOf(manifest, account, validity, reasons),
    thresholds,
  };
}

function verdictOf(validity: Validity, thresholds: readonly ThresholdResult[], isAborted: boolean): Verdict {
  if (validity === "invalid") return "invalid";
  const isLetThrough = thresholds.every(({ status }) => status === "passed" || status === "waived");
  return isLetThrough && !isAborted ? "passed" : "failed";
}

function countsOf<Name extends string>(scope: string, names: readonly Name[], totals: Totals): Counts<Name> {
  const entries = names.map((name) => [name, totals.counter(`${scope}.${name}`)] as const);
  return Object.fromEntries(entries) as Record<Name, number>;
}

/**
 * `isCut`: the run, or an agent of it, was killed before its ledgers were closed, so what is not known counts as
 * unanswered and open.
 */
function messagesOf(totals: Totals, isCut: boolean): Summary["messages"] {
  const parts = Object.keys(MESSAGE_COUNTS) as MessageCount[];
  const scoped = (scope: string): MessageSummary => {
    const counts = countsOf(scope, parts, totals);
    if (!isCut) return counts;
    const { attempted, unanswered, open } = counts;
    return {
      ...counts,
      unanswered: unanswered + Math.max(0, attempted - sumOf(counts, SENDER_COUNTS)),
      open: open + Math.max(0, attempted - sumOf(counts, RECEIVER_COUNTS)),
    };
  };
  return {
    ...scoped("messages"),
    unknown: totals.counter("messages.unknown"),
    pager: scoped("messages.pager"),
    large: scoped("messages.large"),
  };
}

function sumOf(counts: MessageSummary, parts: readonly MessageCount[]): number {
  return parts.reduce((sum, part) => sum + counts[part], 0);
}

/** Counters of a family by the rest of their name, sorted. */
function familyOf(prefix: string, totals: Totals): Record<string, number> {
  const members = Object.entries(totals.counters).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(
    members.map(([name, count]) => [name.slice(prefix.length), count] as const).toSorted(([a], [b]) => a < b ? -1 : 1),
  );
}

function responsesOf(totals: Totals): Record<string, Record<string, number>> {
  const responses: Record<string, Record<string, number>> = {};
  for (const [name, count] of Object.entries(familyOf("responses.", totals))) {
    const dot = name.lastIndexOf(".");
    (responses[name.slice(0, dot)] ??= {})[name.slice(dot + 1)] = count;
  }
  return responses;
}

const NOTHING = new Histogram().summary();

function latencyOf(name: string, totals: Totals): Latency {
  return totals.latencies.get(name)?.summary() ?? NOTHING;
}

function latenciesOf(totals: Totals): Summary["latency_us"] {
  const entries = LATENCIES_SHOWN.map((name) => [name, latencyOf(name, totals)] as const);
  return Object.fromEntries(entries) as Record<(typeof LATENCIES_SHOWN)[number], Latency>;
}

function latencyPartsOf(totals: Totals): Summary["latency_parts_us"] {
  // sizes in the order of numbers
  const order = new Intl.Collator("en", { numeric: true });
  const parts = [...totals.latencies].filter(([name]) => name.includes("{"));
  return Object.fromEntries(
    parts.toSorted(([a], [b]) => order.compare(a, b)).map(([name, latency]) => [name, latency.summary()]),
  );
}

function generatorOf(
  manifest: Manifest,
  account: Account,
  validity: Validity,
  reasons: readonly string[],
): Summary["generator"] {
  const { totals } = account;
  const cpu = account.cpuShare();
  const health = account.health();
  const rounded = (share: number | null): number | null => share === null ? null : Number(share.toFixed(4));
  return {
    validity,
    schedule_lag_us: latencyOf("schedule_lag", totals),
    dropped_arrivals: totals.counter("generator.dropped_arrivals"),
    cpu_share: rounded(cpu.mean),
    cpu_share_peak: rounded(cpu.peak),
    // what one blind socket has lost is not 0, whatever the others say
    socket_drops: health.blindSockets === 0 ? totals.counter("generator.socket_drops") : null,
    send_buffer_full: totals.counter("generator.send_buffer_full"),
    no_resources: totals.counter("generator.no_resources"),
    loop_delay_max_us: health.loopDelay,
    descriptors: health.descriptors,
    descriptor_limit: health.descriptorLimit,
    steal: rounded(health.steal),
    calibration: manifest.calibration ?? null,
    clock: manifest.clock ?? null,
    notes: manifest.notes ?? [],
    reasons,
  };
}
