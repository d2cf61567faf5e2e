/** A comparison as text, as JSON and as a page. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { sampleScenario } from "../../testing/sample_run.ts";
import { syntheticRun } from "../../testing/synthetic_run.ts";
import { compareRuns, type Comparison, DEFAULT_SETTINGS } from "./comparison.ts";
import { overallVerdict, toComparisonJson } from "./comparison_json.ts";
import { toComparisonPage } from "./comparison_page.ts";
import { toComparisonText } from "./comparison_text.ts";

const SETTINGS = { ...DEFAULT_SETTINGS, replicates: 100 };
const BASELINE = syntheticRun({ seed: 1, seconds: 20 });
const SLOWER = compareRuns(BASELINE, syntheticRun({ seed: 2, seconds: 20, slower: 2 }), SETTINGS);
const SAME = compareRuns(BASELINE, BASELINE, SETTINGS);
const SCENARIO = { ...sampleScenario(), name: "<b>other</b>" };
const REFUSED = compareRuns(
  BASELINE,
  syntheticRun({ seed: 2, seconds: 20, manifest: { scenario: SCENARIO, scenario_sha256: "1".repeat(64) } }),
  SETTINGS,
);

Deno.test("toComparisonText says the verdict and its metrics first, and marks nothing without colours", () => {
  const text = toComparisonText([SLOWER], false);
  const [title, , conclusion] = text.split("\n");
  assert(title!.endsWith("WORSE"), title);
  assertStringIncludes(conclusion!, "Worse: pager_accept.p50");
  for (const part of ["baseline    results/1", "throughput", "99 % confidence", "Generator, not judged"]) {
    assertStringIncludes(text, part);
  }
  assert(!text.includes("\x1b"));
  assert(toComparisonText([SLOWER], true).includes("\x1b"));
  assertEquals(text.split("\n").filter((line) => line.length > 110), []);
});

Deno.test("toComparisonText of runs that are not comparable names what differs and gives no figures", () => {
  const text = toComparisonText([REFUSED], false);
  assertStringIncludes(text, "NOT COMPARABLE");
  assertStringIncludes(text, "scenario name: office-hours → <b>other</b>  (!)");
  assert(!text.includes("throughput"));
});

Deno.test("toComparisonJson has every metric, also those that text leaves out, and the verdict over all runs", () => {
  const json = JSON.parse(toComparisonJson([SAME, SLOWER]));
  assertEquals([json.format, json.verdict, json.runs.length], [1, "worse", 2]);
  assertEquals(json.runs.map((run: { verdict: string }) => run.verdict), ["same", "worse"]);
  const [, { metrics, run, differences }] = json.runs;
  assertEquals([run.folder, differences], ["results/2", []]);
  const p50 = metrics.find((each: { name: string }) => each.name === "pager_accept.p50");
  assertEquals([p50.unit, p50.scale, p50.verdict, p50.samples.baseline], ["us", "relative", "worse", 1000]);
  assert(p50.low <= p50.difference && p50.difference <= p50.high && p50.low > p50.margin);
  const p999 = metrics.find((each: { name: string }) => each.name === "pager_accept.p999");
  assertEquals([p999.verdict, p999.reason, p999.low], ["unclear", "too few samples", null]);
});

Deno.test("overallVerdict is the worst of all, where not comparable is worse than same", () => {
  const of = (...comparisons: Comparison[]): string => overallVerdict(comparisons);
  assertEquals([of(SAME), of(SAME, REFUSED), of(REFUSED, SLOWER)], ["same", "not_comparable", "worse"]);
});

Deno.test("toComparisonPage is one page that fetches and runs nothing, with names escaped", () => {
  const page = toComparisonPage([SLOWER, REFUSED]);
  assert(page.startsWith("<!DOCTYPE html>"));
  for (const part of ["<script", "http:", "https:", "<b>other"]) assert(!page.includes(part), part);
  assertStringIncludes(page, "&lt;b&gt;other");
  const rows = SLOWER.metrics.filter(({ interval }) => interval !== null).length;
  assertEquals(page.match(/<svg /g)?.length, rows, "a plot for each interval");
  assertStringIncludes(page, "Worse: pager_accept.p50");
});
