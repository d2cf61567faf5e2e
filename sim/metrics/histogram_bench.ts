/** What a latency costs: our way into the buckets beside the library's. */
import { build } from "hdr-histogram-js";
import { Histogram, MAX_MICROS } from "./histogram.ts";

const ours = new Histogram();
const theirs = build({
  bitBucketSize: 64,
  lowestDiscernibleValue: 1,
  highestTrackableValue: MAX_MICROS,
  numberOfSignificantValueDigits: 3,
  autoResize: false,
  useWebAssembly: false,
});
const LATENCIES = Float64Array.from({ length: 10_000 }, (_, i) => (i * 7919 % 50_000) / 1000);

Deno.bench("Histogram.record, 10,000 latencies", { group: "record", baseline: true }, () => {
  for (const latency of LATENCIES) ours.record(latency);
});

Deno.bench("recordValue of the library, 10,000 latencies", { group: "record" }, () => {
  for (const latency of LATENCIES) theirs.recordValue(Math.round(latency * 1000));
});

for (const latency of LATENCIES) ours.record(latency);
const encoding = ours.encode();
Deno.bench("Histogram.encode", { group: "encode" }, () => {
  ours.encode();
});

Deno.bench("Histogram.addEncoded", { group: "encode" }, () => {
  ours.addEncoded(encoding);
});
