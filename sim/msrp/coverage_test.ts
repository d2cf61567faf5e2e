import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Coverage } from "./coverage.ts";

Deno.test("Coverage grows one run when octets come in order", () => {
  const coverage = new Coverage();
  for (let start = 1; start <= 901; start += 100) coverage.add(start, start + 99);
  assertEquals(coverage.runs(), 1);
  assert(coverage.covers(1000));
  assert(!coverage.covers(1001));
  assertEquals(coverage.highest(), 1000);
});

Deno.test("Coverage of nothing covers a message of 0 octets alone", () => {
  const coverage = new Coverage();
  coverage.add(1, 0);
  assert(coverage.covers(0));
  assert(!coverage.covers(1));
  assertEquals([coverage.runs(), coverage.highest()], [0, 0]);
});

Deno.test("Coverage agrees with a set of octets, whatever order and overlap", () => {
  const run = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(12));
  fc.assert(fc.property(fc.array(run, { maxLength: 30 }), (runs) => {
    const coverage = new Coverage();
    const octets = new Set<number>();
    for (const [start, length] of runs) {
      coverage.add(start, start + length - 1);
      for (let i = 0; i < length; i++) octets.add(start + i);
    }
    const covered = (length: number) => Array.from({ length }, (_, i) => octets.has(i + 1)).every(Boolean);
    for (let length = 0; length <= 75; length++) assertEquals(coverage.covers(length), covered(length));
    assertEquals(coverage.highest(), Math.max(0, ...octets));
    let edges = 0;
    for (let i = 1; i <= 75; i++) if (octets.has(i) && !octets.has(i - 1)) edges++;
    assertEquals(coverage.runs(), edges);
  }));
});
