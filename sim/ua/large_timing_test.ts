import { assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import { LARGE_PHASES } from "../metrics/dimensions.ts";
import { Histogram } from "../metrics/histogram.ts";
import { Recorder } from "../metrics/recorder.ts";
import { LargeTiming } from "./large_timing.ts";

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

Deno.test("the phases of every message add up to the whole, to the microsecond", () => {
  const random = new Random(7);
  const recorder = new Recorder();
  for (let message = 0; message < 200; message++) {
    const dueAt = 1000 * random.uniform();
    let at = dueAt;
    const timing = new LargeTiming(dueAt);
    for (const phase of LARGE_PHASES) {
      at += random.exponential(3);
      // some ends are never seen
      if (phase === "release" || random.uniform() < 0.8) timing.end(phase, at);
    }
    assertEquals(sum(timing.durations().map(([, micros]) => micros)), Math.round((at - dueAt) * 1000));
    timing.record(recorder);
  }
  const { histograms } = recorder.take(0, 1000);
  const names = [...LARGE_PHASES.map((phase) => `large_phase{phase=${phase}}`), "large_whole"];
  assertEquals(names.map((name) => Histogram.decode(histograms[name]!)?.count()), Array(9).fill(200));
});

Deno.test("a phase that ended before its predecessor took nothing, and its first end counts", () => {
  const timing = new LargeTiming(100);
  timing.end("connect", 90);
  timing.end("setup", 105);
  timing.end("first_octet", 107);
  timing.end("first_octet", 109);
  timing.end("release", 110);
  const durations = Object.fromEntries(timing.durations().filter(([, micros]) => micros > 0));
  assertEquals(durations, { setup: 5000, first_octet: 2000, release: 3000 });
});
