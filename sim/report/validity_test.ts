import { assertEquals, assertStringIncludes } from "@std/assert";
import { Recorder } from "../metrics/recorder.ts";
import { totalsOf } from "../metrics/snapshot.ts";
import { sampleManifest, sampleScenario } from "../testing/sample_run.ts";
import { UNKNOWN_HEALTH } from "./health.ts";
import { type ValidityFacts, validityOf, type ValidityResult } from "./validity.ts";

const HEALTHY = { loopDelay: 4000, descriptors: 40, descriptorLimit: 1024, steal: 0.01, blindSockets: 0 };

function judged(fill: (recorder: Recorder) => void, facts: Partial<ValidityFacts> = {}): ValidityResult {
  const recorder = new Recorder();
  recorder.count("messages.attempted", 10);
  recorder.count("generator.arrivals", 10);
  fill(recorder);
  return validityOf({
    manifest: sampleManifest(),
    totals: totalsOf([recorder.take(0, 1000)]),
    cpu: { mean: 0.5, peak: 0.95 },
    health: HEALTHY,
    failed: [],
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

Deno.test("validityOf judges the health of the generator by the limits of the scenario", () => {
  const reasonOf = (change: Partial<typeof HEALTHY>): string => {
    const { validity, reasons } = judged(() => {}, { health: { ...HEALTHY, ...change } });
    assertEquals([validity, reasons.length], ["invalid", 1]);
    return reasons[0]!;
  };
  assertStringIncludes(reasonOf({ loopDelay: 2_000_000 }), "event loop stood still for 2 s, limit 500 ms");
  assertStringIncludes(reasonOf({ descriptors: 1000 }), "1,000 of 1,024 permitted file descriptors");
  assertStringIncludes(reasonOf({ steal: 0.25 }), "25 % of this machine's processor time");
  const { reasons } = judged((recorder) => recorder.count("generator.send_buffer_full", 3));
  assertStringIncludes(reasons[0]!, "refused 3 datagrams because a send buffer was full");
  const exhausted = judged((recorder) => recorder.count("generator.no_resources", 2));
  assertEquals(exhausted.reasons, ["we had no file descriptor or port left for 2 connections"]);
  const clock = { "offset_us": -80_000, "error_us": 500 };
  assertStringIncludes(
    judged(() => {}, { manifest: sampleManifest({ clock }) }).reasons[0]!,
    "differ by 80 ms, limit 5 ms",
  );
});

Deno.test("validityOf finds nothing wrong with what is not known", () => {
  assertEquals(judged(() => {}, { health: UNKNOWN_HEALTH }).validity, "valid");
});

Deno.test("validityOf calls a run that was meant to press the server a floor when the server kept up", () => {
  const scenario = sampleScenario({ limits: { validity: { expects_limit: true } } });
  const manifest = sampleManifest({ scenario });
  assertEquals(judged(() => {}, { manifest }).validity, "floor");
  assertEquals(judged((recorder) => recorder.count("messages.rejected"), { manifest }).validity, "valid");
  assertEquals(judged(() => {}, { manifest, failed: ["pager_accept.p99 < 50ms"] }).validity, "valid");
});
