// deno-lint-ignore-file camelcase -- fields are named as in summary.json
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { RECEIVER_COUNTS, SENDER_COUNTS } from "../metrics/catalogue.ts";
import { UNMARKED_BELOW } from "../metrics/ledger.ts";
import { MARK_SIZE } from "../im/body.ts";
import { sampleManifest, sampleScenario, sampleSnapshots } from "../testing/sample_run.ts";
import { toJson } from "./json.ts";
import { type MessageSummary, summarise } from "./summary.ts";

const SNAPSHOTS = sampleSnapshots();

function sum(messages: MessageSummary, parts: readonly (keyof MessageSummary)[]): number {
  return parts.reduce((total, part) => total + messages[part], 0);
}

Deno.test("summarise gives message counts whose two sums are the attempts, in all and of each mode", () => {
  const { messages } = summarise(sampleManifest(), SNAPSHOTS);
  for (const part of [messages, messages.pager, messages.large]) {
    assertEquals(sum(part, SENDER_COUNTS), part.attempted);
    assertEquals(sum(part, RECEIVER_COUNTS), part.attempted);
  }
  assertEquals(messages.pager.attempted + messages.large.attempted, messages.attempted);
});

Deno.test("summarise gives every field of the contract", () => {
  const read = JSON.parse(toJson(summarise(sampleManifest(), SNAPSHOTS)));
  const fields: Record<string, string[]> = {
    "": ["format", "scenario", "verdict", "duration_s", "retransmissions", "responses", "thresholds"],
    clients: ["configured", "registered", "failed"],
    decisions: ["pager", "large", "at_boundary", "switched_after_auth"],
    messages: [
      "attempted",
      ...SENDER_COUNTS,
      ...RECEIVER_COUNTS,
      "duplicated",
      "corrupted",
      "misrouted",
      "pager",
      "large",
    ],
    sessions: ["invited", "established", "released", "released_by_peer", "failed", "leaked"],
    session_timer: [
      "started",
      "refreshes_sent",
      "refreshes_received",
      "refreshes_failed",
      "interval_too_small_422",
      "expired",
    ],
    latency_us: [
      "register",
      "pager_accept",
      "pager_delivery",
      "large_setup",
      "large_connect",
      "large_transfer",
      "large_delivery",
      "large_teardown",
      "refresh",
      "pager_accept_from_sent",
    ],
    rfc6076: ["RRD_us", "IRA", "SRD_us", "SDD_us", "SER", "SEER", "ISA", "SCR"],
    generator: ["validity", "schedule_lag_us", "dropped_arrivals", "cpu_share", "socket_drops", "reasons"],
  };
  for (const [scope, names] of Object.entries(fields)) {
    const part = scope === "" ? read : read[scope];
    for (const name of names) assert(part[name] !== undefined, `${scope}.${name}`);
  }
  const figures = ["count", "min", "mean", "stdev", "p50", "p90", "p95", "p99", "p999", "max"];
  assertEquals(Object.keys(read.latency_us.pager_accept), figures);
  assertEquals(Object.keys(read.thresholds[0]), ["expression", "actual", "passed", "samples", "status"]);
});

Deno.test("summarise gives whole microseconds", () => {
  const { latency_us: latencies } = summarise(sampleManifest(), SNAPSHOTS);
  for (const latency of Object.values(latencies)) {
    assert(Object.values(latency).every((each) => each === null || Number.isInteger(each)));
  }
});

Deno.test("summarise counts rates over the phases without warm-up", () => {
  const { duration_s: seconds, load } = summarise(sampleManifest(), SNAPSHOTS);
  assertEquals([seconds, load.measured_s, load.planned, load.arrivals], [6, 5, 1200, 1200]);
  assertEquals(load.attempted_per_second, 200);
});

Deno.test("summarise gives null for ratios and figures of nothing", () => {
  const { rfc6076, latency_us: latencies, load } = summarise(sampleManifest({ outcome: "interrupted" }), []);
  assertEquals([rfc6076.IRA, rfc6076.SER, rfc6076.SCR, load.attempted_per_second], [null, null, null, null]);
  assertEquals([latencies.register.count, latencies.register.p99], [0, null]);
});

Deno.test("summarise judges: a failed gate fails, no data is invalid, a killed run is interrupted", () => {
  const verdictOf = (thresholds: string[], change = {}): string =>
    summarise(sampleManifest({ scenario: sampleScenario({ thresholds }), ...change }), SNAPSHOTS).verdict;
  assertEquals(verdictOf([]), "passed");
  assertEquals(verdictOf(["messages.attempted == 1000"]), "passed");
  assertEquals(verdictOf(["messages.lost == 0"]), "failed");
  assertEquals(verdictOf(["messages.lost == 0", "refresh.p99 < 1s"]), "invalid");
  assertEquals(verdictOf(["messages.lost == 0"], { outcome: "interrupted" }), "interrupted");
  assertEquals(verdictOf([], { outcome: "running", ended_at: null }), "interrupted");
});

Deno.test("summarise of a killed run counts what is not known as unanswered and open, so that the sums hold", () => {
  const cut = SNAPSHOTS.filter((each) => each.index < 3);
  const { messages, generator } = summarise(sampleManifest({ outcome: "running", ended_at: null }), cut);
  assert(messages.open > 0);
  for (const part of [messages, messages.pager, messages.large]) {
    assertEquals(sum(part, SENDER_COUNTS), part.attempted);
    assertEquals(sum(part, RECEIVER_COUNTS), part.attempted);
  }
  assertEquals(generator.reasons, []);
});

Deno.test("summarise does not trust counts of an ended run that do not add up", () => {
  const { generator } = summarise(
    sampleManifest(),
    SNAPSHOTS.filter((each) => each.index !== 3 || each.worker === 0).slice(0, 12),
  );
  assertStringIncludes(generator.reasons.join(), "counts are not conserved: fates of messages.attempted");
});

Deno.test("summarise names the faults of the files as reasons", () => {
  const { generator, verdict } = summarise(sampleManifest(), SNAPSHOTS, ["series.msgpack: cut off"]);
  assertEquals([verdict, generator.validity], ["invalid", "invalid"]);
  assertStringIncludes(generator.reasons.join(), "series.msgpack");
});

Deno.test("Ledger and contents agree on the size below which there is no mark", () => {
  assertEquals(UNMARKED_BELOW, MARK_SIZE);
});
