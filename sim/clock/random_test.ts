import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Random } from "./random.ts";

const COUNT = 20_000;

function draw(random: Random, count = 20): number[] {
  return Array.from({ length: count }, () => random.uniform());
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** Fails unless `actual` is within `share` of `expected`. */
function assertNear(actual: number, expected: number, share: number): void {
  assert(Math.abs(actual - expected) <= share * Math.abs(expected), `${actual} is not near ${expected}`);
}

Deno.test("Random gives the same stream for the same seed, and others for other seeds and streams", () => {
  assertEquals(draw(new Random(42)), draw(new Random(42)));
  assertEquals(draw(new Random(42, 3)), draw(new Random(42, 3)));
  assertNotEquals(draw(new Random(42)), draw(new Random(43)));
  assertNotEquals(draw(new Random(42, 0)), draw(new Random(42, 1)));
});

Deno.test("Random keeps its streams from release to release, so that a seed of an old run can be used again", () => {
  const random = new Random(42);
  assertEquals([random.integer(1000), random.integer(1000), random.hexadecimal(8)], [878, 33, "c700c1ad"]);
});

Deno.test("Random gives no two streams of one seed alike, nor neighbouring seeds related ones", () => {
  const firsts = new Set<string>();
  for (let stream = 0; stream < 5000; stream++) firsts.add(new Random(7, stream).hexadecimal(16));
  assertEquals(firsts.size, 5000);
  const ofSeeds = Array.from({ length: 5000 }, (_, seed) => new Random(seed).uniform());
  assertNear(mean(ofSeeds), 0.5, 0.03);
  assertNear(deviation(ofSeeds), Math.sqrt(1 / 12), 0.03);
});

Deno.test("Random.uniform fills [0, 1) evenly", () => {
  const values = draw(new Random(1), COUNT);
  assert(values.every((value) => value >= 0 && value < 1));
  assertNear(mean(values), 0.5, 0.02);
  const tenths = Array<number>(10).fill(0);
  for (const value of values) tenths[Math.floor(value * 10)]!++;
  for (const count of tenths) assertNear(count, COUNT / 10, 0.1);
});

Deno.test("Random.integer gives every whole number below its bound, and no other", () => {
  const random = new Random(1);
  const counts = Array<number>(7).fill(0);
  for (let i = 0; i < COUNT; i++) counts[random.integer(7)]!++;
  assertEquals(counts.length, 7);
  for (const count of counts) assertNear(count, COUNT / 7, 0.1);
  assertEquals(random.integer(1), 0);
});

Deno.test("Random.exponential has the given mean, and its deviation is the same: gaps of Poisson arrivals", () => {
  const random = new Random(1);
  const values = Array.from({ length: COUNT }, () => random.exponential(5));
  assert(values.every((value) => value >= 0 && Number.isFinite(value)));
  assertNear(mean(values), 5, 0.03);
  assertNear(deviation(values), 5, 0.05);
});

Deno.test("Random.normal has the given mean and deviation", () => {
  const random = new Random(1);
  const values = Array.from({ length: COUNT }, () => random.normal(100, 15));
  assertNear(mean(values), 100, 0.01);
  assertNear(deviation(values), 15, 0.03);
  const within = values.filter((value) => Math.abs(value - 100) < 15).length / COUNT;
  assertNear(within, 0.683, 0.03);
});

Deno.test("Random.hexadecimal gives as many digits as asked for, each of the sixteen equally often", () => {
  const random = new Random(1);
  for (const digits of [0, 1, 7, 8, 9, 32]) assertEquals(random.hexadecimal(digits).length, digits);
  const counts = new Map<string, number>();
  for (const digit of random.hexadecimal(COUNT)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  assertEquals([...counts.keys()].sort().join(""), "0123456789abcdef");
  for (const count of counts.values()) assertNear(count, COUNT / 16, 0.12);
});

Deno.test("Random.hexadecimal does not repeat identifiers", () => {
  const random = new Random(1);
  const seen = new Set<string>();
  for (let i = 0; i < COUNT; i++) seen.add(random.hexadecimal(16));
  assertEquals(seen.size, COUNT);
});
