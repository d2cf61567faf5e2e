/** The page that lists the runs of a folder, by scenario, with the trend of their figures. */
import { type Markup, markup } from "../page/markup.ts";
import { plainHero, plainPage, type Tone } from "../page/plain_page.ts";
import type { Verdict } from "../summary.ts";
import { showMicros, showRate, showShare } from "../units.ts";
import { MIN_NIGHTS, usualRange } from "./change.ts";
import { DEFAULT_SETTINGS } from "../comparison/comparison.ts";
import { showFigure } from "./history_text.ts";
import { isSound, type Night, NIGHT_FIGURES, type NightFigure } from "./night.ts";

/** Points of a trend; earlier nights are in the table only. */
const TREND_NIGHTS = 60;
/** Rows of a table; the page says how many more there are. */
const MAX_ROWS = 400;

/** The page; `nights`: the earliest first; `faults`: folders that cannot be read. */
export function toIndexPage(nights: readonly Night[], faults: readonly string[] = []): string {
  const scenarios = Map.groupBy(nights, ({ manifest }) => manifest.scenario.name);
  const latest = [...scenarios.values()].map((runs) => runs.at(-1)!);
  const good = latest.filter((night) => night.summary?.verdict === "passed").length;
  const tone: Tone = good === latest.length && good > 0
    ? "passed"
    : latest.some((night) => night.summary?.verdict === "failed")
    ? "failed"
    : "invalid";
  const word = latest.length === 0 ? "no runs" : `${good} of ${latest.length} passed`;
  const sentence = `${nights.length} runs of ${scenarios.size} ${scenarios.size === 1 ? "scenario" : "scenarios"}; ` +
    "the badge counts the latest run of each.";
  const sections = [...scenarios].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, runs]) => sectionOf(name, runs));
  const unread = faults.length === 0
    ? []
    : [markup`<section id="unread"><h2>Not read</h2><ul>${
      faults.map((each) => markup`<li>${each}</li>`)
    }</ul></section>\n`];
  return plainPage(
    "imstorm: runs",
    [plainHero(tone, word, "Runs", [sentence]), ...sections, ...unread],
    "Made by imstorm from the results folders beside this page.",
  );
}

function sectionOf(name: string, runs: readonly Night[]): Markup {
  const shown = runs.toReversed().slice(0, MAX_ROWS);
  const left = runs.length - shown.length;
  return markup`<section id="${name}"><h2>${name}</h2><p class="lead">${runs.at(-1)!.manifest.scenario.description}</p>
<div class="grid-small">${trendsOf(runs)}</div>
<div class="scroll"><table><thead><tr><th>Started (UTC)</th><th>Verdict</th><th>Measurement</th>${
    COLUMNS.map(([title]) => markup`<th class="figure">${title}</th>`)
  }<th>Reports</th></tr></thead>
<tbody>${shown.map(rowOf)}</tbody></table></div>${
    left > 0 ? markup`<p class="muted">${left} earlier runs are not listed.</p>` : undefined
  }</section>\n`;
}

const COLUMNS: readonly (readonly [string, (night: Night) => string])[] = [
  ["Delivered", ({ summary }) => shown(figure("delivered_ratio"), summary, showShare)],
  ["Failed", ({ summary }) => shown(figure("failure_ratio"), summary, showShare)],
  ["Throughput", ({ summary }) => shown(figure("throughput"), summary, showRate)],
  ["Pager p50", ({ summary }) => shown(figure("pager_accept.p50"), summary, showMicros)],
  ["Pager p99", ({ summary }) => shown(figure("pager_accept.p99"), summary, showMicros)],
  ["Large p50", ({ summary }) => shown(figure("large_accept.p50"), summary, showMicros)],
  ["Large p99", ({ summary }) => shown(figure("large_accept.p99"), summary, showMicros)],
];

function figure(name: string): NightFigure {
  return NIGHT_FIGURES.find((each) => each.name === name)!;
}

function shown(of: NightFigure, summary: Night["summary"], show: (value: number) => string): string {
  const value = summary === undefined ? null : of.valueOf(summary);
  return value === null ? "" : show(value);
}

const STATES: Readonly<Record<Verdict, string>> = {
  passed: "good",
  failed: "bad",
  invalid: "unknown",
  interrupted: "unknown",
};

const LINKS: Readonly<Record<string, string>> = {
  "report.html": "report",
  "comparison.html": "comparison",
  "summary.json": "summary",
  "junit.xml": "JUnit",
};

function rowOf(night: Night): Markup {
  const { manifest, summary, name, reports } = night;
  const verdict = summary?.verdict ?? (manifest.outcome === "running" ? "cut off or running" : "no summary");
  const links = reports.map((file) =>
    markup`<a href="${encodeURIComponent(name)}/${file}">${LINKS[file] ?? file}</a> `
  );
  return markup`<tr><th scope="row">${manifest.started_at.slice(0, 16).replace("T", " ")}</th><td><span class="state ${
    summary === undefined ? "unknown" : STATES[summary.verdict]
  }">${verdict}</span></td><td>${summary?.generator.validity ?? ""}</td>${
    COLUMNS.map(([, valueOf]) => markup`<td class="figure">${valueOf(night)}</td>`)
  }<td>${links}</td></tr>\n`;
}

/** A trend for each figure that at least two sound nights of the latest scenario have. */
function trendsOf(runs: readonly Night[]): Markup[] {
  const hash = runs.at(-1)!.manifest.scenario_sha256;
  const sound = runs.filter((night) => night.manifest.scenario_sha256 === hash && isSound(night)).slice(-TREND_NIGHTS);
  return NIGHT_FIGURES.flatMap((of) => {
    const values = sound.map((night) => of.valueOf(night.summary!)).filter((value) => value !== null);
    return values.length < 2 ? [] : [trendOf(of, values)];
  });
}

/** The drawing of a trend is so many units wide and high. */
const WIDTH = 200;
const HEIGHT = 40;

function trendOf(of: NightFigure, values: readonly number[]): Markup {
  const earlier = values.slice(0, -1);
  const usual = earlier.length >= MIN_NIGHTS ? usualRange(earlier, of, DEFAULT_SETTINGS) : undefined;
  const last = values.at(-1)!;
  // latencies and rates from zero: a line that fills its drawing makes noise look like news
  const low = of.unit === "share" ? Math.min(...values, usual?.low ?? Infinity) : 0;
  const high = Math.max(...values, usual?.high ?? -Infinity);
  const y = (value: number): string => (high === low ? HEIGHT / 2 : HEIGHT * (high - value) / (high - low)).toFixed(1);
  const x = (i: number): string => (WIDTH * i / (values.length - 1)).toFixed(1);
  const band = usual === undefined
    ? undefined
    : markup`<rect class="usual" x="0" width="${WIDTH}" y="${y(usual.high)}" height="${
      (Number(y(usual.low)) - Number(y(usual.high))).toFixed(1)
    }"/>`;
  const label = `${of.name}: ${values.length} nights from ${showFigure(of, Math.min(...values))} to ${
    showFigure(of, Math.max(...values))
  }, the last ${showFigure(of, last)}`;
  return markup`<figure class="small trend"><h3>${of.name} <span class="muted">${
    showFigure(of, last)
  }</span></h3><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${band}<polyline class="line" vector-effect="non-scaling-stroke" points="${
    values.map((value, i) => `${x(i)},${y(value)}`).join(" ")
  }"/></svg></figure>\n`;
}
