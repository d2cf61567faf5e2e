import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { KeyedRandom } from "./keyed_random.ts";

function numbersOf(random: KeyedRandom, first: number, second: number): number[] {
  random.rekey(first, second);
  return [random.uniform(), random.uniform(), random.uniform()];
}

Deno.test("KeyedRandom gives the numbers of a key whatever was asked before", () => {
  const one = new KeyedRandom(7, 1);
  const other = new KeyedRandom(7, 1);
  numbersOf(other, 5, 5);
  assertEquals(numbersOf(one, 3, 4), numbersOf(other, 3, 4));
  assertNotEquals(numbersOf(one, 3, 4), numbersOf(one, 4, 3));
  assertNotEquals(numbersOf(one, 3, 4), numbersOf(new KeyedRandom(7, 2), 3, 4));
  assertNotEquals(numbersOf(one, 3, 4), numbersOf(new KeyedRandom(8, 1), 3, 4));
});

Deno.test("first numbers of neighbouring keys are spread evenly over [0, 1)", () => {
  const random = new KeyedRandom(1);
  const bins = Array(20).fill(0);
  for (let key = 0; key < 100_000; key++) {
    random.rekey(key % 100, Math.floor(key / 100));
    bins[Math.floor(random.uniform() * 20)]++;
  }
  // chi square with 19 degrees of freedom: 43.8 is passed once in a thousand
  const chi = bins.reduce((sum, count) => sum + (count - 5000) ** 2 / 5000, 0);
  assert(chi < 43.8, `chi square ${chi}`);
});
