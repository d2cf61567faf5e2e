import { assert, assertEquals } from "@std/assert";
import { Histogram } from "./histogram.ts";
import { Recorder } from "./recorder.ts";
import { totalsOf } from "./snapshot.ts";

Deno.test("Interval holds what was recorded before it was cut off, whatever is recorded while it is encoded", () => {
  const recorder = new Recorder();
  const plain = recorder.latencyId("pager_accept");
  const part = recorder.latencyId("pager_accept", "pager_accept{size=b64}");
  const record = (value: number) => {
    recorder.latencyOfId(plain, value);
    recorder.latencyOfId(part, value);
    recorder.count("sessions.invited");
  };
  const snapshots = [];
  for (let second = 0; second < 3; second++) {
    for (let i = 0; i < 10; i++) record(second + 1);
    const interval = recorder.cut(second, 1000 * second);
    let steps = 1;
    for (record(100); interval.step(); steps++) record(100);
    const snapshot = interval.snapshot();
    const before = second === 0 ? 0 : snapshot.counters["sessions.invited"]! - 10;
    assertEquals(Histogram.decode(snapshot.histograms.pager_accept!)!.count(), 2 * (10 + before));
    assertEquals(Histogram.decode(snapshot.histograms["pager_accept{size=b64}"]!)!.count(), 10 + before);
    assert(steps >= 4, "two names to encode, two histograms to empty");
    snapshots.push(snapshot);
  }
  snapshots.push(recorder.take(3, 3000));
  const totals = totalsOf(snapshots);
  assertEquals(totals.latencies.get("pager_accept")!.count(), 2 * totals.counter("sessions.invited"));
});
