import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { holds, isThresholdFault, parseThreshold, type Threshold, thresholdNames } from "./threshold.ts";

function read(text: string): Threshold {
  const parsed = parseThreshold(text);
  assert(!isThresholdFault(parsed), isThresholdFault(parsed) ? parsed.fault : "");
  return parsed;
}

function faultOf(text: string): string {
  const parsed = parseThreshold(text);
  assert(isThresholdFault(parsed), `Expected a fault in ${text}`);
  return parsed.fault;
}

Deno.test("parseThreshold reads a quantile of a latency in microseconds", () => {
  assertEquals(read("pager_accept.p99 < 50ms"), {
    expression: "pager_accept.p99 < 50ms",
    subject: { kind: "latency", name: "pager_accept", statistic: 0.99 },
    operator: "<",
    limit: 50_000,
    samples: 1,
    after: 0,
    abort: false,
  });
});

Deno.test("parseThreshold reads terms after a limit with a unit and after one without", () => {
  const waiver = { until: "2026-12-31", reason: "ticket 7" };
  const text = "pager_accept.p99 < 50ms over 60s with 100 abort after 30s waived until 2026-12-31 because ticket 7";
  const { expression, window, samples, abort, after, waiver: read1 } = read(text);
  assertEquals([expression, window, samples, abort, after], [
    "pager_accept.p99 < 50ms over 60s",
    60_000,
    100,
    true,
    30_000,
  ]);
  assertEquals(read1, waiver);
  const plain = read("messages.lost==0 with 5 samples over 2m");
  assertEquals([plain.expression, plain.window, plain.samples], ["messages.lost == 0 over 120s", 120_000, 5]);
  assertStringIncludes(faultOf("messages.lost == 0 over night"), "over 60s");
});

Deno.test("parseThreshold reads one value of a dimension of a latency", () => {
  const { expression, subject } = read("pager_accept{transport=udp}.p99 < 50ms");
  assertEquals(expression, "pager_accept{transport=udp}.p99 < 50ms");
  assertEquals(subject, { kind: "latency", name: "pager_accept{transport=udp}", statistic: 0.99 });
  assertStringIncludes(faultOf("pager_acept{transport=udp}.p99 < 50ms"), "Cannot find metric");
});

Deno.test("parseThreshold reads quantiles with a point and in the spelling of summary.json", () => {
  const statistics = ["p50", "p999", "p99.9", "p9999", "p100", "p5", "mean", "count"].map((each) => {
    const { subject } = read(`refresh.${each} < ${each === "count" ? "1" : "1s"}`);
    return subject.kind === "latency" ? subject.statistic : undefined;
  });
  assertEquals(statistics, [0.5, 0.999, 0.999, 0.9999, 1, 0.05, "mean", "count"]);
});

Deno.test("parseThreshold reads counters, rates, ratios and gauges with their units", () => {
  const cases: [string, string, number][] = [
    ["messages.lost == 0", "counter", 0],
    ["messages.large.octets_delivered >= 2MiB", "counter", 2_097_152],
    ["responses.MESSAGE.5xx <= 3", "counter", 3],
    ["messages.delivered.rate >= 190/s", "rate", 190],
    ["pager.success_ratio >= 99.9%", "ratio", 0.999],
    ["rfc6076.SER >= 0.99", "ratio", 0.99],
    ["generator.cpu_share < 80%", "gauge", 0.8],
  ];
  for (const [text, kind, limit] of cases) {
    assertEquals([read(text).subject.kind, read(text).limit], [kind, limit], text);
  }
});

Deno.test("parseThreshold reads every duration unit", () => {
  const limits = ["7us", "7µs", "1.5ms", "2s", "1m"].map((limit) => read(`refresh.max < ${limit}`).limit);
  assertEquals(limits, [7, 7, 1500, 2_000_000, 60_000_000]);
});

Deno.test("parseThreshold takes any spacing and writes it evenly", () => {
  assertEquals(read("  messages.lost==0 ").expression, "messages.lost == 0");
});

Deno.test("parseThreshold reads every name that it suggests", () => {
  for (const name of thresholdNames()) {
    const unit = /[._]p99$|_delay$/.test(name) ? "ms" : "";
    assertEquals(isThresholdFault(parseThreshold(`${name} < 5${unit}`)), false, name);
  }
});

Deno.test("parseThreshold suggests the nearest name for an unknown one", () => {
  assertStringIncludes(faultOf("pager_acept.p99 < 50ms"), 'did you mean "pager_accept.p99"?');
  assertStringIncludes(faultOf("messages.lst == 0"), 'did you mean "messages.lost"?');
  assertStringIncludes(faultOf("zzzzzzzzzzzzzzzzzzzz == 0"), 'Cannot find metric "zzzzzzzzzzzzzzzzzzzz"');
});

Deno.test("parseThreshold explains what is missing", () => {
  assertStringIncludes(faultOf("pager_accept < 50ms"), '"pager_accept.p99"');
  assertStringIncludes(faultOf("pager_accept.p101 < 50ms"), "p0 to p100");
  assertStringIncludes(faultOf("pager_accept.p99 < 50"), "us, µs, ms, s, m");
  assertStringIncludes(faultOf("messages.lost == 0%"), "no unit");
  assertStringIncludes(faultOf("messages.lost is 0"), "metric operator limit");
});

Deno.test("parseThreshold never throws on random text", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseThreshold(text);
  }));
});

Deno.test("holds compares as written, the limit itself included where the operator says so", () => {
  const kept = ["<", "<=", ">", ">=", "==", "!="].map((operator) =>
    [1, 2, 3].map((value) => holds(read(`messages.lost ${operator} 2`), value))
  );
  assertEquals(kept, [
    [true, false, false],
    [true, true, false],
    [false, false, true],
    [false, true, true],
    [false, true, false],
    [true, false, true],
  ]);
});
