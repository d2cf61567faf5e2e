import { assertEquals } from "@std/assert";
import { OctetCache } from "./octet_cache.ts";
import { toOctets } from "./text.ts";

Deno.test("OctetCache gives the octets of a text, the same ones each time", () => {
  const cache = new OctetCache();
  const octets = cache.octetsOf("sip:h\u00e9@ims.example");
  assertEquals(octets, toOctets("sip:h\u00e9@ims.example"));
  assertEquals(cache.octetsOf(`sip:${"h\u00e9"}@ims.example`) === octets, true);
});

Deno.test("OctetCache makes octets beyond its capacity each time, and keeps none of them", () => {
  const cache = new OctetCache(2);
  for (const text of ["a", "b", "c"]) assertEquals(cache.octetsOf(text), toOctets(text));
  assertEquals(cache.octetsOf("a") === cache.octetsOf("a"), true);
  assertEquals(cache.octetsOf("c") === cache.octetsOf("c"), false);
});
