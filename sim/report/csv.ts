/** A run second by second as comma-separated values (RFC 4180). */
import {
  type CounterName,
  COUNTERS,
  type GaugeName,
  GAUGES,
  LATENCIES,
  type LatencyName,
  RECEIVER_COUNTS,
  SENDER_COUNTS,
} from "../metrics/catalogue.ts";
import { Histogram } from "../metrics/histogram.ts";
import { sumOf } from "../metrics/ratio.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { secondsOf } from "./series.ts";

const MESSAGES = ["attempted", ...SENDER_COUNTS, ...RECEIVER_COUNTS, "duplicated", "corrupted", "misrouted", "late"];
/** These come first, then the rest of the catalogue, then members of families that counted. */
const FIRST_COUNTERS: readonly CounterName[] = [
  "generator.arrivals",
  "generator.dropped_arrivals",
  ...MESSAGES.map((part) => `messages.${part}` as CounterName),
  "messages.pager.delivered",
  "messages.large.delivered",
  "messages.octets_delivered",
  "sessions.invited",
  "sessions.established",
  "sessions.failed",
  "retransmissions.MESSAGE",
  "retransmissions.INVITE",
  "transport.sent",
  "transport.received",
  "clients.registered",
];
const FIRST_LATENCIES: readonly LatencyName[] = [
  "register",
  "pager_accept",
  "pager_delivery",
  "large_setup",
  "large_delivery",
  "schedule_lag",
];
const QUANTILES = [["p50", 0.5], ["p95", 0.95], ["p99", 0.99], ["max", 1]] as const;
const FIRST_GAUGES: readonly GaugeName[] = ["sessions.open", "messages.under_way", "generator.cpu_share", "load.phase"];

interface Columns {
  readonly counters: readonly string[];
  readonly latencies: readonly string[];
  readonly gauges: readonly string[];
}

/**
 * One line a second: counts of that second, quantiles of its latencies in microseconds, empty without samples. The
 * columns are every metric of the catalogue and what else was recorded; read them by name.
 */
export function toCsv(snapshots: readonly Snapshot[]): string {
  const seconds = [...secondsOf(snapshots)];
  const columns: Columns = {
    counters: namesOf(FIRST_COUNTERS, COUNTERS, seconds.map(({ counters }) => counters)),
    latencies: namesOf(FIRST_LATENCIES, LATENCIES, seconds.map(({ histograms }) => histograms)),
    gauges: namesOf(FIRST_GAUGES, GAUGES, seconds.map(({ gauges }) => gauges)),
  };
  const head = [
    "second",
    ...columns.counters,
    ...columns.latencies.flatMap((name) => QUANTILES.map(([label]) => `${name}_${label}_us`)),
    ...columns.gauges,
  ];
  const lines = seconds.map((second) => lineOf(second, columns));
  return [head, ...lines].map((fields) => `${fields.map(escaped).join(",")}\r\n`).join("");
}

function namesOf(
  first: readonly string[],
  known: readonly { readonly name: string }[],
  recorded: readonly Readonly<Record<string, unknown>>[],
): string[] {
  const others = new Set(recorded.flatMap((names) => Object.keys(names)));
  return [...new Set([...first, ...known.map(({ name }) => name), ...[...others].toSorted()])];
}

function lineOf(second: Snapshot, { counters, latencies, gauges }: Columns): string[] {
  return [
    String(second.index),
    ...counters.map((name) => String(sumOf([name], second.counters))),
    ...latencies.flatMap((name) => quantilesOf(second.histograms[name])),
    ...gauges.map((name) => second.gauges[name] === undefined ? "" : String(second.gauges[name])),
  ];
}

function quantilesOf(encoding: Uint8Array | undefined): string[] {
  const histogram = encoding && Histogram.decode(encoding);
  return QUANTILES.map(([, share]) => histogram === undefined ? "" : String(histogram.quantile(share)));
}

/** A field in quotes where it holds a comma, a quote or a line end. */
function escaped(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
