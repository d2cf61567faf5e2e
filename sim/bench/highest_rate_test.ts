import { assertEquals } from "@std/assert";
import { highest, highestNear } from "./highest_rate.ts";

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

Deno.test("highestNear begins below what was found before, and from the start where that is no longer so", async () => {
  const near = async (limit: number, found: number | undefined) => {
    const tried: number[] = [];
    const holds = (rate: number): Promise<boolean> => {
      tried.push(rate);
      return Promise.resolve(rate <= limit);
    };
    return [await highestNear(holds, found, { first: 8000, last: 64_000, halvings: 2 }), tried];
  };
  assertEquals(await near(26_000, 24_000), [22_500, [18_000, 36_000, 27_000, 22_500]]);
  assertEquals(await near(9000, 24_000), [8000, [18_000, 8000, 16_000, 12_000, 10_000]]);
  assertEquals((await near(9000, undefined))[0], 8000);
  assertEquals((await near(9000, 0))[0], 8000);
});
