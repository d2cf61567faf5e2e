import { assertEquals } from "@std/assert";
import { Recorder } from "../../metrics/recorder.ts";
import type { Snapshot } from "../../metrics/snapshot.ts";
import { marksOf, spansOf } from "./spans.ts";
import { binOf, startOfBin, stepFor, timelineOf } from "./timeline.ts";

const WISH = { latencies: ["pager_accept"], bins: ["pager_accept"], points: 3 } as const;

/** One second of one worker with one message that took `millis`. */
function second(worker: number, index: number, millis: number): Snapshot {
  const recorder = new Recorder(worker);
  recorder.count("messages.delivered", 2);
  recorder.gauge("sessions.open", index);
  recorder.gauge("generator.cpu_share", worker / 10);
  recorder.latency("pager_accept", millis);
  return recorder.take(index, (index + 1) * 1000);
}

Deno.test("stepFor is the shortest round length that keeps to the number of points", () => {
  assertEquals([1, 240, 241, 3600, 86_400].map((seconds) => stepFor(seconds, 240)), [1, 1, 2, 15, 600]);
  assertEquals(stepFor(1e9, 240) % 3600, 0);
});

Deno.test("timelineOf merges workers and seconds: sums of counters, highest gauges, exact percentiles", () => {
  const timeline = timelineOf([second(0, 0, 1), second(1, 0, 9), second(0, 1, 5), second(0, 5, 700)], WISH);
  assertEquals([timeline.step, timeline.starts, timeline.covered], [2, [0, 2, 4], [2, 0, 1]]);
  assertEquals(timeline.counters.get("messages.delivered"), [6, 0, 2]);
  // sessions of two workers add up within a second, and the highest second counts
  assertEquals(timeline.gauges.get("sessions.open"), [1, null, 5]);
  assertEquals(timeline.gauges.get("generator.cpu_share"), [0.1, null, 0]);
  const [first, gap, last] = timeline.latencies.get("pager_accept")!;
  assertEquals([first?.count, first?.p50, gap, last?.count], [3, 5003, null, 1]);
  assertEquals(Math.floor(first!.max / 10), 900);
});

Deno.test("timelineOf puts every sample into a bin of its interval", () => {
  const { bins } = timelineOf([second(0, 0, 1), second(1, 0, 1), second(0, 1, 5)], WISH);
  const [one, two] = bins.get("pager_accept")!;
  assertEquals([...one!], [[30, 2]]);
  assertEquals([...two!], [[binOf(5000), 1]]);
});

Deno.test("binOf and startOfBin agree on powers of ten", () => {
  for (const power of [0, 1, 2, 3, 6]) {
    assertEquals([binOf(10 ** power), startOfBin(power * 10)], [power * 10, 10 ** power]);
  }
  assertEquals(binOf(0), 0);
});

Deno.test("timelineOf of no snapshots is empty", () => {
  const timeline = timelineOf([], WISH);
  assertEquals([timeline.starts, spansOf(timeline), marksOf(timeline)], [[], [], []]);
});

Deno.test("spansOf tells registering, warm-up and draining from measured load", () => {
  const counted = (index: number, due: number, attempted: number, phase: number): Snapshot => {
    const recorder = new Recorder(0);
    if (due > 0) recorder.count("generator.arrivals", due);
    if (attempted > 0) recorder.count("messages.attempted", attempted);
    recorder.gauge("load.phase", phase);
    return recorder.take(index, (index + 1) * 1000);
  };
  const snapshots = [
    counted(0, 0, 0, 0),
    counted(1, 5, 0, 0),
    counted(2, 5, 5, 0),
    counted(3, 5, 5, 1),
    counted(4, 0, 0, 1),
  ];
  const timeline = timelineOf(snapshots, { latencies: [], bins: [], points: 10 });
  assertEquals(spansOf(timeline), [
    { from: 0, to: 1, label: "registering" },
    { from: 1, to: 2, label: "warm-up" },
    { from: 4, to: 5, label: "draining" },
  ]);
  assertEquals(marksOf(timeline), [{ at: 3, label: "phase 2" }]);
});
