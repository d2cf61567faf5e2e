/** Load and latency: over time, by percentile, by size, by phase, and the refreshes of sessions. */
import type { Histogram } from "../../metrics/histogram.ts";
import { counterEntry, LATENCIES } from "../../metrics/catalogue.ts";
import type { RefusedLatencies } from "../../results/refused_latency.ts";
import type { Manifest } from "../../results/run_record.ts";
import type { Summary } from "../summary.ts";
import { showCount, showMicros, showSeconds } from "../units.ts";
import { heatMapSvg } from "./heat_map.ts";
import { bandChart, type LineChart, type Role } from "./line_charts.ts";
import { type Insertion, type Markup, markup } from "./markup.ts";
import { type Curve, curveKey, curvePoints, percentileCurveSvg } from "./percentile_curve.ts";
import { sizeChartSvg, sizeClassesOf, sizeTable } from "./size_chart.ts";
import { canvasPlace, figure, section, tableOf } from "./tables.ts";
import type { Timeline } from "./timeline.ts";
import { phasesOf, waterfallSvg, waterfallTable } from "./waterfall.ts";

/** Merged latencies of a whole run by name. */
export type Latencies = ReadonlyMap<string, Histogram>;

/** Latencies that are drawn over time. */
export const BANDS = [
  ["pager_accept", "pager", "Pager: accepted", "due until the final 2xx"],
  ["pager_delivery", "pager", "Pager: delivered", "due until the content arrived"],
  ["large_accept", "large", "Large: accepted", "due until every chunk was answered and reported"],
  ["large_delivery", "large", "Large: delivered", "due until the content arrived whole"],
] as const;

/** Latencies with a heat map. */
export const HEATS = [
  ["pager_accept", "pager", "Pager: accepted"],
  ["large_delivery", "large", "Large: delivered"],
] as const;

/** Offered against achieved. */
export function loadSection({ load, messages }: Summary, timeline: Timeline, chart: LineChart): Markup {
  const wrong = messages.rejected + messages.failed + messages.timed_out + messages.lost;
  // clients that send as fast as they get answers have no planned number of messages
  const of = load.planned === 0 ? "" : `Of ${showCount(load.planned)} planned messages `;
  const words = `${of}${showCount(load.arrivals)} ${load.planned === 0 ? "messages " : ""}became due in ${
    showSeconds(load.planned_s)
  }; at most ${showCount(load.peak_delivered)} were delivered in one second. ${
    wrong === 0 ? "None was" : `${showCount(wrong)} were`
  } rejected, failed, timed out or lost.`;
  return section("load", "Offered against achieved", words, [
    markup`<figure>${canvasPlace(chart.id, words)}</figure>`,
    intervalNote(timeline),
  ]);
}

function intervalNote({ step }: Timeline): Markup {
  const interval = step === 1 ? "a second" : showSeconds(step);
  return markup`<p class="muted">Each point is ${interval}. Time runs from the start of the run. Drag across any chart to look closer at all of them, double-click to go back.</p>`;
}

/** The percentile bands, as data for the browser. */
export function bandChartsOf(timeline: Timeline): LineChart[] {
  return BANDS.flatMap(([name, role]) =>
    bandChart(`band-${name}`, role as Role, timeline.latencies.get(name) ?? []) ?? []
  );
}

/** Latency over time: bands and heat maps. */
export function latencyTimeSection(timeline: Timeline, charts: readonly LineChart[], latencies: Latencies): Markup {
  const bands = BANDS.flatMap(([name, , title, meaning]) => {
    const histogram = latencies.get(name);
    if (histogram === undefined || !charts.some(({ id }) => id === `band-${name}`)) return [];
    const words = `${title}, median ${showMicros(histogram.quantile(0.5))}, p99 ${
      showMicros(histogram.quantile(0.99))
    }, max ${showMicros(histogram.quantile(1))}`;
    return [
      markup`<figure><figcaption><h3>${title}</h3><p>${meaning}</p></figcaption>${
        canvasPlace(`band-${name}`, words)
      }</figure>`,
    ];
  });
  const heats = HEATS.flatMap(([name, role, title]) => {
    const { starts, step } = timeline;
    const svg = heatMapSvg({
      id: name,
      role,
      title: `Heat map of ${title}`,
      starts,
      step,
      bins: timeline.bins.get(name) ?? [],
    });
    return svg === undefined ? [] : [
      figure(
        title,
        "Every sample, by when and how long: the stronger the colour, the larger its share of the interval.",
        svg,
        heatKey(role),
      ),
    ];
  });
  const lead =
    "All latencies count from the moment a message was due by schedule, so a server that stalls cannot hide it.";
  return section("latency", "Latency over time", lead, [
    bands.length === 0
      ? markup`<p>No latency of a message was measured.</p>`
      : markup`<div class="pair">${bands}</div>`,
    heats.length === 0 ? undefined : markup`<h3 class="group">Heat maps</h3>${heats}`,
  ]);
}

function heatKey(role: string): Markup {
  const labels = ["under 2 %", "", "", "6–12 %", "", "", "over 50 %"];
  const items = labels.map((label, i) =>
    markup`<li><svg class="sample heat ${role}" viewBox="0 0 14 10" aria-hidden="true"><path class="shade-${
      i + 1
    }" d="M0 0h14v10H0z"/></svg>${label}</li>`
  );
  return markup`<ul class="key tight" aria-label="Share of the samples of an interval">${items}</ul>`;
}

const CURVES = [
  ["pager_accept", "pager accepted", "pager", 0],
  ["pager_accept_from_sent", "pager accepted, from sent", "offered", 2],
  ["pager_delivery", "pager delivered", "pager", 1],
  ["large_accept", "large accepted", "large", 0],
  ["large_delivery", "large delivered", "large", 1],
] as const;

/** Percentiles of the whole run: the curve, and every latency as figures. */
export function percentileSection(latencies: Latencies, refused: RefusedLatencies): Markup {
  const shown = CURVES.flatMap(([name, label, role, dash]) => {
    const histogram = latencies.get(name);
    if (histogram === undefined || histogram.count() === 0) return [];
    const curve: Curve = { label, role, dash, points: curvePoints(histogram) };
    return [{ curve, count: histogram.count() }];
  });
  const curves = shown.map(({ curve }) => curve);
  const svg = percentileCurveSvg(curves);
  const note = "Each step to the right is a rarer message: one in ten, in a hundred, in a thousand. " +
    "“From sent” leaves out the time a message waited before it was sent, and is here for comparison.";
  return section("percentiles", "Latency by percentile", undefined, [
    svg === undefined
      ? undefined
      : figure("Percentile curve", note, svg, curveKey(curves, shown.map(({ count }) => count))),
    percentileTable(latencies),
    Object.entries(refused).map(([name, why]) => markup`<p><code>${name}</code> is not given: ${why}.</p>`),
    partsTable(latencies),
  ]);
}

/** The latencies told apart by transport and by class of response, where there is more than one. */
function partsTable(latencies: Latencies): Markup | undefined {
  const parts = [...latencies].filter(([name, histogram]) =>
    /\{(?:transport|response)=/.test(name) && histogram.count() > 0
  );
  const groups = Map.groupBy(parts, ([name]) => name.slice(0, name.indexOf("=")));
  const told = [...groups.values()].filter((members) => members.length > 1).flat();
  const rows = told.toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, histogram]) => {
    const figures = [0.5, 0.9, 0.99, 1].map((share) => showMicros(histogram.quantile(share)));
    return [markup`<code>${name}</code>`, showCount(histogram.count()), ...figures];
  });
  if (rows.length === 0) return undefined;
  const head = ["latency", "samples", "p50", "p90", "p99", "max"];
  return tableOf({ caption: "By transport and class of response", head, rows });
}

const QUANTILES = [0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1];

function percentileTable(latencies: Latencies): Markup {
  const rows = LATENCIES.flatMap(({ name, meaning }) => {
    const histogram = latencies.get(name);
    if (histogram === undefined || histogram.count() === 0) return [];
    const count = histogram.count();
    // a percentile that not even one sample lies beyond says nothing that the maximum does not
    const figures = QUANTILES.map((share) =>
      share === 1 || count * (1 - share) >= 0.999 ? showMicros(histogram.quantile(share)) : "–"
    );
    const cells: Insertion[] = [
      markup`<code>${name}</code> <span class="muted">${meaning}</span>`,
      showCount(count),
      ...figures,
    ];
    return [cells];
  });
  if (rows.length === 0) return markup`<p>No latency was measured.</p>`;
  return tableOf({
    caption: "Latencies of the whole run (–: too few samples for that percentile)",
    head: ["latency", "samples", "min", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"],
    rows,
  });
}

/** Latency against size, where the run has recorded it. */
export function sizeSection(latencies: Latencies, { scenario }: Manifest): Markup {
  const classes = sizeClassesOf(latencies);
  const { threshold, sizeBasis } = scenario.populations[0]?.mode ?? { threshold: 1300, sizeBasis: "request" };
  const basis = sizeBasis === "request"
    ? "the size of the whole request, which is larger than its content by the headers"
    : `the size of the ${sizeBasis}`;
  const contents = classes.length === 0 ? markup`<p>This run has not recorded latencies by size.</p>` : [
    figure(
      "By size of the content",
      `From median (mark) over p90 to p99 (bars): round for pager mode, square for large. From ${
        showCount(threshold)
      } bytes on, messages are large, by ${basis}.`,
      sizeChartSvg(classes, threshold),
    ),
    sizeTable(classes),
  ];
  return section("size", "Latency against size", undefined, contents);
}

/** The phases of large messages. */
export function waterfallSection(latencies: Latencies): Markup | undefined {
  const phases = phasesOf(latencies);
  if (phases.length === 0) return undefined;
  const note = "Bars are means, which are written beside them, and follow each other; whiskers reach to p99. " +
    "Of messages that were delivered and whose session was released.";
  return section("waterfall", "A large message by phases", undefined, [
    figure("From the intended instant to the release", note, waterfallSvg(phases)),
    waterfallTable(phases),
  ]);
}

/** Refreshes of sessions over time. */
export function timerSection(
  { session_timer: timer, sessions, audit }: Summary,
  charts: readonly LineChart[],
): Markup | undefined {
  if (sessions.invited === 0 && Object.keys(audit).length === 0) return undefined;
  const rows = Object.entries({ ...timer }).map(([name, count]) => [name.replaceAll("_", " "), showCount(count)]);
  const sessionRows = Object.entries(sessions).map(([name, count]) => [name.replaceAll("_", " "), showCount(count)]);
  const words: Readonly<Record<string, string>> = {
    refreshes: `Refreshes of sessions: ${showCount(timer.refreshes_sent)} sent, ${
      showCount(timer.refreshes_failed)
    } failed`,
    sessions: "Sessions open at the calling side",
  };
  return section("sessions", "Sessions and their timers", "Refreshes that were due and were done (RFC 4028).", [
    charts.length === 0
      ? markup`<p>No session was refreshed.</p>`
      : charts.map(({ id }) => markup`<figure>${canvasPlace(id, words[id] ?? id)}</figure>`),
    markup`<div class="pair">${tableOf({ caption: "Sessions", head: ["", "count"], rows: sessionRows })}${
      tableOf({ caption: "Session timers", head: ["", "count"], rows })
    }</div>`,
    auditTable(audit),
  ]);
}

/** What the audit of sessions has found. */
function auditTable(audit: Summary["audit"]): Markup {
  const found = Object.entries(audit).filter(([, count]) => count > 0);
  if (found.length === 0) {
    return markup`<p class="muted">The audit found nothing: no session without BYE, none left open or alive beyond its interval, no refresh late or missing.</p>`;
  }
  const rows = found.map(([name, count]) => [
    markup`${name.replaceAll("_", " ")} <span class="muted">${counterEntry(`audit.${name}`)?.meaning ?? ""}</span>`,
    showCount(count),
  ]);
  return tableOf({
    caption: "What the audit of sessions found",
    head: ["", "count"],
    rows,
    classes: rows.map(() => "bad"),
  });
}
