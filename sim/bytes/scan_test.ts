import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { BLANK_LINE, LF } from "./ascii.ts";
import {
  equalOctets,
  equalsIgnoringCase,
  equalsLowerCase,
  hasRunOf,
  indexOfOctet,
  indexOfOctets,
  readDecimal,
  readHexadecimal,
  skipBlanks,
  startsWithAt,
  startsWithTextAt,
  trimEnd,
} from "./scan.ts";
import { toOctets } from "./text.ts";

Deno.test("indexOfOctet looks no further than its range", () => {
  const octets = toOctets("ab\ncd\n");
  assertEquals(indexOfOctet(octets, LF, 0, 6), 2);
  assertEquals(indexOfOctet(octets, LF, 3, 6), 5);
  assertEquals(indexOfOctet(octets, LF, 3, 5), -1);
  assertEquals(indexOfOctet(octets, LF, 6, 6), -1);
});

Deno.test("indexOfOctets finds what a search of text finds", () => {
  const text = fc.string({ unit: fc.constantFrom("\r", "\n", "a"), maxLength: 40 });
  fc.assert(fc.property(text, fc.nat(40), fc.nat(40), (value, a, b) => {
    const from = Math.min(a, b, value.length);
    const to = Math.min(Math.max(a, b), value.length);
    const expected = value.slice(0, to).indexOf("\r\n\r\n", from);
    assertEquals(indexOfOctets(toOctets(value), BLANK_LINE, from, to), expected);
  }));
});

Deno.test("indexOfOctets finds in long octets what a search of text finds, wherever it stands", () => {
  const needles = fc.string({ unit: fc.constantFrom("-", "\r", "a", "b"), minLength: 1, maxLength: 12 });
  const filling = fc.string({ unit: fc.constantFrom("-", "\r", "a", "b", "c"), minLength: 1, maxLength: 60 });
  fc.assert(fc.property(needles, filling, fc.nat(6000), fc.nat(200), (needle, filled, at, from) => {
    const background = filled.repeat(Math.ceil(6000 / filled.length)).slice(0, 6000);
    const text = background.slice(0, at) + needle + background.slice(at);
    const to = text.length - 3;
    const expected = text.slice(0, to).indexOf(needle, from);
    assertEquals(indexOfOctets(toOctets(text), toOctets(needle), from, to), expected);
  }));
});

Deno.test("indexOfOctets finds needles longer than any skip", () => {
  const needle = Uint8Array.from({ length: 700 }, (_, i) => (i * i) % 251);
  const octets = new Uint8Array(10_000).fill(7);
  octets.set(needle, 8_123);
  assertEquals(indexOfOctets(octets, needle, 0, octets.length), 8_123);
  assertEquals(indexOfOctets(octets, needle, 0, 8_822), -1);
});

Deno.test("hasRunOf finds runs of octets as a search of text does", () => {
  const text = fc.string({ unit: fc.constantFrom("-", "-", "-", "a"), maxLength: 60 });
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 9 }), (value, count) => {
    assertEquals(hasRunOf(toOctets(value), 0x2d, count), value.includes("-".repeat(count)));
  }));
});

Deno.test("startsWithTextAt compares US-ASCII and does not read beyond the octets", () => {
  const octets = toOctets("MSRP");
  assertEquals(["RP", "RQ", "RP "].map((needle) => startsWithTextAt(octets, needle, 2)), [true, false, false]);
  assertEquals(startsWithTextAt(octets, "M", -1), false);
});

Deno.test("startsWithAt does not read beyond the octets", () => {
  const octets = toOctets("MSRP");
  assertEquals(startsWithAt(octets, toOctets("RP"), 2), true);
  assertEquals(startsWithAt(octets, toOctets("P "), 3), false);
  assertEquals(startsWithAt(octets, toOctets("M"), -1), false);
});

Deno.test("equalsIgnoringCase compares letters only", () => {
  const octets = toOctets("Call-ID:cALL-id");
  assertEquals(equalsIgnoringCase(octets, 0, 7, "call-id"), true);
  assertEquals(equalsIgnoringCase(octets, 8, 15, "call-id"), true);
  assertEquals(equalsIgnoringCase(octets, 0, 6, "call-id"), false);
  assertEquals(equalsIgnoringCase(octets, 8, 16, "call-id:"), false);
  assertEquals(equalsIgnoringCase(Uint8Array.of(0x5b), 0, 1, "{"), false);
});

Deno.test("readDecimal reads digits and nothing else", () => {
  const read = (text: string) => readDecimal(toOctets(text), 0, text.length);
  assertEquals(read("0"), 0);
  assertEquals(read("0068"), 68);
  assertEquals(read("999999999999999"), 999999999999999);
  for (const text of ["", "-1", "+1", "1 ", "1.0", "a", "1000000000000000"]) assertEquals(read(text), -1, text);
});

Deno.test("readHexadecimal reads digits of both cases and nothing else", () => {
  const read = (text: string) => readHexadecimal(toOctets(text), 0, text.length);
  assertEquals(read("00ffAB9"), 0xffab9);
  for (const text of ["", "g", "0x1", "\x10", "1 ", "12345678901234"]) {
    assertEquals(read(text), -1, JSON.stringify(text));
  }
  fc.assert(fc.property(fc.maxSafeNat(), (value) => assertEquals(read(value.toString(16).slice(0, 13)) >= 0, true)));
});

Deno.test("skipBlanks and trimEnd stop at the first other octet", () => {
  const octets = toOctets(" \t a b \t");
  assertEquals(skipBlanks(octets, 0, 8), 3);
  assertEquals(trimEnd(octets, 0, 8), 6);
  assertEquals(skipBlanks(octets, 6, 8), 8);
  assertEquals(trimEnd(octets, 6, 8), 6);
});

Deno.test("equalOctets compares length and content", () => {
  assertEquals(equalOctets(toOctets("ab"), toOctets("ab")), true);
  assertEquals(equalOctets(toOctets("ab"), toOctets("abc")), false);
  assertEquals(equalOctets(toOctets("ab"), toOctets("ac")), false);
});

Deno.test("equalsLowerCase compares as equalsIgnoringCase does", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "A", "-", "\r", "[", "{"), maxLength: 4 });
  fc.assert(fc.property(letters, letters, (left, right) => {
    const octets = toOctets(`x${left}`);
    const lowerCase = right.toLowerCase();
    assertEquals(
      equalsLowerCase(octets, 1, octets.length, toOctets(lowerCase)),
      equalsIgnoringCase(octets, 1, octets.length, lowerCase),
    );
  }));
});
