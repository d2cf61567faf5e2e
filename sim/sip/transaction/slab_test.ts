import { assertEquals } from "@std/assert";
import { Slab } from "./slab.ts";

Deno.test("Slab.keep gives copies that neither the original nor one another changes", () => {
  const slab = new Slab();
  const original = new Uint8Array(1000);
  const copies = Array.from({ length: 200 }, (_, i) => slab.keep(original.fill(i)));
  original.fill(255);
  for (const [i, copy] of copies.entries()) assertEquals(copy, new Uint8Array(1000).fill(i));
});

Deno.test("Slab.keep takes messages of any size", () => {
  const slab = new Slab();
  for (const size of [0, 1, 4096, 4097, 65_535, 100_000]) {
    assertEquals(slab.keep(new Uint8Array(size).fill(7)), new Uint8Array(size).fill(7));
  }
});
