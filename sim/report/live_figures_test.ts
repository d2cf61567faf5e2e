import { assert, assertEquals } from "@std/assert";
import { Histogram } from "../metrics/histogram.ts";
import { totalsOf } from "../metrics/snapshot.ts";
import { sampleSnapshots } from "../testing/sample_run.ts";
import { LiveFigures, WINDOW_SECONDS } from "./live_figures.ts";

const SNAPSHOTS = sampleSnapshots().toSorted((a, b) => a.index - b.index || a.worker - b.worker);

function figuresOf(snapshots = SNAPSHOTS, workers = 2): LiveFigures {
  const figures = new LiveFigures(workers, ["pager_accept"]);
  for (const snapshot of snapshots) figures.add(snapshot);
  return figures;
}

Deno.test("LiveFigures gives the latest gauges of all workers, and the counters and latencies of an account", () => {
  const totals = totalsOf(SNAPSHOTS);
  const { counters, gauges, latencies } = figuresOf().cumulative(totals);
  assertEquals([counters, latencies], [totals.counters, totals.latencies]);
  const [first, second] = SNAPSHOTS.filter((each) => each.index === 7).map((each) => each.gauges["messages.under_way"]);
  assertEquals(gauges["messages.under_way"], first! + second!);
});

Deno.test("LiveFigures shows a second once all workers have reported it", () => {
  const [first, second] = SNAPSHOTS.filter((each) => each.index === 2);
  const figures = new LiveFigures(2, ["pager_accept"]);
  figures.add(first!);
  assertEquals([figures.lastSecond("generator.arrivals"), figures.now("pager_accept")], [0, undefined]);
  figures.add(second!);
  assertEquals(figures.lastSecond("generator.arrivals"), 200);
  assert(figures.now("pager_accept")!.count() > 0);
});

Deno.test("LiveFigures does not wait for a worker that is silent", () => {
  const alone = SNAPSHOTS.filter((each) => each.worker === 0);
  assertEquals(figuresOf(alone).history.map((each) => each.index), [0, 1, 2, 3, 4]);
});

Deno.test("LiveFigures takes its window from the last closed seconds only", () => {
  const until = SNAPSHOTS.filter((each) => each.index <= 5);
  const expected = new Histogram();
  for (const { index, histograms } of until) {
    if (index > 5 - WINDOW_SECONDS && histograms.pager_accept) expected.addEncoded(histograms.pager_accept);
  }
  assertEquals(figuresOf(until).now("pager_accept")!.summary(), expected.summary());
});

Deno.test("LiveFigures keeps a bounded history, however long the run", () => {
  const figures = new LiveFigures(1, ["pager_accept"]);
  const { histograms } = SNAPSHOTS[4]!;
  for (let index = 0; index < 1000; index++) {
    figures.add({ worker: 0, index, at: index * 1000, counters: { "generator.arrivals": 1 }, gauges: {}, histograms });
  }
  assertEquals([figures.history.length, figures.history[0]!.index], [300, 700]);
});
