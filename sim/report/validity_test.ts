import { assertEquals, assertStringIncludes } from "@std/assert";
import { Recorder } from "../metrics/recorder.ts";
import { totalsOf } from "../metrics/snapshot.ts";
import { sampleManifest } from "../testing/sample_run.ts";
import { type ValidityFacts, validityOf, type ValidityResult } from "./validity.ts";

function judged(fill: (recorder: Recorder) => void, facts: Partial<ValidityFacts> = {}): ValidityResult {
  const recorder = new Recorder();
  recorder.count("messages.attempted", 10);
  recorder.count("generator.arrivals", 10);
  fill(recorder);
  return validityOf({
    manifest: sampleManifest(),
    totals: totalsOf([recorder.take(0, 1000)]),
    cpu: { mean: 0.5, peak: 0.95 },
    withoutData: [],
    faults: [],
    ...facts,
  });
}

Deno.test("validityOf finds nothing to say about a run within its limits", () => {
  assertEquals(judged((recorder) => recorder.latency("schedule_lag", 49)), { validity: "valid", reasons: [] });
});

Deno.test("validityOf takes a schedule lag over the limit for the generator's fault", () => {
  const { validity, reasons } = judged((recorder) => recorder.latency("schedule_lag", 61));
  assertEquals(validity, "invalid");
  assertStringIncludes(reasons[0]!, "schedule lag is 61 ms, limit 50 ms");
});

Deno.test("validityOf takes dropped arrivals for a floor", () => {
  const { validity, reasons } = judged((recorder) => recorder.count("generator.dropped_arrivals", 3));
  assertEquals(validity, "floor");
  assertStringIncludes(reasons[0]!, "3 of 10 messages were not started");
});

Deno.test("validityOf is invalid, not a floor, when both are found, and says both", () => {
  const { validity, reasons } = judged((recorder) => {
    recorder.count("generator.dropped_arrivals", 3);
    recorder.count("generator.socket_drops", 2000);
  });
  assertEquals([validity, reasons.length], ["invalid", 2]);
  assertStringIncludes(reasons[0]!, "dropped 2,000 datagrams");
});

Deno.test("validityOf judges the mean processor time, not a peak", () => {
  assertEquals(judged(() => {}).validity, "valid");
  const { validity, reasons } = judged(() => {}, { cpu: { mean: 0.93, peak: 1 } });
  assertEquals(validity, "invalid");
  assertStringIncludes(reasons[0]!, "93 % of a core, limit 90 %");
});

Deno.test("validityOf is invalid for gates without data, unreadable files and runs that sent nothing", () => {
  assertStringIncludes(
    judged(() => {}, { withoutData: ["refresh.p99 < 1s"] }).reasons[0]!,
    "no data for the threshold refresh",
  );
  assertEquals(judged(() => {}, { faults: ["series.msgpack: cut"] }), {
    validity: "invalid",
    reasons: ["series.msgpack: cut"],
  });
  assertEquals(judged(() => {}, { totals: totalsOf([]) }).reasons, ["no message was counted"]);
  const manifest = sampleManifest({ outcome: "unreachable", detail: "connection refused" });
  assertEquals(judged(() => {}, { manifest }).reasons, ["target unreachable: connection refused"]);
});
