import { assert, assertEquals } from "@std/assert";
import { COUNTERS, GAUGES, LATENCIES, MESSAGE_COUNTS } from "../metrics/catalogue.ts";
import { totalsOf } from "../metrics/snapshot.ts";
import { sampleManifest, sampleSnapshots } from "../testing/sample_run.ts";
import { exposedCounter, exposedGauge, exposedLatency, familiesOf } from "./exposition.ts";
import { type MetricFamily, type Sample, writeMetrics } from "./open_metrics.ts";
import { summarise } from "./summary.ts";

const SNAPSHOTS = sampleSnapshots();
const TOTALS = totalsOf(SNAPSHOTS);
const SUMMARY = summarise(sampleManifest(), SNAPSHOTS);
const FAMILIES = familiesOf({ ...TOTALS, gauges: { "generator.cpu_share": 0.5, "sessions.open": 3 } });

function family(name: string): MetricFamily {
  const found = FAMILIES.find((each) => each.name === name);
  assert(found !== undefined, name);
  return found;
}

function valueOf(name: string, labels: Readonly<Record<string, string>> = {}): number {
  const samples = family(name).samples as readonly Sample[];
  return samples.filter((each) => Object.entries(labels).every(([label, value]) => each.labels[label] === value))
    .reduce((sum, each) => sum + each.value, 0);
}

Deno.test("familiesOf counts as the summary does: modes, outcomes, arrivals and octets", () => {
  const { messages, responses, sessions } = SUMMARY;
  assertEquals(valueOf("imstorm_messages_attempted"), messages.attempted);
  assertEquals(valueOf("imstorm_messages_attempted", { mode: "large" }), messages.large.attempted);
  assertEquals(valueOf("imstorm_messages_by_outcome"), messages.attempted);
  assertEquals(valueOf("imstorm_messages_by_outcome", { outcome: "rejected", mode: "pager" }), messages.pager.rejected);
  assertEquals(valueOf("imstorm_messages_by_arrival"), messages.attempted);
  assertEquals(valueOf("imstorm_messages_by_arrival", { arrival: "lost" }), messages.lost);
  assertEquals(valueOf("imstorm_messages_delivered_bytes"), messages.octets_delivered);
  assertEquals(valueOf("imstorm_responses", { method: "MESSAGE", status: "503" }), responses.MESSAGE!["503"]);
  assertEquals(valueOf("imstorm_sessions_established"), sessions.established);
});

Deno.test("familiesOf makes buckets of the distribution itself, in seconds, the last one the count", () => {
  const accept = family("imstorm_message_accept_seconds");
  assert(accept.kind === "histogram");
  const pager = accept.samples.find(({ labels }) => labels.mode === "pager")!;
  const recorded = TOTALS.latencies.get("pager_accept")!;
  assertEquals(pager.count, recorded.count());
  assert(Math.abs(pager.sum - recorded.mean() * recorded.count() / 1e6) < 1e-6);
  const counts = pager.buckets.map(([, count]) => count);
  assertEquals(counts, counts.toSorted((a, b) => a - b));
  const [, atMost10ms] = pager.buckets.find(([bound]) => bound === 0.01)!;
  assertEquals(atMost10ms, recorded.countsAtMost([10_000])[0]);
  assert(0 < atMost10ms && atMost10ms < pager.count);
});

Deno.test("familiesOf has every metric of the catalogue from the start, at zero", () => {
  const names = new Set(familiesOf({ counters: {}, gauges: {}, latencies: new Map() }).map((each) => each.name));
  for (const { name } of COUNTERS) {
    const shown = exposedCounter(name);
    if (shown === undefined) assert(name.slice("messages.".length) in MESSAGE_COUNTS, name);
    else assert(names.has(shown.name), name);
  }
  for (const { name } of LATENCIES) assert(names.has(exposedLatency(name).name), name);
});

Deno.test("no two metrics of the catalogue share a name and labels", () => {
  const shown = [
    ...COUNTERS.map(({ name }) => exposedCounter(name)).filter((each) => each !== undefined),
    ...LATENCIES.map(({ name }) => exposedLatency(name)),
    ...GAUGES.map(({ name }) => exposedGauge(name)),
  ].map((each) => JSON.stringify(each));
  assertEquals(shown.length, new Set(shown).size);
  const bases = new Map<string, string>();
  for (const { name, kind } of FAMILIES) {
    assertEquals(bases.get(name) ?? kind, kind, name);
    bases.set(name, kind);
  }
});

Deno.test("members of families and dimensions of latencies become labels", () => {
  assertEquals(exposedCounter("responses.re-INVITE.200"), {
    name: "imstorm_responses",
    labels: { method: "re-INVITE", status: "200" },
  });
  assertEquals(exposedCounter("sip.malformed.bad_via"), {
    name: "imstorm_sip_malformed_by_fault",
    labels: { fault: "bad_via" },
  });
  assertEquals(exposedCounter("transport.octets_sent"), { name: "imstorm_transport_sent_bytes", labels: {} });
  assertEquals(exposedLatency("pager_accept{transport=udp}"), {
    name: "imstorm_message_accept_by_transport_seconds",
    labels: { mode: "pager", transport: "udp" },
  });
  assertEquals(exposedGauge("generator.cpu_share").name, "imstorm_generator_cpu_ratio");
});

Deno.test("a counter and a gauge that the catalogue does not know are still shown", () => {
  const families = familiesOf({ counters: { "future.thing": 2 }, gauges: { "future.level": 4 }, latencies: new Map() });
  const text = writeMetrics(families, "openmetrics");
  assert(text.includes("\nimstorm_future_thing_total 2\n") && text.includes("\nimstorm_future_level 4\n"));
});
