/** What is compared between two runs, and which of it decides. */
import type { LatencyName } from "../../metrics/catalogue.ts";
import type { Totals } from "../../metrics/snapshot.ts";

/**
 * What a metric does to the verdict: `core` ones must be decided and can make it worse, `detail` ones can make it worse,
 * `generator` ones are shown only, because they are not the server's.
 */
export type Role = "core" | "detail" | "generator";

/** How a metric is made of the seconds of a run. */
export type Statistic =
  | { readonly kind: "ratio"; readonly numerator: readonly string[]; readonly denominator: readonly string[] }
  | { readonly kind: "rate"; readonly counters: readonly string[] }
  | { readonly kind: "mean"; readonly gauge: string }
  | { readonly kind: "quantile"; readonly latency: LatencyName; readonly share: number };

/** One compared metric. */
export interface ComparedMetric {
  readonly name: string;
  readonly unit: "us" | "per second" | "share";
  readonly better: "lower" | "higher";
  /** Whether its differences are shares of the baseline's value, or differences of shares. */
  readonly scale: "relative" | "absolute";
  readonly role: Role;
  readonly statistic: Statistic;
}

/** Percentiles that are compared, with the role they have where the latency is a core one. */
const QUANTILES = [["p50", 0.5, "core"], ["p90", 0.9, "core"], ["p99", 0.99, "detail"], [
  "p999",
  0.999,
  "detail",
]] as const;

/** The shares of values that the compared percentiles do not exceed. */
export const SHARES: readonly number[] = QUANTILES.map(([, share]) => share);

const LATENCIES: readonly (readonly [LatencyName, Role])[] = [
  ["pager_accept", "core"],
  ["pager_delivery", "core"],
  ["large_setup", "detail"],
  ["large_transfer", "detail"],
  ["large_accept", "core"],
  ["large_delivery", "core"],
  ["large_teardown", "detail"],
  ["refresh", "detail"],
  ["register", "detail"],
  ["schedule_lag", "generator"],
];

/** The metrics that these runs have, in the order they are shown. */
export function comparedMetrics(runs: readonly Totals[]): ComparedMetric[] {
  const has = (counter: string): boolean => runs.some((totals) => totals.counter(counter) > 0);
  const modes = ["pager", "large"].filter((mode) => has(`messages.${mode}.attempted`));
  const scopes = ["", ...(modes.length > 1 ? modes.map((mode) => `${mode}.`) : [])];
  return [
    ...scopes.flatMap((scope) => ratiosOf(scope)),
    THROUGHPUT,
    ...LATENCIES.filter(([latency]) => runs.some((totals) => (totals.latencies.get(latency)?.count() ?? 0) > 0))
      .flatMap(([latency, role]) => quantilesOf(latency, role)),
    ...(has("messages.pager.attempted") ? [RETRANSMISSIONS] : []),
    CPU_SHARE,
  ];
}

const THROUGHPUT: ComparedMetric = {
  name: "throughput",
  unit: "per second",
  better: "higher",
  scale: "relative",
  role: "core",
  statistic: { kind: "rate", counters: ["messages.delivered"] },
};

const CPU_SHARE: ComparedMetric = {
  name: "generator.cpu_share",
  unit: "share",
  better: "lower",
  scale: "relative",
  role: "generator",
  statistic: { kind: "mean", gauge: "generator.cpu_share" },
};

const RETRANSMISSIONS: ComparedMetric = {
  name: "pager.retransmission_ratio",
  unit: "share",
  better: "lower",
  scale: "absolute",
  role: "detail",
  statistic: { kind: "ratio", numerator: ["retransmissions.MESSAGE"], denominator: ["messages.pager.attempted"] },
};

// outcomes over outcomes, not over attempts: both are counted in the second in which the fate became known
const FAILURES = ["rejected", "failed", "timed_out", "unanswered"];
const ACCEPTED = ["accepted_200", "accepted_202"];
const MISSED = ["lost", "refused", "open"];

function ratiosOf(scope: string): ComparedMetric[] {
  const names = (parts: readonly string[]): string[] => parts.map((part) => `messages.${scope}${part}`);
  return [
    {
      name: `${scope}delivered_ratio`,
      unit: "share",
      better: "higher",
      scale: "absolute",
      role: "core",
      statistic: { kind: "ratio", numerator: names(["delivered"]), denominator: names(["delivered", ...MISSED]) },
    },
    {
      name: `${scope}failure_ratio`,
      unit: "share",
      better: "lower",
      scale: "absolute",
      role: "core",
      statistic: { kind: "ratio", numerator: names(FAILURES), denominator: names([...FAILURES, ...ACCEPTED]) },
    },
  ];
}

function quantilesOf(latency: LatencyName, role: Role): ComparedMetric[] {
  return QUANTILES.map(([label, share, ofCore]) => ({
    name: `${latency}.${label}`,
    unit: "us",
    better: "lower",
    scale: "relative",
    role: role === "core" ? ofCore : role,
    statistic: { kind: "quantile", latency, share },
  }));
}
