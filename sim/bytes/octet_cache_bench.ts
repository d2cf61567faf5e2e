/** Addresses of a thousand users in turn: octets that are kept against octets that are made, into one place. */
import { OctetCache } from "./octet_cache.ts";
import { OctetWriter } from "./writer.ts";

const texts = Array.from({ length: 1000 }, (_, index) => `sip:user${index}@ims.example`);
const cache = new OctetCache();
const writer = new OctetWriter();
let next = 0;

Deno.bench("OctetWriter.text", { baseline: true }, () => {
  writer.reset().text(texts[next++ % 1000]!);
});

Deno.bench("OctetCache.octetsOf and OctetWriter.copy", () => {
  writer.reset().copy(cache.octetsOf(texts[next++ % 1000]!));
});
