import { assertEquals } from "@std/assert";
import type { Snapshot } from "../metrics/snapshot.ts";
import { Account } from "./account.ts";
import { abortingThreshold } from "./threshold_watch.ts";

const STARTED_AT = "2026-03-01T04:05:06.000Z";

/** The second in which a threshold ends a run that loses one message of ten in each second from `losesFrom` on. */
function abortsAt(expression: string, losesFrom: number, workers = 2): number | undefined {
  const account = new Account({ thresholds: [expression], workers });
  for (let index = 0; index < 12; index++) {
    for (let worker = 0; worker < workers; worker++) {
      // clients register for two seconds
      const started = index < 2 ? 0 : 10;
      const lost: Record<string, number> = index >= losesFrom ? { "messages.lost": 1 } : {};
      const counters: Record<string, number> = started === 0
        ? {}
        : { "generator.arrivals": started, "messages.attempted": started, ...lost };
      const snapshot: Snapshot = { worker, index, at: (index + 1) * 1000, counters, gauges: {}, histograms: {} };
      account.add(snapshot);
      if (abortingThreshold([expression], account, STARTED_AT) !== undefined) return index;
    }
  }
  return undefined;
}

Deno.test("a threshold ends the run in the second in which it fails", () => {
  assertEquals(abortsAt("messages.lost == 0 abort", 5), 5);
  assertEquals(abortsAt("messages.lost < 5 abort", 5), 7);
  assertEquals(abortsAt("messages.lost == 0 over 3s abort", 5), 5);
});

Deno.test("a threshold without abort, with a waiver or without data ends nothing", () => {
  assertEquals(abortsAt("messages.lost == 0", 5), undefined);
  assertEquals(abortsAt("messages.lost == 0 abort waived until 2026-12-31 because known", 5), undefined);
  assertEquals(abortsAt("refresh.p99 < 1s abort", 5), undefined);
});

Deno.test("a threshold ends nothing before its time of the load has come", () => {
  assertEquals(abortsAt("messages.lost == 0 after 6s abort", 2), 7);
  // windows that end before it are not judged: the first is that of the seconds 4 to 7 of the run
  assertEquals(abortsAt("messages.lost == 0 over 4s after 6s abort", 2), 7);
});
