import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { detached, octetLength, toOctets, toText } from "./text.ts";

Deno.test("toText gives back what toOctets took", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
    assertEquals(toText(toOctets(text)), text);
  }));
});

Deno.test("toText reads a range, short or long", () => {
  const octets = toOctets("é".repeat(40));
  assertEquals(toText(octets, 2, 4), "é");
  assertEquals(toText(octets, 2, 62), "é".repeat(30));
  assertEquals(toText(octets, 4, 4), "");
});

Deno.test("toText keeps a byte order mark, which is content to us", () => {
  assertEquals(toText(toOctets("\ufeffhello")), "\ufeffhello");
});

Deno.test("toText shows malformed UTF-8 as U+FFFD", () => {
  assertEquals(toText(Uint8Array.of(0x61, 0xff, 0x62)), "a\ufffdb");
});

Deno.test("octetLength counts what toOctets makes, lone surrogates included", () => {
  const units = fc.constantFrom("a", "é", "€", "😀", "\ud800", "\udc00");
  fc.assert(fc.property(fc.string({ unit: units, maxLength: 20 }), (text) => {
    assertEquals(octetLength(text), toOctets(text).length, JSON.stringify(text));
  }));
});

Deno.test("detached is the same text, whatever its length and characters", () => {
  for (const text of ["", "a", "ab", "👍", "a👍", "nonce".repeat(100)]) assertEquals(detached(text), text);
});
