/** A comparison for a terminal. */
import { type Paint, paintFor } from "../paint.ts";
import { fitted, labelled, REPORT_WIDTH, spread, table, wrapped } from "../table.ts";
import type { Comparison, ComparisonVerdict, MetricComparison } from "./comparison.ts";
import {
  conclusionOf,
  describeRun,
  methodOf,
  showDifference,
  showInterval,
  showValue,
  VERDICT_WORDS,
} from "./figures.ts";
import type { MetricVerdict } from "./interval.ts";

const COLOURS: Readonly<Record<MetricVerdict | ComparisonVerdict, keyof Paint>> = {
  better: "green",
  worse: "red",
  same: "green",
  unclear: "yellow",
  "not_comparable": "yellow",
};

/** Each run beside its baseline, the verdict first; `colour`: with the escape sequences of a terminal. */
export function toComparisonText(comparisons: readonly Comparison[], colour: boolean): string {
  const paint = paintFor(colour);
  return comparisons.map((each) => `${linesOf(each, paint).join("\n")}\n`).join("\n");
}

function linesOf(comparison: Comparison, paint: Paint): string[] {
  const { baseline, run, differences, metrics, verdict, settings } = comparison;
  const word = VERDICT_WORDS[verdict].toUpperCase();
  const title = spread(`imstorm  comparison of ${fitted(run.manifest.scenario.name, 50)}`, word);
  const lines = [
    title.replace(new RegExp(`${word}$`), paint.bold(paint[COLOURS[verdict]](word))),
    paint.dim("─".repeat(REPORT_WIDTH)),
    ...wrapped(conclusionOf(comparison)),
    ...[["baseline", baseline] as const, ["run", run] as const].flatMap(([label, each]) => [
      ...labelled(label, each.folder),
      ...labelled("", describeRun(each)).map(paint.dim),
    ]),
    ...differences.flatMap((each, i) =>
      labelled(i === 0 ? "differs" : "", `${each.what}: ${each.baseline} → ${each.run}${each.forbids ? "  (!)" : ""}`)
    ),
  ];
  if (metrics.length === 0) return lines;
  const shown = metrics.filter(({ interval, metric }) => interval !== null || metric.role === "core");
  const left = metrics.length - shown.length;
  const isServers = ({ metric }: MetricComparison): boolean => metric.role !== "generator";
  return [
    ...lines,
    "",
    ...section("Server", shown.filter(isServers), paint),
    "",
    ...section("Generator, not judged", shown.filter((each) => !isServers(each)), paint),
    "",
    ...(left > 0 ? [paint.dim(`  ${left} more have too few samples; --format json has them.`)] : []),
    ...wrapped(methodOf(settings)).map(paint.dim),
  ];
}

function section(title: string, metrics: readonly MetricComparison[], paint: Paint): string[] {
  const [head, ...rows] = table([
    ["", "baseline", "run", "difference", "interval", "verdict"],
    ...metrics.map((each) => [
      each.metric.name,
      showValue(each, each.baseline),
      showValue(each, each.run),
      showDifference(each),
      each.interval === null ? each.reason : showInterval(each),
      VERDICT_WORDS[each.verdict],
    ]),
  ]);
  const marked = rows.map((line, i) => {
    const { verdict, metric } = metrics[i]!;
    const isPlain = verdict === "same" || metric.role === "generator";
    return isPlain ? line : verdict === "unclear" ? paint.dim(line) : paint[COLOURS[verdict]](line);
  });
  return [paint.bold(title), paint.dim(head!), ...marked];
}
