import { assert, assertEquals } from "@std/assert";
import { intervalOf, judge, wideningOf } from "./interval.ts";

Deno.test("judge calls worse only what lies beyond the margin whole, and same only what lies within it whole", () => {
  const of = (low: number, high: number, better: "lower" | "higher" = "lower"): string =>
    judge({ difference: 0, low, high }, better, 0.1);
  assertEquals([of(0.11, 0.3), of(-0.3, -0.11), of(-0.05, 0.1)], ["worse", "better", "same"]);
  assertEquals([of(0.11, 0.3, "higher"), of(-0.3, -0.11, "higher")], ["better", "worse"]);
  assertEquals([of(0.05, 0.3), of(-0.3, 0.3), of(0.1, 0.3)], ["unclear", "unclear", "unclear"]);
});

Deno.test("judge calls the same what is within the resolution, but worse what is beyond the margin", () => {
  assertEquals(judge({ difference: 0, low: -0.005, high: 0.005 }, "lower", 0.001, 0.005), "same");
  assertEquals(judge({ difference: 0.003, low: 0.002, high: 0.004 }, "lower", 0.001, 0.005), "worse");
});

Deno.test("intervalOf takes the percentiles of the resamples, wider for few blocks", () => {
  const resampled = Array.from({ length: 1001 }, (_, i) => i / 1000);
  const many = intervalOf(0.5, resampled, 1_000_000, 0.9);
  assertEquals([many.low.toFixed(2), many.high.toFixed(2)], ["0.05", "0.95"]);
  const few = intervalOf(0.5, resampled, 5, 0.9);
  assert(few.low < 0 && few.high > 1, `${few.low} to ${few.high}`);
});

Deno.test("wideningOf is Student's t over the normal distribution, and no interval is known below five blocks", () => {
  // tables: t(4; 0.995) = 4.604, t(9; 0.995) = 3.250, z(0.995) = 2.576
  assert(Math.abs(wideningOf(5, 0.99) - 4.604 / 2.576 * Math.sqrt(5 / 4)) < 0.05);
  assert(Math.abs(wideningOf(10, 0.99) - 3.25 / 2.576 * Math.sqrt(10 / 9)) < 0.02);
  assertEquals(wideningOf(4, 0.99), Infinity);
});
