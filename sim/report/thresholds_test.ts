import { assertEquals, assertThrows } from "@std/assert";
import { Recorder } from "../metrics/recorder.ts";
import { accountOf } from "./account.ts";
import { evaluate, showActual, showSamples, type ThresholdResult } from "./thresholds.ts";

function judged(expressions: readonly string[], fill: (recorder: Recorder) => void): ThresholdResult[] {
  const recorder = new Recorder();
  fill(recorder);
  const account = accountOf([recorder.take(0, 1000)]);
  return evaluate(expressions, { totals: account.totals, seconds: 10, gaugePeaks: account.gaugePeaks() });
}

Deno.test("evaluate judges every statistic of a latency", () => {
  const expressions = ["min", "p50", "p99.9", "max", "mean", "stdev"].map((each) => `refresh.${each} <= 2ms`);
  const results = judged([...expressions, "refresh.count == 2"], (recorder) => {
    recorder.latency("refresh", 1);
    recorder.latency("refresh", 3);
  });
  assertEquals(results.map((each) => each.actual), [1000, 1000, 3001, 3001, 2001, 1001, 2]);
  assertEquals(results.map((each) => each.passed), [true, true, false, false, false, true, true]);
  assertEquals(results.every((each) => each.samples === 2), true);
});

Deno.test("evaluate judges counters, rates, ratios and gauges", () => {
  const expressions = [
    "messages.lost == 0",
    "messages.attempted.rate >= 2/s",
    "responses.MESSAGE.5xx <= 2",
    "messages.success_ratio >= 85%",
    "sessions.open < 5",
  ];
  const results = judged(expressions, (recorder) => {
    recorder.count("messages.attempted", 20);
    recorder.count("messages.accepted_200", 17);
    recorder.count("responses.MESSAGE.500", 1);
    recorder.count("responses.MESSAGE.503", 2);
    recorder.gauge("sessions.open", 4);
  });
  assertEquals(results.map(({ actual, passed, samples }) => [actual, passed, samples]), [
    [0, true, 20],
    [2, true, 20],
    [3, false, 20],
    [0.85, true, 20],
    [4, true, 1],
  ]);
});

Deno.test("evaluate never passes a metric without samples", () => {
  const expressions = [
    "pager_accept.p99 < 50ms",
    "messages.lost == 0",
    "messages.lost.rate < 1/s",
    "pager.success_ratio >= 99%",
    "sessions.open < 5",
    "sessions.leaked == 0",
  ];
  const results = judged(expressions, (recorder) => recorder.count("clients.configured", 5));
  for (const { actual, passed, samples } of results) assertEquals([actual, passed, samples], [null, false, 0]);
});

Deno.test("showActual writes each kind of metric in its unit", () => {
  const shown = [["refresh.p99 < 1s", 12_345], ["messages.lost == 0", 1234], [
    "pager.success_ratio > 1%",
    0.5,
  ]] as const;
  const texts = shown.map(([expression, actual]) => showActual({ expression, actual }));
  assertEquals(texts, ["12.3 ms", "1,234", "50 %"]);
  assertEquals(showActual({ expression: "messages.lost.rate < 1/s", actual: 2.5 }), "2.5/s");
});

Deno.test("showSamples is for latencies and ratios only", () => {
  const shown = ["refresh.p99 < 1s", "pager.success_ratio > 1%", "messages.lost == 0"].map((expression) =>
    showSamples({ expression, actual: 1, passed: true, samples: 1200 })
  );
  assertEquals(shown, ["of 1,200", "of 1,200", ""]);
});

Deno.test("evaluate refuses an expression that a checked scenario cannot have", () => {
  assertThrows(() => judged(["messages.lst == 0"], () => {}), SyntaxError, "messages.lost");
});

Deno.test("evaluate takes fewer samples than asked for as no data", () => {
  const expressions = ["refresh.p99 < 1s with 3 samples", "refresh.p99 < 1s with 2 samples"];
  const results = judged(expressions, (recorder) => {
    recorder.latency("refresh", 1);
    recorder.latency("refresh", 1);
  });
  assertEquals(results.map(({ status, actual, passed }) => [status, actual, passed]), [
    ["no_data", null, false],
    ["passed", 1000, true],
  ]);
  assertEquals(showSamples(results[0]!), "of 2, 3 asked for");
});

Deno.test("a waiver lets a failure through until its day, never reads as passed, and lets no lack of data through", () => {
  const waived = (limit: number, until: string): string =>
    `messages.lost == ${limit} waived until ${until} because ticket 7`;
  const recorder = new Recorder();
  recorder.count("messages.attempted", 5);
  const account = accountOf([recorder.take(0, 1000)]);
  const measured = { totals: account.totals, seconds: 1, gaugePeaks: {}, startedAt: "2026-03-01T23:59:59.000Z" };
  const expressions = [waived(1, "2026-03-01"), waived(1, "2026-02-28"), waived(0, "2026-03-01")];
  const results = evaluate([...expressions, "refresh.p99 < 1s waived until 2026-03-01 because x"], measured);
  assertEquals(results.map(({ status, passed, waiver }) => [status, passed, waiver?.expired]), [
    ["waived", false, false],
    ["failed", false, true],
    ["passed", true, false],
    ["no_data", false, false],
  ]);
  assertEquals(showSamples(results[0]!), "waived until 2026-03-01: ticket 7");
  assertEquals(showSamples(results[1]!), "waiver ended on 2026-02-28: ticket 7");
});
