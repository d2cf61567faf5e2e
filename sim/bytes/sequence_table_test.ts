import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { SequenceTable } from "./sequence_table.ts";

Deno.test("SequenceTable holds what a Map would hold, whatever comes and goes", () => {
  const number = fc.oneof(fc.nat(40), fc.nat(40).map((n) => n * 64), fc.maxSafeNat());
  const steps = fc.array(fc.record({ adds: fc.boolean(), number, value: fc.nat() }), { maxLength: 400 });
  fc.assert(fc.property(steps, (given) => {
    const table = new SequenceTable<number>();
    const map = new Map<number, number>();
    for (const { adds, number, value } of given) {
      if (adds) {
        table.set(number, value);
        map.set(number, value);
      } else assertEquals(table.delete(number), map.delete(number));
      assertEquals([table.size, table.get(number), table.has(number)], [map.size, map.get(number), map.has(number)]);
    }
    for (const [number, value] of map) assertEquals(table.get(number), value);
    assertEquals(table.values().toSorted((a, b) => a - b), [...map.values()].toSorted((a, b) => a - b));
  }));
});

Deno.test("SequenceTable knows nothing of a number below zero and refuses to keep it", () => {
  const table = new SequenceTable<string>();
  assertEquals([table.get(-1), table.has(-1), table.delete(-5)], [undefined, false, false]);
  assertThrows(() => table.set(-1, "a"), RangeError);
  assertThrows(() => table.set(NaN, "a"), RangeError);
});
