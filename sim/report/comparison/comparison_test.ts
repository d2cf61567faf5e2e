/** Comparisons of runs whose true difference is known. */
import { assert, assertEquals } from "@std/assert";
import { sampleManifest, sampleScenario } from "../../testing/sample_run.ts";
import { type SyntheticRun, syntheticRun, type SyntheticSettings } from "../../testing/synthetic_run.ts";
import { compareRuns, type Comparison, type ComparisonSettings, DEFAULT_SETTINGS } from "./comparison.ts";

const QUICK: ComparisonSettings = { ...DEFAULT_SETTINGS, replicates: 200 };

function compared(a: SyntheticSettings, b: SyntheticSettings, change: Partial<ComparisonSettings> = {}): Comparison {
  return compareRuns(syntheticRun(a), syntheticRun(b), { ...QUICK, ...change });
}

function verdictOf({ metrics }: Comparison, name: string): string | undefined {
  return metrics.find(({ metric }) => metric.name === name)?.verdict;
}

function runsOf(first: number, count: number, change: Partial<SyntheticSettings> = {}): SyntheticRun[] {
  return Array.from({ length: count }, (_, i) => syntheticRun({ seed: first + i, ...change }));
}

Deno.test("compareRuns calls a run and itself the same, with no difference in any metric", () => {
  const run = syntheticRun({ seed: 1 });
  const comparison = compareRuns(run, run, QUICK);
  assertEquals([comparison.verdict, comparison.differences], ["same", []]);
  for (const { metric, baseline, run: value, interval } of comparison.metrics) {
    assertEquals([metric.name, baseline], [metric.name, value]);
    assertEquals(interval?.difference ?? 0, 0, metric.name);
  }
});

Deno.test("compareRuns gives the figures of the reports: percentiles of merged distributions, rates of the measured time", () => {
  const { metrics, baseline } = compared({ seed: 1 }, { seed: 2 });
  const { latency_us: latencies, load } = baseline.summary;
  const values = new Map(metrics.map(({ metric, baseline }) => [metric.name, baseline]));
  for (const label of ["p50", "p90", "p99", "p999"] as const) {
    assertEquals(values.get(`pager_accept.${label}`), latencies.pager_accept[label], label);
  }
  assertEquals(values.get("throughput"), load.delivered_per_second);
});

Deno.test("compareRuns with the same seed gives the same intervals, with another seed others", () => {
  const [a, b] = [syntheticRun({ seed: 1 }), syntheticRun({ seed: 2 })];
  const intervals = (seed: number): unknown =>
    compareRuns(a, b, { ...QUICK, seed }).metrics.map((each) => each.interval);
  assertEquals(intervals(5), intervals(5));
  assert(JSON.stringify(intervals(5)) !== JSON.stringify(intervals(6)));
});

Deno.test("compareRuns calls at most one in twenty pairs of equal runs worse or better", () => {
  const runs = runsOf(1, 20);
  const verdicts = runs.map((run, i) => compareRuns(run, runs[(i + 1) % 20]!, QUICK).verdict);
  assertEquals(verdicts.length, 20);
  const wrong = verdicts.filter((verdict) => verdict === "worse" || verdict === "better");
  assert(wrong.length <= 1, `${wrong.length} of 20`);
  assert(verdicts.filter((verdict) => verdict === "same").length >= 10, "most equal runs are called the same");
});

Deno.test("compareRuns finds latencies 20 % higher in a minute of 50 messages a second, nine times out of ten", () => {
  const slower = runsOf(201, 20, { slower: 1.2 });
  const verdicts = runsOf(101, 20).map((run, i) => compareRuns(run, slower[i]!, QUICK).verdict);
  const found = verdicts.filter((verdict) => verdict === "worse").length;
  assert(found >= 18, `${found} of 20`);
});

Deno.test("compareRuns calls a faster run better, and a difference within the margin not worse", () => {
  assertEquals(compared({ seed: 3 }, { seed: 4, slower: 0.7 }).verdict, "better");
  const slightly = compared({ seed: 3 }, { seed: 3, slower: 1.05 });
  assertEquals(slightly.verdict, "same");
  assertEquals(
    verdictOf(compared({ seed: 3 }, { seed: 3, slower: 1.05 }, { margin: 0.01, marginMicros: 0 }), "pager_accept.p50"),
    "worse",
  );
});

Deno.test("compareRuns does not mind differences of less than half a millisecond, however large their share", () => {
  const [a, b] = [{ seed: 5, slower: 0.02 }, { seed: 5, slower: 0.04 }];
  assertEquals(compared(a, b).verdict, "same");
  assertEquals(compared(a, b, { marginMicros: 50 }).verdict, "worse");
});

Deno.test("compareRuns finds failures where there were none, and two runs without any the same", () => {
  const failing = compared({ seed: 6 }, { seed: 7, failing: 0.02 });
  assertEquals([failing.verdict, verdictOf(failing, "failure_ratio"), verdictOf(failing, "delivered_ratio")], [
    "worse",
    "worse",
    "worse",
  ]);
  const ratio = compared({ seed: 6 }, { seed: 7 }).metrics.find(({ metric }) => metric.name === "failure_ratio");
  // 0 of 3,000 can still be 0.18 % with 99 % confidence
  assertEquals([ratio?.verdict, ratio?.interval?.high.toFixed(4)], ["same", "0.0018"]);
});

Deno.test("compareRuns says that a few seconds or a few messages are not enough evidence", () => {
  const short = compared({ seed: 8, seconds: 4 }, { seed: 9, seconds: 4 });
  assertEquals(short.verdict, "unclear");
  assertEquals(short.metrics[0]?.reason, "fewer than 5 seconds of load");
  const few = compared({ seed: 8, rate: 1, seconds: 10 }, { seed: 9, rate: 1, seconds: 10 });
  assertEquals([few.verdict, verdictOf(few, "pager_accept.p50")], ["unclear", "unclear"]);
  // no run is long enough for every percentile: those beyond the samples do not hold up the others
  const p99 = compared({ seed: 8, rate: 15 }, { seed: 8, rate: 15 });
  assertEquals([p99.verdict, verdictOf(p99, "pager_accept.p99")], ["same", "unclear"]);
});

Deno.test("compareRuns leaves the warm-up out", () => {
  const run = syntheticRun({ seed: 10 });
  const [first, ...rest] = run.snapshots;
  const busy = { ...first!, gauges: { "generator.cpu_share": 900 } };
  const comparison = compareRuns(run, { ...run, snapshots: [busy, ...rest] }, QUICK);
  assertEquals(verdictOf(comparison, "generator.cpu_share"), "same");
});

Deno.test("compareRuns refuses another scenario and names the fields that differ, unless it is forced", () => {
  const scenario = sampleScenario({ seed: 43, thresholds: [] });
  const other = { scenario, "scenario_sha256": "1".repeat(64), workers: 2 };
  const refused = compared({ seed: 1 }, { seed: 2, manifest: other });
  assertEquals([refused.verdict, refused.metrics], ["not_comparable", []]);
  const [seed] = refused.differences;
  assertEquals(seed, { what: "scenario seed", baseline: "42", run: "43", forbids: true });
  assertEquals(refused.differences.at(-1), { what: "workers", baseline: "1", run: "2", forbids: false });
  assert(compared({ seed: 1 }, { seed: 2, manifest: other }, { force: true }).metrics.length > 0);
});

Deno.test("compareRuns takes the scenario of an older version with the defaults of later fields for the same, not hidden passwords", () => {
  const older = { "scenario_sha256": "1".repeat(64) };
  const [scenarios] = compared({ seed: 1 }, { seed: 2, manifest: older }).differences;
  assertEquals(scenarios?.forbids, false);
  const { populations: [population], ...rest } = sampleScenario();
  const auth = { username: "a", password: "***" };
  const masked = { scenario: { ...rest, populations: [{ ...population!, auth }] } };
  const differences = compareRuns(
    syntheticRun({ seed: 1, manifest: masked }),
    syntheticRun({ seed: 2, manifest: { ...masked, ...older } }),
    QUICK,
  ).differences;
  assertEquals(differences.map(({ forbids }) => forbids), [true]);
});

Deno.test("compareRuns refuses runs of other validity, cut ones and incomplete ones", () => {
  const good = syntheticRun({ seed: 1 });
  const whats = (run: SyntheticRun): unknown => {
    const { verdict, differences } = compareRuns(good, run, QUICK);
    return [verdict, ...differences.filter(({ forbids }) => forbids).map(({ what, run }) => `${what} ${run}`)];
  };
  const { generator } = good.summary;
  const invalid = { ...good.summary, generator: { ...generator, validity: "invalid" as const } };
  assertEquals(whats({ ...good, summary: invalid }), ["not_comparable", "validity invalid"]);
  assertEquals(whats({ ...good, summary: { ...good.summary, verdict: "interrupted" } }), [
    "not_comparable",
    "extent cut short",
  ]);
  assertEquals(whats({ ...good, faults: ["evidence.msgpack: the file is missing"] }), [
    "not_comparable",
    "extent incomplete",
  ]);
  const twice = { ...good, summary: invalid };
  assertEquals(
    compareRuns(twice, twice, QUICK).verdict,
    "not_comparable",
    "two bad measurements do not make a good one",
  );
});

Deno.test("compareRuns names what else differs without refusing", () => {
  const { machine, versions } = sampleManifest();
  const { verdict, differences } = compared({ seed: 1 }, {
    seed: 1,
    manifest: { machine: { ...machine, cpus: 8 }, versions: { ...versions, imstorm: "0.2.0" } },
  });
  assertEquals([verdict, differences.map(({ what, run }) => `${what} ${run}`)], ["same", ["imstorm 0.2.0", "CPUs 8"]]);
});
