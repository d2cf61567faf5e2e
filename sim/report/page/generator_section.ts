/** Whether the figures can be believed: what was seen of the generator itself, every second. */
import { GAUGES } from "../../metrics/catalogue.ts";
import type { Manifest } from "../../results/run_record.ts";
import type { Summary } from "../summary.ts";
import { showCount, showMicros, showOctets, showShare } from "../units.ts";
import { type ChartUnit, healthChart, type LineChart, rateOf } from "./line_charts.ts";
import { type Markup, markup } from "./markup.ts";
import { canvasPlace, section, tableOf } from "./tables.ts";
import type { Timeline } from "./timeline.ts";

/** One figure of the generator over time. */
interface HealthFigure {
  readonly title: string;
  readonly meaning: string;
  readonly chart: LineChart;
}

/** Gauges that say nothing over time: constants, and what the schedule lag itself shows more exactly. */
const NOT_DRAWN: ReadonlySet<string> = new Set(["schedule_lag_p99", "descriptor_limit", "blind_sockets"]);

/** Every figure of the generator that the run has recorded. */
export function healthFiguresOf(timeline: Timeline, { scenario }: Manifest): HealthFigure[] {
  const limits = limitsOf(timeline, scenario.limits);
  const lag = timeline.latencies.get("schedule_lag")?.map((point) => point?.p99 ?? null) ?? [];
  const figures: HealthFigure[] = [];
  if (lag.some((value) => value !== null)) {
    figures.push({
      title: "schedule lag, p99",
      meaning: "how late messages were started",
      chart: healthChart("health-lag", "p99", "micros", lag, scenario.limits.scheduleLagP99 * 1000),
    });
  }
  for (const [name, values] of [...timeline.gauges].toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const short = name.slice("generator.".length);
    if (!name.startsWith("generator.") || NOT_DRAWN.has(short) || values.every((value) => value === null)) continue;
    const title = short.replaceAll("_", " ");
    figures.push({
      title,
      meaning: GAUGES.find((gauge) => gauge.name === name)?.meaning ?? "",
      chart: healthChart(`health-${short}`, title, unitOfGauge(name), values, limits[short]),
    });
  }
  const dropped = rateOf(timeline, ["generator.dropped_arrivals"]);
  figures.push({
    title: "messages not started",
    meaning: "because too many were under way",
    chart: healthChart("health-dropped", "not started", "rate", dropped),
  });
  return figures;
}

/** The limits of the scenario, by the gauge's name, in its unit. */
function limitsOf({ gauges }: Timeline, limits: Manifest["scenario"]["limits"]): Readonly<Record<string, number>> {
  // folders of older versions have no limits of validity
  const validity: typeof limits.validity | undefined = limits.validity;
  const descriptors = gauges.get("generator.descriptor_limit")?.find((value) => value !== null);
  return {
    "cpu_share": limits.cpuShare,
    ...(validity !== undefined && { "loop_delay": validity.loopDelay * 1000, steal: validity.steal }),
    ...(validity !== undefined && typeof descriptors === "number" && {
      descriptors: Math.round(validity.descriptors * descriptors),
    }),
  };
}

/** The unit of a gauge, by the catalogue or, for one of a newer version, by its name. */
function unitOfGauge(name: string): ChartUnit {
  const unit = GAUGES.find((gauge) => gauge.name === name)?.unit;
  if (unit === "share" || unit === "octets" || unit === "count") return unit;
  if (unit === "per second") return "rate";
  if (unit === "us" || /_us$/.test(name)) return "micros";
  if (/share$/.test(name)) return "share";
  return /memory|octets|bytes/.test(name) ? "octets" : "count";
}

/** The section with a small chart for each figure. */
export function generatorSection(summary: Summary, figures: readonly HealthFigure[]): Markup {
  const { generator } = summary;
  const charts = figures.map(({ title, meaning, chart }) => {
    const peak = peakOf(chart);
    const words = `${title}: ${peak === undefined ? "not measured" : `at most ${peak}`}`;
    return markup`<figure class="small"><figcaption><h3>${title}</h3><p>${meaning}${meaning === "" ? "" : "; "}${
      peak === undefined ? "not measured" : `at most ${peak}`
    }${limitOf(chart)}</p></figcaption>${canvasPlace(chart.id, words)}</figure>`;
  });
  const { schedule_lag_us: lag } = generator;
  const rows = [
    ["schedule lag, p99", lag.p99 === null ? "not measured" : showMicros(lag.p99)],
    ["schedule lag, max", lag.max === null ? "not measured" : showMicros(lag.max)],
    ["processor, busiest worker, mean", share(generator.cpu_share)],
    ["processor, busiest worker, peak", share(generator.cpu_share_peak)],
    ["messages not started", showCount(generator.dropped_arrivals)],
    [
      "datagrams dropped by our kernel",
      generator.socket_drops === null ? "unknown" : showCount(generator.socket_drops),
    ],
    ["datagrams refused, send buffer full", showCount(generator.send_buffer_full)],
    ["event loop stood still, at most", micros(generator.loop_delay_max_us)],
    ["open file descriptors, at most", `${count(generator.descriptors)} of ${count(generator.descriptor_limit)}`],
    ["processor time taken by the host", generator.steal === null ? "unknown" : showShare(generator.steal)],
    ["own error, p50", micros(generator.calibration?.p50_us ?? null)],
    ["own error, p99", micros(generator.calibration?.p99_us ?? null)],
    ...generator.notes.map((note) => ["note", note]),
  ];
  const lead = "A run whose generator was the limit says nothing about the server. These figures decide about that.";
  return section("generator", "Generator health", lead, [
    markup`<div class="grid-small">${charts}</div>`,
    tableOf({ caption: "Generator over the whole run", head: ["", "value"], rows }),
  ]);
}

function count(value: number | null): string {
  return value === null ? "unknown" : showCount(value);
}

function micros(value: number | null): string {
  return value === null ? "not measured" : showMicros(value);
}

function share(value: number | null): string {
  return value === null ? "not measured" : `${showShare(value)} of a core`;
}

function peakOf({ series, unit }: LineChart): string | undefined {
  const values = series.flatMap((each) => each.values).filter((value) => value !== null);
  return values.length === 0 ? undefined : shown(values.reduce((a, b) => Math.max(a, b)), unit);
}

function limitOf({ limit, unit }: LineChart): string {
  return limit === undefined ? "" : `; limit ${shown(limit, unit)}`;
}

function shown(value: number, unit: ChartUnit): string {
  switch (unit) {
    case "micros":
      return showMicros(value);
    case "share":
      return showShare(value);
    case "octets":
      return showOctets(value);
    case "rate":
      return `${showCount(value)}/s`;
    case "count":
      return value < 100 && !Number.isInteger(value) ? value.toFixed(2) : showCount(value);
  }
}
