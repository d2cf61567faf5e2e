import { assertEquals, assertThrows } from "@std/assert";
import { microRows } from "./more_rows.ts";
import { type BenchOutput, microCosts } from "./micro.ts";
import { isMet } from "./table.ts";

const NAMES = [
  "200 of a MESSAGE: parseMessage",
  "Stamp.fill",
  "a 180 finds its transaction among 10,000",
  "1,000 alarms fire and are armed again, 100,000 armed",
  "Histogram.record, 10,000 latencies",
  "Ledger: open, deliver, settle, 1,000 messages",
];

function output(names: readonly string[]): BenchOutput {
  return { benches: names.map((name) => ({ name, results: [{ ok: { avg: 50_000, p99: 100_000 } }] })) };
}

Deno.test("microCosts divides what a turn takes by what it does", () => {
  const costs = microCosts(output(["another one", ...NAMES]));
  assertEquals(costs.map(({ mean }) => mean), [50_000, 50_000, 50_000, 50, 5, 50]);
  assertEquals(costs[4]!.p99, 10);
  const [row] = microRows(costs);
  assertEquals([row!.measured, row!.ratio, isMet(row!)], ["50000 ns", null, true]);
});

Deno.test("microCosts misses a bench that is gone, or has another name now", () => {
  assertThrows(() => microCosts(output(NAMES.slice(1))), Error, 'Cannot find the bench "200 of a MESSAGE');
});
