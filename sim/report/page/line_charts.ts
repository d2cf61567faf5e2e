/** What the browser draws with uPlot: charts over time, as data without any behaviour. */
import type { LatencyPoint, Timeline } from "./timeline.ts";

/** What the values of a chart are, which says how the browser writes them. */
export type ChartUnit = "rate" | "micros" | "share" | "octets" | "count";

/** How a series is drawn; every chart tells its series apart by this as well as by colour. */
export type Stroke = "line" | "thick" | "thin" | "dotted" | "dashed" | "area" | "bars" | "inner";

/** The colour of a series, by what it means; `page.css` has it for light and dark. */
export type Role = "pager" | "large" | "offered" | "achieved" | "bad" | "health";

/** One line of a chart. */
export interface Series {
  readonly label: string;
  readonly role: Role;
  readonly stroke: Stroke;
  readonly values: readonly (number | null)[];
}

/** One chart over time. */
export interface LineChart {
  readonly id: string;
  readonly unit: ChartUnit;
  readonly scale: "linear" | "log";
  /** Pixels on screen. */
  readonly height: number;
  readonly series: readonly Series[];
  /** Filled between two series, by their position in `series`: the upper, the lower and how strong, 0 to 1. */
  readonly bands: readonly (readonly [upper: number, lower: number, strength: number])[];
  /** A limit drawn as a line across. */
  readonly limit?: number;
}

/** Increments of a counter as a rate per second; null where nothing was written. */
export function rateOf({ counters, covered }: Timeline, names: readonly string[]): (number | null)[] {
  return covered.map((seconds, i) => {
    if (seconds === 0) return null;
    const sum = names.reduce((total, name) => total + (counters.get(name)?.[i] ?? 0), 0);
    return rounded(sum / seconds);
  });
}

/** Offered against achieved: what became due, what was started, what arrived, and what did not. */
export function rateChart(timeline: Timeline): LineChart {
  const dropped = rateOf(timeline, ["generator.dropped_arrivals"]);
  const bad = rateOf(timeline, ["messages.rejected", "messages.failed", "messages.timed_out", "messages.lost"]);
  const asked = timeline.gauges.get("load.rate");
  const series: Series[] = [
    ...(asked === undefined ? [] : [line("asked for", "offered", "dashed", asked)]),
    line("offered: became due", "offered", "line", rateOf(timeline, ["generator.arrivals"])),
    line("achieved: delivered", "achieved", "area", rateOf(timeline, ["messages.delivered"])),
  ];
  if (dropped.some(isAboveZero)) series.push(line("not started", "bad", "dashed", dropped));
  if (bad.some(isAboveZero)) series.push(line("rejected, failed, timed out or lost", "bad", "thick", bad));
  return { id: "rates", unit: "rate", scale: "linear", height: 260, series, bands: [] };
}

/** Percentile bands of one latency; undefined when it has no samples. */
export function bandChart(id: string, role: Role, points: readonly (LatencyPoint | null)[]): LineChart | undefined {
  if (points.every((point) => point === null)) return undefined;
  const row = (key: "p50" | "p90" | "p99" | "max"): (number | null)[] => points.map((point) => point?.[key] ?? null);
  const series: Series[] = [
    line("max", role, "dotted", row("max")),
    line("p99", role, "thin", row("p99")),
    line("p90", role, "dashed", row("p90")),
    line("p50", role, "thick", row("p50")),
  ];
  const bands: LineChart["bands"] = [[0, 1, 0.12], [1, 2, 0.22], [2, 3, 0.38]];
  return { id, unit: "micros", scale: "log", height: 220, series, bands };
}

/** Refreshes due and done, and how many sessions were open. */
export function timerCharts(timeline: Timeline): LineChart[] {
  const { counters, gauges, latencies } = timeline;
  const due = counters.get("session_timer.refreshes_due") ?? counters.get("session_timer.refreshes_sent");
  if (due === undefined) return [];
  const done = (latencies.get("refresh") ?? []).map((point) => point?.count ?? 0);
  const missed = ["session_timer.refreshes_failed", "session_timer.expired"].map((name) => counters.get(name));
  const missing = timeline.starts.map((_, i) => missed.reduce((sum, row) => sum + (row?.[i] ?? 0), 0));
  const refreshes: LineChart = {
    id: "refreshes",
    unit: "count",
    scale: "linear",
    height: 150,
    series: [
      line("due", "offered", "bars", due),
      line("done", "large", "inner", done),
      ...(missing.some(isAboveZero) ? [line("failed or expired", "bad", "bars", missing)] : []),
    ],
    bands: [],
  };
  const open = gauges.get("sessions.open");
  if (open === undefined) return [refreshes];
  const sessions = [line("sessions open", "large", "area", open)];
  return [refreshes, { id: "sessions", unit: "count", scale: "linear", height: 110, series: sessions, bands: [] }];
}

/** A small chart of one figure of the generator. */
export function healthChart(
  id: string,
  label: string,
  unit: ChartUnit,
  values: readonly (number | null)[],
  limit?: number,
): LineChart {
  const series = [line(label, "health", "area", values.map((value) => value === null ? null : rounded(value)))];
  const chart: LineChart = { id, unit, scale: "linear", height: 110, series, bands: [] };
  return limit === undefined ? chart : { ...chart, limit };
}

function line(label: string, role: Role, stroke: Stroke, values: readonly (number | null)[]): Series {
  return { label, role, stroke, values };
}

function isAboveZero(value: number | null): boolean {
  return value !== null && value > 0;
}

/** Four digits are more than a chart shows, and keep a page small. */
function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}
