import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "./text.ts";
import { OctetWriter } from "./writer.ts";

Deno.test("OctetWriter writes text, numbers and octets one after another", () => {
  const writer = new OctetWriter(1);
  writer.text("CSeq: ").decimal(4711).line(" BYE").octet(0x78).crlf().copy(toOctets("abcd"), 1, 3);
  assertEquals(toText(writer.view()), "CSeq: 4711 BYE\r\nx\r\nbc");
  assertEquals(writer.length, 21);
});

Deno.test("OctetWriter grows to whatever is written", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 100 })), (texts) => {
    const writer = new OctetWriter(1);
    for (const text of texts) writer.text(text).copy(toOctets(text));
    assertEquals(writer.view(), toOctets(texts.map((text) => text + text).join("")));
  }));
});

Deno.test("OctetWriter copies words of other memory as it copies octets, whatever they are and wherever they begin", () => {
  const source = Uint8Array.from({ length: 400 }, (_, place) => 255 - place);
  const words = new DataView(source.buffer);
  for (let length = 0; length < 40; length++) {
    for (const from of [0, 1, 7, 13]) {
      const writer = new OctetWriter(8).text("x".repeat(from)).copyWords(words, from, length).text("y");
      const expected = [...new Array(from).fill(0x78), ...source.subarray(from, from + length), 0x79];
      assertEquals([...writer.take()], expected);
    }
  }
});

Deno.test("OctetWriter writes every whole number as String does", () => {
  const numbers = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 9, 10, 99, 100, 10 ** 15, Number.MAX_SAFE_INTEGER));
  fc.assert(fc.property(numbers, (value) => {
    assertEquals(toText(new OctetWriter().decimal(value).view()), String(value));
  }));
});

Deno.test("OctetWriter writes 32 bits in eight hexadecimal digits, signed or not", () => {
  assertEquals(
    toText(new OctetWriter(1).bits(0).bits(0xdeadbeef).bits(-1).bits(0x1234).view()),
    "00000000deadbeefffffffff00001234",
  );
});

Deno.test("OctetWriter gives a view that the next message overwrites, and copies that stay", () => {
  const writer = new OctetWriter();
  const view = writer.text("one").view();
  const copy = writer.take();
  writer.reset().text("two");
  assertEquals(toText(copy), "one");
  assertNotEquals(toText(view), "one");
  assertEquals(toText(writer.view()), "two");
});

Deno.test("OctetWriter refuses numbers that have no plain digits", () => {
  for (const value of [-1, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => new OctetWriter().decimal(value), RangeError, "Cannot write");
  }
});
