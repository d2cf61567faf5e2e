import { assertEquals } from "@std/assert";
import { highest } from "./highest_rate.ts";

async function search(limit: number): Promise<[number, number[]]> {
  const tried: number[] = [];
  const found = await highest(
    (rate) => {
      tried.push(rate);
      return Promise.resolve(rate <= limit);
    },
    8000,
    64_000,
    2,
  );
  return [found, tried];
}

Deno.test("highest doubles while the rate holds and halves the distance then", async () => {
  assertEquals(await search(26_000), [24_000, [8000, 16_000, 32_000, 24_000, 28_000]]);
});

Deno.test("highest knows when not even the first rate holds, and when even the last one does", async () => {
  assertEquals(await search(7000), [0, [8000]]);
  assertEquals(await search(100_000), [64_000, [8000, 16_000, 32_000, 64_000]]);
});
