import { assertEquals, assertNotEquals } from "@std/assert";
import { Slab } from "./slab.ts";

Deno.test("Slab keeps octets as they were, whatever becomes of the original", () => {
  const slab = new Slab();
  const original = Uint8Array.of(1, 2, 3);
  const copy = slab.keep(original);
  original.fill(9);
  const next = slab.keep(original);
  assertEquals([...copy], [1, 2, 3]);
  assertEquals([...next], [9, 9, 9]);
});

Deno.test("Slab takes a new block when one is full, and a block of its own for what fits in none", () => {
  const slab = new Slab();
  const first = slab.keep(new Uint8Array(40000).fill(1));
  const second = slab.keep(new Uint8Array(40000).fill(2));
  const third = slab.keep(new Uint8Array(70000).fill(3));
  const fourth = slab.keep(new Uint8Array(10).fill(4));
  assertNotEquals(first.buffer, second.buffer);
  assertEquals(second.buffer === fourth.buffer, true);
  assertEquals([first[39999], second[39999], third[69999], fourth[9]], [1, 2, 3, 4]);
});
