import { assertEquals } from "@std/assert";
import type { Snapshot } from "../metrics/snapshot.ts";
import { Account, accountOf } from "./account.ts";

function snapshot(worker: number, index: number, part: Partial<Snapshot> = {}): Snapshot {
  return { worker, index, at: (index + 1) * 1000, counters: {}, gauges: {}, histograms: {}, ...part };
}

Deno.test("an account takes the processor time of the busiest worker and leaves out seconds without load", () => {
  const second = (worker: number, index: number, share: number, arrivals: number): Snapshot =>
    snapshot(worker, index, {
      counters: arrivals > 0 ? { "generator.arrivals": arrivals } : {},
      gauges: { "generator.cpu_share": share },
    });
  const snapshots = [second(0, 0, 1, 0), second(0, 1, 0.2, 5), second(0, 2, 0.4, 5), second(1, 1, 0.5, 5)];
  assertEquals(accountOf(snapshots).cpuShare(), { mean: 0.5, peak: 0.5 });
  assertEquals(accountOf([]).cpuShare(), { mean: null, peak: null });
});

Deno.test("an account merges the workers of a second before it looks for the highest", () => {
  const second = (worker: number, index: number, open: number, delivered: number): Snapshot =>
    snapshot(worker, index, {
      counters: { "messages.delivered": delivered },
      gauges: { "sessions.open": open, "generator.memory": open },
    });
  // worker by worker, and an hour long: later seconds must not push out what is still to be merged
  const snapshots = [second(0, 0, 5, 3), second(0, 3600, 9, 5), second(1, 0, 6, 4), second(1, 3600, 1, 1)];
  const account = accountOf(snapshots);
  assertEquals(account.gaugePeaks(), { "sessions.open": 11, "generator.memory": 9 });
  assertEquals(account.deliveredPeak(), 7);
});

Deno.test("an account knows from when to when a counter counted, and adds up without keeping seconds", () => {
  const account = new Account();
  for (let index = 0; index < 1000; index++) {
    const counted = index >= 10 && index < 900 && index !== 500;
    account.add(snapshot(0, index, counted ? { counters: { "generator.arrivals": 2 } } : {}));
  }
  assertEquals(account.secondsWith("generator.arrivals"), 890);
  assertEquals(account.secondsWith("messages.attempted"), 0);
  assertEquals([account.totals.counter("generator.arrivals"), account.snapshots], [1778, 1000]);
});
