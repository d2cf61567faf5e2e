/** The report as one HTML page: everything it needs is inside, and it asks no network for anything. */
import uplotScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import { createHash } from "node:crypto";
import { totalsOf } from "../../metrics/snapshot.ts";
import type { Run } from "../../results/reader.ts";
import { withoutRefused } from "../../results/refused_latency.ts";
import { summarise, type Summary } from "../summary.ts";
import chartScript from "./charts.js" with { type: "text" };
import formatScript from "./formats.js" with { type: "text" };
import themeScript from "./theme.js" with { type: "text" };
import chartStyle from "./charts.css" with { type: "text" };
import evidenceStyle from "./evidence.css" with { type: "text" };
import pageStyle from "./page.css" with { type: "text" };
import paletteStyle from "./palette.css" with { type: "text" };
import printStyle from "./print.css" with { type: "text" };
import tableStyle from "./tables.css" with { type: "text" };
import verdictStyle from "./verdict.css" with { type: "text" };
import { evidenceSection } from "./evidence_section.ts";
import { generatorSection, healthFiguresOf } from "./generator_section.ts";
import {
  bandChartsOf,
  BANDS,
  HEATS,
  latencyTimeSection,
  loadSection,
  percentileSection,
  sizeSection,
  timerSection,
  waterfallSection,
} from "./latency_sections.ts";
import { type LineChart, rateChart, timerCharts } from "./line_charts.ts";
import { manifestSection } from "./manifest_section.ts";
import { embeddedJson, type Markup, markup } from "./markup.ts";
import { elements, pageHead } from "./page_head.ts";
import { messagesSection, responsesSection, thresholdsSection } from "./outcome_sections.ts";
import { rfc6076Section, rfc7501Section } from "./rfc_sections.ts";
import { marksOf, spansOf } from "./spans.ts";
import { type Timeline, timelineOf } from "./timeline.ts";
import { headlineSection, verdictSection } from "./verdict_section.ts";

/** Points of a chart: more cannot be told apart on a screen, and keep a run of an hour well below 2 MiB. */
const POINTS = 240;

/** The page of a run; `summary`: where it has been made already. */
export function toPage(run: Run, summary: Summary = summarise(run.manifest, run.snapshots, run.faults)): string {
  const { manifest } = run;
  const refused = manifest.refused_latencies ?? {};
  const snapshots = Object.keys(refused).length === 0
    ? run.snapshots
    : run.snapshots.map((snapshot) => withoutRefused(snapshot, refused));
  const timeline = timelineOf(snapshots, {
    latencies: [...BANDS.map(([name]) => name), "refresh", "schedule_lag"],
    bins: HEATS.map(([name]) => name),
    points: POINTS,
  });
  const { latencies } = totalsOf(snapshots);
  const rates = rateChart(timeline);
  const bands = bandChartsOf(timeline);
  const timers = timerCharts(timeline);
  const health = healthFiguresOf(timeline, manifest);
  const contents = [
    verdictSection(manifest, summary),
    headlineSection(summary),
    thresholdsSection(summary),
    loadSection(summary, timeline, rates),
    latencyTimeSection(timeline, bands, latencies),
    percentileSection(latencies, refused),
    sizeSection(latencies, manifest),
    waterfallSection(latencies),
    timerSection(summary, timers),
    messagesSection(summary),
    responsesSection(summary),
    rfc6076Section(summary),
    rfc7501Section(summary),
    generatorSection(summary, health),
    evidenceSection(run.evidence),
    manifestSection(manifest, run.faults),
  ];
  const charts = [rates, ...bands, ...timers, ...health.map(({ chart }) => chart)];
  return documentOf(manifest.scenario.name, summary.verdict, contents, chartData(timeline, charts)).text;
}

function chartData(timeline: Timeline, charts: readonly LineChart[]): Markup {
  const { starts, step } = timeline;
  return embeddedJson({ starts, step, spans: spansOf(timeline), marks: marksOf(timeline), charts });
}

const STYLES: readonly string[] = [
  uplotStyle,
  paletteStyle,
  pageStyle,
  verdictStyle,
  chartStyle,
  tableStyle,
  evidenceStyle,
  printStyle,
];

/** Scripts in the order they run; the policy of the page allows exactly these. */
const SCRIPTS: readonly string[] = [uplotScript, formatScript, chartScript];

/** Nothing may be fetched, and no script may run but ours: a name that slipped through as markup could do nothing. */
function policy(): string {
  const hashes = [themeScript, ...SCRIPTS].map((script) =>
    `'sha256-${createHash("sha256").update(script).digest("base64")}'`
  );
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${
    hashes.join(" ")
  }; base-uri 'none'; form-action 'none'`;
}

const NAVIGATION = [
  ["thresholds", "Thresholds"],
  ["load", "Load"],
  ["latency", "Latency"],
  ["percentiles", "Percentiles"],
  ["messages", "Messages"],
  ["generator", "Generator"],
  ["evidence", "Evidence"],
  ["manifest", "Manifest"],
] as const;

function documentOf(name: string, verdict: string, contents: readonly (Markup | undefined)[], data: Markup): Markup {
  const links = NAVIGATION.map(([id, title]) => markup`<a href="#${id}">${title}</a> `);
  return markup`${pageHead(`${name}: ${verdict}`, policy(), STYLES, themeScript)}<body>
<div class="top"><span class="brand">imstorm</span><nav aria-label="Sections">${links}</nav><button type="button" id="theme" hidden>Theme: automatic</button></div>
<main>
${contents}</main>
<footer><p>Made by imstorm from the results folder of the run. Latencies are HdrHistogram with three significant digits.</p></footer>
<script type="application/json" id="data">${data}</script>
${elements("script", SCRIPTS)}</body>
</html>
`;
}
