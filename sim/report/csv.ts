/** A run second by second as comma-separated values (RFC 4180). */
import {
  type CounterName,
  type GaugeName,
  type LatencyName,
  RECEIVER_COUNTS,
  SENDER_COUNTS,
} from "../metrics/catalogue.ts";
import { Histogram } from "../metrics/histogram.ts";
import { sumOf } from "../metrics/ratio.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { secondsOf } from "./series.ts";

const MESSAGES = ["attempted", ...SENDER_COUNTS, ...RECEIVER_COUNTS, "duplicated", "corrupted", "misrouted", "late"];
const COUNTERS: readonly CounterName[] = [
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
const LATENCIES: readonly LatencyName[] = [
  "register",
  "pager_accept",
  "pager_delivery",
  "large_setup",
  "large_delivery",
  "schedule_lag",
];
const QUANTILES = [["p50", 0.5], ["p95", 0.95], ["p99", 0.99], ["max", 1]] as const;
const GAUGES: readonly GaugeName[] = ["sessions.open", "messages.under_way", "generator.cpu_share", "load.phase"];

/** One line a second: counts of that second, quantiles of its latencies in microseconds, empty without samples. */
export function toCsv(snapshots: readonly Snapshot[]): string {
  const head = [
    "second",
    ...COUNTERS,
    ...LATENCIES.flatMap((name) => QUANTILES.map(([label]) => `${name}_${label}_us`)),
    ...GAUGES,
  ];
  const lines = [...secondsOf(snapshots)].map(lineOf);
  return [head, ...lines].map((fields) => `${fields.map(escaped).join(",")}\r\n`).join("");
}

function lineOf(second: Snapshot): string[] {
  const counts = COUNTERS.map((name) => String(sumOf([name], second.counters)));
  const gauges = GAUGES.map((name) => second.gauges[name] === undefined ? "" : String(second.gauges[name]));
  return [
    String(second.index),
    ...counts,
    ...LATENCIES.flatMap((name) => quantilesOf(second.histograms[name])),
    ...gauges,
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
