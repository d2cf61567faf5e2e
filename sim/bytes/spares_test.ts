import { assertEquals } from "@std/assert";
import { Spares } from "./spares.ts";

Deno.test("Spares gives back what it was given, each once, and keeps no more than 4096", () => {
  const spares = new Spares<number>();
  assertEquals(spares.take(), undefined);
  for (let number = 0; number < 5000; number++) spares.keep(number);
  const taken = new Set<number>();
  for (let number = spares.take(); number !== undefined; number = spares.take()) taken.add(number);
  assertEquals(taken.size, 4096);
});
