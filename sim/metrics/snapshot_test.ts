import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Histogram } from "./histogram.ts";
import { Recorder } from "./recorder.ts";
import { mergeSnapshots, type Snapshot, totalsOf } from "./snapshot.ts";

function snapshotOf(worker: number, index: number, fill: (recorder: Recorder) => void): Snapshot {
  const recorder = new Recorder(worker);
  fill(recorder);
  return recorder.take(index, (index + 1) * 1000);
}

Deno.test("totalsOf adds counters and latencies over workers and seconds", () => {
  const totals = totalsOf([0, 1, 2].map((index) =>
    snapshotOf(index % 2, index, (recorder) => {
      recorder.count("sessions.invited", index);
      recorder.latency("register", index + 1);
    })
  ));
  assertEquals(totals.counter("sessions.invited"), 3);
  assertEquals(totals.counter("sessions.leaked"), 0);
  assertEquals(totals.latencies.get("register")?.summary().count, 3);
  assertEquals(totals.unreadable, 0);
});

Deno.test("totalsOf counts encodings that cannot be read and goes on", () => {
  const broken: Snapshot = {
    worker: 0,
    index: 0,
    at: 0,
    counters: {},
    gauges: {},
    histograms: { register: new Uint8Array(3) },
  };
  assertEquals(totalsOf([broken]).unreadable, 1);
});

Deno.test("mergeSnapshots is exact: merging in any grouping gives the same", () => {
  const values = fc.array(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1 }), {
    minLength: 2,
    maxLength: 5,
  });
  fc.assert(
    fc.property(values, (workers) => {
      const snapshots = workers.map((latencies, worker) =>
        snapshotOf(worker, 0, (recorder) => latencies.forEach((each) => recorder.latency("refresh", each)))
      );
      const atOnce = mergeSnapshots(snapshots);
      const stepwise = mergeSnapshots([mergeSnapshots(snapshots.slice(0, 2)), ...snapshots.slice(2)]);
      assertEquals(stepwise.histograms, atOnce.histograms);
      assertEquals(Histogram.decode(atOnce.histograms.refresh!)?.count(), workers.flat().length);
    }),
    { numRuns: 25 },
  );
});

Deno.test("mergeSnapshots adds gauges of what workers share out and takes the highest of the others", () => {
  const merged = mergeSnapshots(
    [0, 1].map((worker) =>
      snapshotOf(worker, 7, (recorder) => {
        recorder.gauge("sessions.open", 10 + worker);
        recorder.gauge("generator.cpu_share", 0.5 + worker / 10);
      })
    ),
    { worker: -1 },
  );
  assertEquals(merged.gauges, { "sessions.open": 21, "generator.cpu_share": 0.6 });
  assertEquals([merged.worker, merged.index, merged.at], [-1, 7, 8000]);
});

Deno.test("mergeSnapshots of nothing is nothing", () => {
  assert(Object.keys(mergeSnapshots([]).counters).length === 0);
});
