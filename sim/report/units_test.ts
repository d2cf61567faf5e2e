import { assertEquals } from "@std/assert";
import { inUnit, showCount, showMicros, showOctets, showRate, showSeconds, showShare, unitOf } from "./units.ts";

Deno.test("showMicros chooses the unit and shows three digits", () => {
  const shown = [0, 7, 999, 1000, 12_345, 99_960, 123_456, 999_999, 1_000_000, 61_500_000].map(showMicros);
  assertEquals(shown, [
    "0 µs",
    "7 µs",
    "999 µs",
    "1 ms",
    "12.3 ms",
    "100 ms",
    "123 ms",
    "1,000 ms",
    "1 s",
    "61.5 s",
  ]);
});

Deno.test("inUnit keeps a column in one unit", () => {
  const unit = unitOf(5000);
  assertEquals([900, 5000, 1_234_567].map((micros) => inUnit(micros, unit)), ["0.90", "5.00", "1,235"]);
  assertEquals(inUnit(12, unitOf(12)), "12");
});

Deno.test("showCount separates thousands", () => {
  assertEquals([0, 999, 1000, 1_234_567].map(showCount), ["0", "999", "1,000", "1,234,567"]);
});

Deno.test("showShare never rounds to 0 % or 100 % what is neither", () => {
  assertEquals(
    [0, 0.00004, 0.5, 0.983, 0.9999, 0.99996, 0.9999999, 1, null].map(showShare),
    [
      "0 %",
      "0.004 %",
      "50 %",
      "98.3 %",
      "99.99 %",
      "99.996 %",
      "100 %",
      "100 %",
      "n/a",
    ].with(6, "99.99999 %"),
  );
});

Deno.test("showRate, showSeconds and showOctets choose a unit", () => {
  assertEquals([0, 171.44, 12_345.6].map(showRate), ["0/s", "171.4/s", "12,346/s"]);
  assertEquals([0, 4.25, 45, 210, 7500, 3600].map(showSeconds), [
    "0 s",
    "4.3 s",
    "45 s",
    "3 min 30 s",
    "2 h 5 min",
    "1 h",
  ]);
  assertEquals([0, 512, 1536, 4_108_780].map(showOctets), ["0 B", "512 B", "1.5 KiB", "3.92 MiB"]);
});
