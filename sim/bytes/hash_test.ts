import { assertEquals, assertNotEquals } from "@std/assert";
import { hashOctets } from "./hash.ts";
import { toOctets } from "./text.ts";

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
