import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { hashOctets, hashText, KeyHash } from "./hash.ts";
import { toOctets } from "./text.ts";

Deno.test("hashText of ASCII is that of its octets", () => {
  for (const text of ["", "a", "msrp://127.0.0.1:2855/iau39soe2843z;tcp"]) {
    assertEquals(hashText(text), hashOctets(toOctets(text), 0, text.length));
  }
});

Deno.test("hashOctets gives the published values of FNV-1a", () => {
  const hash = (text: string) => hashOctets(toOctets(text), 0, text.length);
  assertEquals([hash(""), hash("a"), hash("foobar")], [0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});

Deno.test("hashOctets looks at its range only, and goes on from a seed", () => {
  const octets = toOctets("xfoobarx");
  assertEquals(hashOctets(octets, 1, 7), 0xbf9cf968);
  assertEquals(hashOctets(octets, 4, 7, hashOctets(octets, 1, 4)), 0xbf9cf968);
  assertNotEquals(hashOctets(octets, 1, 7, 1), 0xbf9cf968);
});

Deno.test("KeyHash gives another key for other octets, wherever they are cut, and the same for the same", () => {
  const hash = new KeyHash();
  const keys = new Set<number>();
  for (let i = 0; i < 50_000; i++) {
    const octets = toOctets(`z9hG4bK0123456789abcdef${i.toString(16).padStart(8, "0")}`);
    keys.add(hash.reset().text("MESSAGE").octets(octets, 0, octets.length).key());
  }
  assertEquals(keys.size, 50_000);
  for (const key of keys) assert(Number.isSafeInteger(key) && key >= 0);
  const octets = toOctets("abcdef");
  const whole = hash.reset().octets(octets, 0, 6).key();
  assertEquals(hash.reset().octets(octets, 0, 2).octets(octets, 2, 6).key(), whole);
  assertEquals(hash.reset().text("ab").octets(octets, 2, 6).key(), whole);
  assertNotEquals(hash.reset().octets(octets, 0, 6).number(0).key(), whole);
});

Deno.test("KeyHash has halves that differ where one of them does not", () => {
  const hash = new KeyHash();
  const halves = [new Set<number>(), new Set<number>()];
  for (let i = 0; i < 50_000; i++) {
    const key = hash.reset().text("call-").number(i).number(i ^ 0x5555).key();
    halves[0]!.add(key % 2 ** 32);
    halves[1]!.add(Math.floor(key / 2 ** 32));
  }
  // 50,000 of 2^21 values: 594 fall upon one another by chance in the upper half
  assert(halves[0]!.size > 49_900 && halves[1]!.size > 49_000, `${halves[0]!.size} and ${halves[1]!.size}`);
});
