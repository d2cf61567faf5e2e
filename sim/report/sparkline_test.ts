import { assertEquals } from "@std/assert";
import { bar, sparkline } from "./sparkline.ts";

Deno.test("sparkline scales to the highest value, with a blank where there is none", () => {
  assertEquals(sparkline([0, 1, undefined, 4, 8], 10), "▁▂ ▅█");
  assertEquals(sparkline([], 10), "");
  assertEquals(sparkline([0, 0], 10), "▁▁");
});

Deno.test("sparkline keeps the latest values when there are too many, scaled to those", () => {
  assertEquals(sparkline([100, 1, 2], 2), "▅█");
  assertEquals(sparkline([1, 2], 0), "");
});

Deno.test("bar fills a share of its width, never more or less than all of it", () => {
  assertEquals([0, 0.5, 1, 1.5, -1].map((share) => bar(share, 4)), ["░░░░", "██░░", "████", "████", "░░░░"]);
});
