import { assertEquals } from "@std/assert";
import { searchRate } from "./rate_search.ts";

/** Searches where rates up to `limit` hold: what was found, and the rates tried. */
async function search(limit: number, before?: number): Promise<[number, number[]]> {
  const range = { first: 8000, last: 64_000, halvings: 2 };
  const found = before === undefined ? undefined : { rate: before, tried: [] };
  const { rate, tried } = await searchRate((rate) => Promise.resolve(rate <= limit), range, () => {}, found);
  return [rate, tried.map(([rate]) => rate)];
}

Deno.test("searchRate doubles while the rate holds and halves the distance then", async () => {
  assertEquals(await search(26_000), [24_000, [8000, 16_000, 32_000, 24_000, 28_000]]);
});

Deno.test("searchRate knows when not even the first rate holds, and when even the last one does", async () => {
  assertEquals(await search(7000), [0, [8000]]);
  assertEquals(await search(100_000), [64_000, [8000, 16_000, 32_000, 64_000]]);
});

Deno.test("searchRate begins below what was found before, and from the start where that is no longer so", async () => {
  assertEquals(await search(26_000, 24_000), [22_500, [18_000, 36_000, 27_000, 22_500]]);
  assertEquals(await search(9000, 24_000), [8000, [18_000, 8000, 16_000, 12_000, 10_000]]);
  assertEquals((await search(9000))[0], 8000);
  assertEquals((await search(9000, 0))[0], 8000);
});

Deno.test("searchRate tries a rate again before it believes that it does not hold, and tells of each", async () => {
  const disturbed = [16_000];
  const trials: number[] = [];
  const told: string[] = [];
  const isLossFree = (rate: number): Promise<boolean> => {
    trials.push(rate);
    return Promise.resolve(rate <= 16_000 && disturbed.shift() !== rate);
  };
  const found = await searchRate(isLossFree, { first: 16_000, last: 32_000, halvings: 0 }, (text) => told.push(text));
  assertEquals(trials, [16_000, 16_000, 32_000, 32_000]);
  assertEquals(found, { rate: 16_000, tried: [[16_000, true], [32_000, false]] });
  assertEquals(told, ["16000/s without a loss", "32000/s not held"]);
});
