import { assert, assertEquals } from "@std/assert";
import { Random } from "../../clock/random.ts";
import { totalsOf } from "../../metrics/snapshot.ts";
import { syntheticRun } from "../../testing/synthetic_run.ts";
import { blockCountOf, blocksOf, loadSecondsOf } from "./blocks.ts";
import { Resampler, resamples } from "./bootstrap.ts";
import { SHARES } from "./metrics.ts";

const RUN = syntheticRun({ seed: 1, seconds: 40, rate: 20 });
const SECONDS = loadSecondsOf(RUN.snapshots);
const BLOCKS = blocksOf(SECONDS, 8);

Deno.test("loadSecondsOf leaves the warm-up out and adds the drain to the last second", () => {
  assertEquals(SECONDS.length, 40);
  assertEquals([SECONDS[0]![0]!.index, SECONDS[39]!.map(({ index }) => index)], [1, [40, 41]]);
  assertEquals(loadSecondsOf([]), []);
});

Deno.test("blockCountOf keeps neighbours together in long runs, and gives 60 blocks at most", () => {
  assertEquals([0, 4, 29, 60, 600, 36_000].map(blockCountOf), [0, 4, 29, 15, 60, 60]);
});

Deno.test("blocksOf loses nothing: all blocks together are the run", () => {
  const attempted = BLOCKS.reduce((sum, { counters }) => sum + (counters["messages.attempted"] ?? 0), 0);
  assertEquals([BLOCKS.length, attempted], [8, 800]);
  assertEquals(BLOCKS.reduce((sum, { seconds }) => sum + seconds, 0), 40);
  assertEquals(BLOCKS.reduce((sum, { inner }) => sum + inner.seconds, 0), 38);
});

Deno.test("Resampler gives the percentile of the merged distribution, of the run and of its resamples", () => {
  const latency = totalsOf(RUN.snapshots).latencies.get("pager_accept")!;
  const threefold = new Uint16Array(8).fill(3);
  const resampler = new Resampler(BLOCKS, [threefold, Uint16Array.of(2, 1, 0, 0, 0, 0, 0, 0)]);
  const twice = totalsOf([...SECONDS.slice(0, 5), ...SECONDS.slice(0, 5), ...SECONDS.slice(5, 10)].flat());
  for (const share of SHARES) {
    const { samples, value, resampled } = resampler.estimate({ kind: "quantile", latency: "pager_accept", share });
    const expected = latency.quantile(share);
    assertEquals([samples, value], [800, expected], `${share}`);
    assertEquals(resampled, [expected, twice.latencies.get("pager_accept")!.quantile(share)], `${share}`);
  }
});

Deno.test("Resampler gives null where the resample has no samples", () => {
  const resampler = new Resampler(BLOCKS, [new Uint16Array(8)]);
  for (
    const statistic of [
      { kind: "quantile", latency: "large_accept", share: 0.5 },
      { kind: "ratio", numerator: ["messages.lost"], denominator: ["messages.large.attempted"] },
      { kind: "mean", gauge: "load.rate" },
    ] as const
  ) assertEquals(resampler.estimate(statistic), { samples: 0, value: null, resampled: [null] });
  const { value, resampled } = resampler.estimate({ kind: "rate", counters: ["messages.delivered"] });
  assertEquals([value, resampled], [20, [null]]);
});

Deno.test("resamples draws as many blocks as there are, the same for the same seed", () => {
  const draws = resamples(new Random(3), 12, 50);
  assert(draws.every((weights) => weights.reduce((sum, weight) => sum + weight, 0) === 12));
  assertEquals(resamples(new Random(3), 12, 50), draws);
});
