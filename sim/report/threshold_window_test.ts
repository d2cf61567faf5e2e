import { assertEquals } from "@std/assert";
import { Histogram } from "../metrics/histogram.ts";
import { emptySecond, type Second } from "./seconds.ts";
import { type WindowFindings, WindowJudge } from "./threshold_window.ts";
import { readThreshold } from "./thresholds.ts";

/** A second in which so many messages started, accepted after these milliseconds. */
function second(index: number, started: number, latencies: readonly number[] = []): Second {
  const histogram = new Histogram();
  for (const latency of latencies) histogram.record(latency);
  const counters = started > 0 ? { "messages.attempted": started } : {};
  const histograms = latencies.length === 0 ? {} : { pager_accept: [histogram.encode()] };
  return { ...emptySecond(index), counters, histograms };
}

function found(expression: string, seconds: readonly Second[]): WindowFindings {
  const judge = new WindowJudge(readThreshold(expression));
  for (const each of seconds) judge.add(each);
  return judge.findings();
}

Deno.test("a window that fails is found among others that do not, and its value is the worst", () => {
  const seconds = [[1], [1], [90, 80], [1], [1], [1]].map((latencies, i) => second(i + 3, 2, latencies));
  assertEquals(found("pager_accept.max < 50ms over 2s", seconds), {
    actual: 90_047,
    samples: 3,
    judged: 5,
    failed: 2,
    withoutData: 0,
    firstFailedAt: 3,
  });
});

Deno.test("what has left the window is out of it", () => {
  const seconds = [[90], [1], [1], [1]].map((latencies, i) => second(i, 1, latencies));
  const { failed, judged } = found("pager_accept.max < 50ms over 2s after 3s", seconds);
  assertEquals([failed, judged], [0, 2]);
});

Deno.test("a window in which messages started and nothing was measured has no data", () => {
  const seconds = [[1], [], [], [1]].map((latencies, i) => second(i, 1, latencies));
  const { judged, withoutData } = found("pager_accept.p99 < 50ms over 2s", seconds);
  assertEquals([judged, withoutData], [2, 1]);
  const few = found("pager_accept.p99 < 50ms over 2s with 2 samples", seconds);
  assertEquals([few.judged, few.withoutData, few.actual], [0, 3, null]);
});

Deno.test("seconds before the first and after the last message are in no window, and a run shorter than it has none", () => {
  const seconds = [second(0, 0), second(1, 5, [1]), second(2, 0), second(3, 5, [1]), second(4, 0), second(5, 0)];
  assertEquals(found("pager_accept.p99 < 50ms over 3s", seconds).judged, 1);
  assertEquals(found("pager_accept.p99 < 50ms over 4s", seconds).judged, 0);
});

Deno.test("rates are of whole seconds: the first and the last one with messages are parts", () => {
  const seconds = [second(0, 3), second(1, 10), second(2, 10), second(3, 4), second(4, 0)];
  const { actual, judged } = found("messages.attempted.rate >= 10/s over 2s", seconds);
  assertEquals([actual, judged], [10, 1]);
});

Deno.test("ratios and counters are summed over the window", () => {
  const failing = [0, 0, 4, 0].map((rejected, i) => {
    const counters = {
      "messages.attempted": 10,
      "messages.accepted_200": 10 - rejected,
      "messages.rejected": rejected,
    };
    return { ...emptySecond(i), counters };
  });
  assertEquals(found("messages.success_ratio >= 90% over 2s", failing).actual, 0.8);
  assertEquals(found("messages.rejected == 0 over 2s", failing).failed, 2);
});

Deno.test("quantiles of a window are those of one histogram of its seconds", () => {
  const seconds = [0, 1, 2].map((i) =>
    second(i, 1, Array.from({ length: 400 }, (_, k) => ((k * 7919 + i) % 1000) + i))
  );
  const whole = new Histogram();
  for (const { histograms } of seconds.slice(1)) for (const each of histograms.pager_accept!) whole.addEncoded(each);
  for (const [name, share] of [["p50", 0.5], ["p99", 0.99], ["p99.9", 0.999], ["max", 1]] as const) {
    const { actual } = found(`pager_accept.${name} < 1us over 2s after 3s`, seconds);
    assertEquals(actual, whole.quantile(share), name);
  }
});
