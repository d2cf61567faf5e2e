import { assertEquals } from "@std/assert";
import type { Snapshot } from "../metrics/snapshot.ts";
import { SecondMerger } from "./second_merger.ts";

function merging(
  workers: number,
): { add: (worker: number, ...indices: number[]) => void; end: () => void; given: string[] } {
  const given: string[] = [];
  const merger = new SecondMerger(workers, ({ index, counters }) => given.push(`${index}:${counters.arrivals}`));
  const snapshot = (worker: number, index: number): Snapshot => ({
    worker,
    index,
    at: (index + 1) * 1000,
    counters: { arrivals: worker === 0 ? 1 : 10 },
    gauges: {},
    histograms: {},
  });
  return {
    given,
    add: (worker, ...indices) => indices.forEach((index) => merger.add(snapshot(worker, index))),
    end: () => merger.end(),
  };
}

Deno.test("a second is given when every worker has told it, in order and once", () => {
  const { add, end, given } = merging(2);
  add(0, 0, 1, 2);
  assertEquals(given, []);
  add(1, 0);
  assertEquals(given, ["0:11"]);
  add(1, 1, 2, 3);
  end();
  assertEquals(given, ["0:11", "1:11", "2:11", "3:10"]);
});

Deno.test("a worker that has fallen silent does not hold the others back for ever", () => {
  const { add, given } = merging(2);
  add(0, 0, 1);
  add(1, ...Array.from({ length: 20 }, (_, index) => index));
  assertEquals(given.slice(0, 4), ["0:11", "1:11", "2:10", "3:10"]);
  assertEquals(given.length, 10);
  add(0, 2);
  assertEquals(given.at(-1), "2:1");
});
