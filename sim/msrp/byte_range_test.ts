import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseByteRange, writeByteRange } from "./byte_range.ts";

Deno.test("parseByteRange reads numbers and stars (RFC 4975 §7.1.1)", () => {
  assertEquals(parseByteRange("1-2048/5000"), { start: 1, end: 2048, total: 5000 });
  assertEquals(parseByteRange("1-*/5000"), { start: 1, end: undefined, total: 5000 });
  assertEquals(parseByteRange("4097-*/*"), { start: 4097, end: undefined, total: undefined });
  assertEquals(parseByteRange("1-0/0"), { start: 1, end: 0, total: 0 });
});

Deno.test("parseByteRange refuses numbers that contradict one another", () => {
  for (const text of ["", "0-1/2", "3-1/5", "1-6/5", "7-*/5", "1-2", "1-2/", "a-2/3", "1-2/3 ", "-1-2/3"]) {
    assertEquals(parseByteRange(text), undefined, text);
  }
  assertEquals(parseByteRange("9999999999999999-*/*"), undefined, "beyond exact numbers");
});

Deno.test("parseByteRange reads back what writeByteRange wrote, and random text never throws", () => {
  const size = fc.nat(100_000);
  fc.assert(fc.property(size, size, size, fc.boolean(), fc.boolean(), (a, b, c, openEnd, openTotal) => {
    const range = {
      start: a + 1,
      end: openEnd ? undefined : a + b,
      total: openTotal ? undefined : a + b + c,
    };
    assertEquals(parseByteRange(writeByteRange(range)), range);
  }));
  fc.assert(fc.property(fc.string(), (text) => void parseByteRange(text)));
});
