import { assertEquals } from "@std/assert";
import { latenciesOf, quantileOf } from "./accuracy.ts";

Deno.test("latenciesOf counts from the first request of a Call-ID to its first response", () => {
  const lines = [
    "1795365547.000000100\ta\t",
    "1795365547.000050100\tb\t",
    "1795365547.000250100\ta\t200",
    "1795365547.500050100\tb\t",
    "1795365547.600050100\tb\t200",
    "1795365547.600090100\tb\t200",
    "1795365547.700000000\tc\t200",
    "1795365547.700000000\t\t",
    "",
  ];
  assertEquals(latenciesOf(lines.join("\n"), 3).map(Math.round), [250, 600_000]);
  assertEquals(latenciesOf(lines.join("\n"), 1).map(Math.round), [600_000]);
});

Deno.test("quantileOf gives the value that the share does not exceed", () => {
  const values = Array.from({ length: 200 }, (_, index) => index + 1);
  assertEquals([quantileOf(values, 0.5), quantileOf(values, 0.99), quantileOf([7], 0.99)], [100, 198, 7]);
});
