/** The figures of a night by which nights are compared: few, and all from `summary.json`. */
import type { StoredRun } from "../../results/history.ts";
import { RESULTS_FORMAT } from "../../results/run_record.ts";
import type { Summary } from "../summary.ts";

/** A stored run with its summary, where it has one that can be read. */
export interface Night extends StoredRun {
  readonly summary: Summary | undefined;
}

/** A figure of a night. */
export interface NightFigure {
  readonly name: string;
  readonly unit: "us" | "per second" | "share";
  readonly better: "lower" | "higher";
  /** Null without samples. */
  valueOf(summary: Summary): number | null;
}

const LATENCIES = ["pager_accept", "pager_delivery", "large_accept", "large_delivery"] as const;

/** All figures, in the order they are shown. */
export const NIGHT_FIGURES: readonly NightFigure[] = [
  {
    name: "delivered_ratio",
    unit: "share",
    better: "higher",
    valueOf: ({ messages: { delivered, attempted, unobserved } }) => shareOf(delivered, attempted - unobserved),
  },
  {
    name: "failure_ratio",
    unit: "share",
    better: "lower",
    valueOf: ({ messages }) =>
      shareOf(messages.attempted - messages.accepted_200 - messages.accepted_202, messages.attempted),
  },
  {
    name: "throughput",
    unit: "per second",
    better: "higher",
    valueOf: ({ load }) => load.delivered_per_second,
  },
  ...LATENCIES.flatMap((latency) =>
    (["p50", "p99"] as const).map((quantile): NightFigure => ({
      name: `${latency}.${quantile}`,
      unit: "us",
      better: "lower",
      valueOf: ({ latency_us: latencies }) => latencies[latency]?.[quantile] ?? null,
    }))
  ),
];

/** A stored run as a night; a summary of another format or shape is none. */
export function nightOf(run: StoredRun): Night {
  const { summary } = run;
  return { ...run, summary: isSummary(summary) ? summary : undefined };
}

/** Whether the figures of a night may say what is usual: it ended by itself, and its measurement was valid. */
export function isSound({ manifest, summary }: Night): boolean {
  return manifest.outcome === "completed" && summary !== undefined && summary.generator.validity === "valid" &&
    (summary.verdict === "passed" || summary.verdict === "failed");
}

function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function isSummary(value: unknown): value is Summary {
  if (typeof value !== "object" || value === null) return false;
  const { format, messages, load, generator, latency_us: latencies } = value as Partial<Summary>;
  return format === RESULTS_FORMAT && [messages, load, generator, latencies].every((each) => typeof each === "object");
}
