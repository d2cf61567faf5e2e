import { assert, assertEquals } from "@std/assert";
import { OrderMemory } from "./order_memory.ts";

Deno.test("a message that comes after a later one of its pair is overtaken, and only that one", () => {
  const memory = new OrderMemory();
  const overtaken = [0, 1, 4, 2, 3, 5].map((sequence) => memory.isOvertaken(7, 9, sequence));
  assertEquals(overtaken, [false, false, false, true, true, false]);
});

Deno.test("pairs are apart, in both directions", () => {
  const memory = new OrderMemory();
  assertEquals(memory.isOvertaken(1, 2, 50), false);
  assertEquals(memory.isOvertaken(2, 1, 10), false);
  assertEquals(memory.isOvertaken(1, 3, 10), false);
  assertEquals(memory.isOvertaken(1, 2, 10), true);
});

Deno.test("a hundred thousand pairs are known at a time, and more of them do no harm", () => {
  const memory = new OrderMemory();
  const pairs = Array.from({ length: 100_000 }, (_, i) => [i % 1000, Math.floor(i / 1000)] as const);
  pairs.forEach(([sender, receiver], i) => memory.isOvertaken(sender, receiver, 1_000_000 + i));
  const known = pairs.filter(([sender, receiver], i) => memory.isOvertaken(sender, receiver, i)).length;
  assert(known > 95_000, `${known} of 100,000`);
  for (let i = 0; i < 1_000_000; i++) assertEquals(memory.isOvertaken(i, i + 1, 2_000_000 + i), false);
});
