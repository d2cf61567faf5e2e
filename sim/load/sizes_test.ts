import { assert, assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import type { SizeDistribution, SizePart } from "../scenario/size_mixture.ts";
import { SizeSampler } from "./sizes.ts";

const MAX = 64 * 1_048_576;

function part(distribution: SizeDistribution, more: Partial<SizePart> = {}): SizePart {
  return { weight: 1, min: 1, max: MAX, ...distribution, ...more } as SizePart;
}

function draw(parts: readonly SizePart[], count: number, seed = 1): { size: number; sizeIsTotal: boolean }[] {
  const sampler = new SizeSampler(parts, new Random(seed));
  return Array.from({ length: count }, () => {
    const into = { size: 0, sizeIsTotal: false };
    sampler.draw(into);
    return into;
  });
}

function sorted(parts: readonly SizePart[], count: number): number[] {
  return draw(parts, count).map(({ size }) => size).toSorted((a, b) => a - b);
}

Deno.test("a constant size is that size", () => {
  assertEquals(
    draw([part({ kind: "constant", size: 0 }, { min: 0 })], 2),
    Array(2).fill({ size: 0, sizeIsTotal: false }),
  );
});

Deno.test("uniform sizes take every value from the least to the most", () => {
  const sizes = sorted([part({ kind: "uniform", least: 10, most: 13 })], 4000);
  for (const size of [10, 11, 12, 13]) {
    const share = sizes.filter((each) => each === size).length / sizes.length;
    assert(Math.abs(share - 0.25) < 0.03, `${size}: ${share}`);
  }
});

Deno.test("log-normal sizes have their median and their p99", () => {
  const sizes = sorted([part({ kind: "lognormal", median: 140, p99: 900 })], 100_000);
  assert(Math.abs(sizes[50_000]! - 140) < 3, `median ${sizes[50_000]}`);
  assert(Math.abs(sizes[99_000]! - 900) < 30, `p99 ${sizes[99_000]}`);
});

Deno.test("normal sizes have their mean and their deviation", () => {
  const sizes = sorted([part({ kind: "normal", mean: 1000, deviation: 100 })], 100_000);
  assert(Math.abs(sizes[50_000]! - 1000) < 3);
  assert(Math.abs(sizes[84_134]! - 1100) < 3);
});

Deno.test("sizes are whole and cut to min and max", () => {
  const sizes = sorted([part({ kind: "normal", mean: 100, deviation: 80 }, { min: 20, max: 150 })], 1000);
  assertEquals([sizes[0], sizes.at(-1)], [20, 150]);
  assert(sizes.every(Number.isInteger));
  assertEquals(sorted([part({ kind: "normal", mean: 0, deviation: 5 })], 100)[0], 1);
});

Deno.test("total sizes are exact and marked as totals", () => {
  const drawn = draw([part({ kind: "total", sizes: [1299, 1300, 1301] })], 300);
  assert(drawn.every(({ size, sizeIsTotal }) => sizeIsTotal && [1299, 1300, 1301].includes(size)));
  assertEquals(new Set(drawn.map(({ size }) => size)).size, 3);
});

Deno.test("parts of a mixture come by their weights", () => {
  const drawn = draw([
    part({ kind: "constant", size: 1 }, { weight: 70 }),
    part({ kind: "total", sizes: [2] }, { weight: 25 }),
    part({ kind: "constant", size: 3 }, { weight: 5 }),
  ], 100_000);
  const share = (size: number) => drawn.filter((each) => each.size === size).length / drawn.length;
  assert(Math.abs(share(1) - 0.7) < 0.01 && Math.abs(share(2) - 0.25) < 0.01 && Math.abs(share(3) - 0.05) < 0.01);
  assert(drawn.every(({ size, sizeIsTotal }) => sizeIsTotal === (size === 2)));
});

Deno.test("the same seed gives the same sizes", () => {
  const parts = [part({ kind: "lognormal", median: 140, p99: 900 })];
  assertEquals(draw(parts, 50, 7), draw(parts, 50, 7));
});

Deno.test("Pareto sizes have their least and their tail, which max cuts", () => {
  const sizes = sorted([part({ kind: "pareto", least: 100, shape: 2 }, { max: 5000 })], 20_000);
  assertEquals([sizes[0], sizes.at(-1)], [100, 5000]);
  // beyond twice the least lies a quarter, beyond four times a sixteenth
  for (const [times, share] of [[2, 1 / 4], [4, 1 / 16]] as const) {
    const beyond = sizes.filter((size) => size > 100 * times).length / sizes.length;
    assert(Math.abs(beyond - share) < 0.015, `${times} times: ${beyond}`);
  }
});

Deno.test("sizes of a histogram come as often as they were counted, evenly within a row", () => {
  const bins = [{ least: 0, most: 0, weight: 1 }, { least: 100, most: 101, weight: 6 }, {
    least: 5000,
    most: 5000,
    weight: 3,
  }];
  const sizes = sorted([part({ kind: "csv", file: "sizes.csv", bins }, { min: 0 })], 20_000);
  for (const [size, share] of [[0, 0.1], [100, 0.3], [101, 0.3], [5000, 0.3]] as const) {
    const found = sizes.filter((each) => each === size).length / sizes.length;
    assert(Math.abs(found - share) < 0.015, `${size}: ${found}`);
  }
});
