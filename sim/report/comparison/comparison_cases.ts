/** A comparison as test cases of JUnit. */
import type { JunitCase } from "../junit.ts";
import type { Comparison } from "./comparison.ts";
import { conclusionOf, showDifference, showInterval, showMargin, VERDICT_WORDS } from "./figures.ts";

/** One case for the comparison as a whole, and one for each metric of the server that was judged. */
export function comparisonCases(comparison: Comparison): JunitCase[] {
  const { verdict, metrics, baseline } = comparison;
  const conclusion = conclusionOf(comparison);
  const isPassed = verdict === "same" || verdict === "better";
  return [
    {
      name: "no regression from the baseline",
      failure: isPassed ? undefined : conclusion,
      output: `${conclusion} Baseline: ${baseline.folder}`,
    },
    ...metrics.filter(({ metric, interval }) => metric.role !== "generator" && interval !== null).map((each) => {
      const output = `${VERDICT_WORDS[each.verdict]}: ${showDifference(each)}, ${showInterval(each)}, ` +
        `not relevant ${showMargin(each)}`;
      return { name: `baseline: ${each.metric.name}`, failure: each.verdict === "worse" ? output : undefined, output };
    }),
  ];
}
