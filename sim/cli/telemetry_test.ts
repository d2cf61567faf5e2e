import { assert, assertEquals } from "@std/assert";
import { totalsOf } from "../metrics/snapshot.ts";
import { sampleSnapshots } from "../testing/sample_run.ts";
import { instrumentsOf } from "./telemetry.ts";

const TOTALS = totalsOf(sampleSnapshots());

Deno.test("instrumentsOf gives counters, gauges, and latencies as count, sum and quantiles in seconds", () => {
  const instruments = instrumentsOf({ ...TOTALS, gauges: { "generator.memory": 5 } });
  const memory = instruments.get("imstorm.generator_memory_bytes")!;
  assertEquals([memory.kind, memory.unit, memory.readings], ["gauge", "By", [{ value: 5, attributes: {} }]]);
  const attempted = instruments.get("imstorm.messages_attempted")!;
  assertEquals(attempted.kind, "counter");
  assertEquals(
    attempted.readings.find(({ attributes }) => attributes.mode === "large")!.value,
    TOTALS.counter("messages.large.attempted"),
  );
  const accept = TOTALS.latencies.get("pager_accept")!;
  const quantiles = instruments.get("imstorm.message_accept_seconds.quantile")!;
  assertEquals(quantiles.unit, "s");
  assertEquals(
    quantiles.readings.find(({ attributes }) => attributes.mode === "pager" && attributes.quantile === "0.99")!.value,
    accept.quantile(0.99) / 1e6,
  );
  const counts = instruments.get("imstorm.message_accept_seconds.count")!.readings;
  assertEquals(counts.find(({ attributes }) => attributes.mode === "pager")!.value, accept.count());
});

Deno.test("instrumentsOf gives no quantile of a latency without values", () => {
  const instruments = instrumentsOf({ counters: {}, gauges: {}, latencies: new Map() });
  assertEquals(instruments.get("imstorm.register_seconds.quantile")!.readings, []);
  assert(instruments.get("imstorm.register_seconds.count")!.readings.every(({ value }) => value === 0));
});
