import { assertEquals, assertMatch } from "@std/assert";
import { HistogramLogReader } from "hdr-histogram-js";
import { totalsOf } from "../metrics/snapshot.ts";
import { sampleSnapshots } from "../testing/sample_run.ts";
import { hdrLogOf } from "./hdr_log.ts";

const SNAPSHOTS = sampleSnapshots();
const LOG = [...hdrLogOf({ startedAt: "2026-03-01T04:05:06.250Z", version: "0.1.0" }, SNAPSHOTS)].join("");

Deno.test("the histogram log begins with its version, its start and its columns", () => {
  const lines = LOG.split("\n");
  assertEquals(lines.slice(1, 5), [
    "#[Histogram log format version 1.3]",
    "#[StartTime: 1772337906.250 (seconds since epoch)]",
    "#[BaseTime: 1772337906.250 (seconds since epoch)]",
    `"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"`,
  ]);
  for (const line of lines.slice(5, -1)) {
    assertMatch(line, /^Tag=[a-z_]+(\{[a-z]+=[a-z0-9]+\})?,\d+\.\d{3},1\.000,\d+\.\d{3},HISTF[A-Za-z0-9+/=]+$/);
  }
});

Deno.test("the histogram log holds every value of the run, as its own reader sees it", () => {
  const counts = new Map<string, number>();
  const reader = new HistogramLogReader(LOG);
  for (let each = reader.nextIntervalHistogram(); each !== null; each = reader.nextIntervalHistogram()) {
    const { tag, totalCount } = each as unknown as { tag: string; totalCount: number };
    counts.set(tag, (counts.get(tag) ?? 0) + totalCount);
  }
  const expected = [...totalsOf(SNAPSHOTS).latencies].map(([name, latency]) => [name, latency.count()]);
  assertEquals(Object.fromEntries(counts), Object.fromEntries(expected));
});
