import { assertEquals } from "@std/assert";
import { Histogram } from "../metrics/histogram.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { History } from "./history.ts";

function second(worker: number, index: number, latencies: readonly number[]): Snapshot {
  const histogram = new Histogram();
  latencies.forEach((each) => histogram.record(each));
  return {
    worker,
    index,
    at: index * 1000,
    counters: { "messages.attempted": latencies.length },
    gauges: { "messages.under_way": latencies.length, "generator.cpu_share": worker / 10 },
    histograms: { pager_accept: histogram.encode() },
  };
}

Deno.test("History gives windows whose percentiles are those of one histogram of all samples", () => {
  const history = new History();
  const all = new Histogram();
  const late = new Histogram();
  for (let index = 0; index < 20; index++) {
    const latencies = Array.from({ length: 50 }, (_, i) => (index * 37 + i * 13) % 400);
    history.add(second(index % 2, index, latencies));
    for (const each of latencies) {
      all.record(each);
      if (index >= 12) late.record(each);
    }
  }
  assertEquals(history.total().latencies, { pager_accept: all.summary() });
  assertEquals(history.window(12).latencies, { pager_accept: late.summary() });
  assertEquals(history.window(12).counters, { "messages.attempted": 400 });
  assertEquals([history.window(20).latencies, history.sinceWhen(99)], [{}, 20]);
  assertEquals(Histogram.decode(history.histograms().pager_accept!)!.summary(), all.summary());
});

Deno.test("History begins windows at what it still has", () => {
  const history = new History();
  for (let index = 0; index < 2500; index++) history.add(second(0, index, [1]));
  assertEquals([history.sequence, history.sinceWhen(0), history.sinceWhen(2450)], [2500, 100, 2450]);
  assertEquals(history.window(0).counters, { "messages.attempted": 2400 });
});

Deno.test("History merges the latest gauges of workers as the catalogue says", () => {
  const history = new History();
  history.add(second(1, 0, [1, 2, 3]));
  history.add(second(2, 0, [1]));
  history.add(second(1, 1, [1, 2]));
  assertEquals(history.gauges(), { "messages.under_way": 3, "generator.cpu_share": 0.2 });
});
