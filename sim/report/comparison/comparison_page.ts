/** A comparison as one HTML page: the verdict, then each metric with its interval drawn beside what is not relevant. */
import { type Markup, markup } from "../page/markup.ts";
import { plainHero, plainPage, type Tone } from "../page/plain_page.ts";
import type { Comparison, ComparisonVerdict, MetricComparison } from "./comparison.ts";
import type { ComparedRun } from "./differences.ts";
import {
  conclusionOf,
  describeRun,
  methodOf,
  showDifference,
  showInterval,
  showMargin,
  showValue,
  VERDICT_WORDS,
} from "./figures.ts";

const TONES: Readonly<Record<ComparisonVerdict, Tone>> = {
  worse: "failed",
  better: "passed",
  same: "passed",
  unclear: "invalid",
  "not_comparable": "invalid",
};

/** The page; nothing in it is fetched, and nothing in it runs. */
export function toComparisonPage(comparisons: readonly Comparison[]): string {
  const names = [...new Set(comparisons.map(({ run }) => run.manifest.scenario.name))].join(", ");
  const sections = comparisons.flatMap((each) => [...sectionsOf(each)]);
  return plainPage(`${names}: comparison`, sections, methodOf(comparisons[0]!.settings));
}

function* sectionsOf(comparison: Comparison): Generator<Markup> {
  const { baseline, run, differences, metrics, verdict } = comparison;
  yield plainHero(TONES[verdict], VERDICT_WORDS[verdict], `${run.manifest.scenario.name}: comparison`, [
    conclusionOf(comparison),
  ]);
  yield markup`<section id="runs-${run.manifest.started_at}"><h2>Runs</h2><div class="scroll"><table>
<tbody><tr><th scope="row">Baseline</th><td><code>${baseline.folder}</code></td><td>${describeRun(baseline)}</td></tr>
<tr><th scope="row">Run</th><td><code>${run.folder}</code></td><td>${describeRun(run)}</td></tr></tbody>
</table></div>${differences.length === 0 ? undefined : differencesTable(comparison)}</section>\n`;
  const shown = metrics.filter(({ interval, metric }) => interval !== null || metric.role === "core");
  if (shown.length === 0) return;
  const isServers = ({ metric }: MetricComparison): boolean => metric.role !== "generator";
  yield metricsSection(run, "Server", "Differences of the run from the baseline.", shown.filter(isServers));
  yield metricsSection(
    run,
    "Generator",
    "Not judged: it is ours, not the server's.",
    shown.filter((each) => !isServers(each)),
  );
}

function differencesTable({ differences }: Comparison): Markup {
  const rows = differences.map(({ what, baseline, run, forbids }) =>
    markup`<tr${
      forbids ? markup` class="bad"` : undefined
    }><th scope="row">${what}</th><td>${baseline}</td><td>${run}</td></tr>\n`
  );
  return markup`<h3>What else differs</h3><div class="scroll"><table><thead><tr><th></th><th>Baseline</th><th>Run</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function metricsSection(
  { manifest }: ComparedRun,
  title: string,
  lead: string,
  metrics: readonly MetricComparison[],
): Markup {
  return markup`<section id="${title.toLowerCase()}-${manifest.started_at}"><h2>${title}</h2><p class="lead">${lead} The band is what is not relevant; the bar is where the true difference lies.</p>
<div class="scroll"><table><thead><tr><th></th><th class="figure">Baseline</th><th class="figure">Run</th><th class="figure">Difference</th><th class="figure">Interval</th><th class="figure">Not relevant</th><th></th><th>Verdict</th></tr></thead>
<tbody>${metrics.map(metricRow)}</tbody></table></div></section>\n`;
}

function metricRow(comparison: MetricComparison): Markup {
  const { metric, baseline, run, interval, reason, verdict } = comparison;
  const state = verdict === "unclear" ? "unknown" : verdict === "worse" ? "bad" : "good";
  return markup`<tr><th scope="row">${metric.name}</th><td class="figure">${
    showValue(comparison, baseline)
  }</td><td class="figure">${showValue(comparison, run)}</td><td class="figure">${
    showDifference(comparison)
  }</td><td class="figure">${interval === null ? reason : showInterval(comparison)}</td><td class="figure">${
    showMargin(comparison)
  }</td><td class="plot">${plotOf(comparison)}</td><td><span class="state ${
    metric.role === "generator" ? "" : state
  }">${VERDICT_WORDS[verdict]}</span></td></tr>\n`;
}

/** Half the width of a plot, in units of its drawing. */
const HALF = 100;
/** A plot reaches this many margins to both sides; longer bars are cut at its edge. */
const MARGINS = 4;

function plotOf({ interval, margin, verdict }: MetricComparison): Markup | undefined {
  if (interval === null || margin === null || margin === 0) return undefined;
  const at = (share: number): string => (HALF * Math.max(-1, Math.min(1, share / (MARGINS * margin)))).toFixed(1);
  const tone = verdict === "worse" ? "bad" : verdict === "unclear" ? "" : "good";
  return markup`<svg viewBox="${-HALF} 0 ${
    2 * HALF
  } 20" preserveAspectRatio="none" aria-hidden="true"><rect class="within" x="${at(-margin)}" y="0" width="${
    2 * HALF / MARGINS
  }" height="20"/><line class="zero" x1="0" x2="0" y1="0" y2="20"/><g class="${tone}"><line class="reach" x1="${
    at(interval.low)
  }" x2="${at(interval.high)}" y1="10" y2="10"/><rect class="value" x="${
    (Number(at(interval.difference)) - 1).toFixed(1)
  }" y="5" width="2" height="10"/></g></svg>`;
}
