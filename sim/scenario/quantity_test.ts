import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatDuration, formatRate, formatSize, parseDuration, parseRate, parseShare, parseSize } from "./quantity.ts";

Deno.test("parseDuration gives milliseconds", () => {
  assertEquals(parseDuration("30s"), 30_000);
  assertEquals(parseDuration("250ms"), 250);
  assertEquals(parseDuration("1m30s"), 90_000);
  assertEquals(parseDuration("1.5h"), 5_400_000);
  assertEquals(parseDuration("0s"), 0);
  assertEquals(parseDuration("500us"), 0.5);
});

Deno.test("parseDuration refuses what has no unit, a sign or something else around it", () => {
  for (const text of ["", "30", "-5s", "30 s", "s", "30sec", "1,5s", "1e3s", " 5s"]) {
    assertEquals(parseDuration(text), undefined, text);
  }
});

Deno.test("parseRate gives a number per second", () => {
  assertEquals(parseRate("200/s"), 200);
  assertEquals(parseRate("30/m"), 0.5);
  assertEquals(parseRate("36/h"), 0.01);
  for (const text of ["200", "200/d", "/s", "-1/s", "200 /s"]) assertEquals(parseRate(text), undefined, text);
});

Deno.test("parseSize gives whole bytes, decimal and binary", () => {
  assertEquals(parseSize("1300"), 1300);
  assertEquals(parseSize("4KiB"), 4096);
  assertEquals(parseSize("4kB"), 4000);
  assertEquals(parseSize("1.5 MiB"), 1_572_864);
  for (const text of ["1.5", "0.3KiB", "4K", "-4KiB", "KiB"]) assertEquals(parseSize(text), undefined, text);
});

Deno.test("parseShare reads percentages up to 100", () => {
  assertEquals(parseShare("5%"), 0.05);
  assertEquals(parseShare("100%"), 1);
  for (const text of ["101%", "5", "-1%", "%"]) assertEquals(parseShare(text), undefined, text);
});

Deno.test("formatDuration writes what parseDuration reads back", () => {
  assertEquals(formatDuration(0), "0s");
  assertEquals(formatDuration(0.25), "250us");
  assertEquals(formatDuration(999.5), "999.5ms");
  assertEquals(formatDuration(150_000), "2m30s");
  assertEquals(formatDuration(3_600_000), "1h");
  fc.assert(fc.property(fc.double({ min: 0.001, max: 1e9, noNaN: true }), (duration) => {
    const back = parseDuration(formatDuration(duration));
    assert(back !== undefined && Math.abs(back - duration) <= Math.max(0.0001, duration * 0.1), String(duration));
  }));
});

Deno.test("formatRate and formatSize are short", () => {
  assertEquals(formatRate(200), "200/s");
  assertEquals(formatRate(1 / 3), "0.3/s");
  assertEquals(formatSize(1300), "1300 B");
  assertEquals(formatSize(65536), "64 KiB");
  assertEquals(formatSize(64 * 1_048_576), "64 MiB");
});
