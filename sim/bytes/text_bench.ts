/** Short texts: a loop over octets against the decoder, the reason for the threshold in `text.ts`. */
import { toOctets, toText } from "./text.ts";

const DECODER = new TextDecoder();
for (const size of [8, 24, 48]) {
  const octets = toOctets("a73kszlfl-".repeat(5).slice(0, size));
  Deno.bench(`decoder, ${size} octets`, { group: `${size}`, baseline: true }, () => {
    DECODER.decode(octets.subarray(0, size));
  });
  Deno.bench(`toText, ${size} octets`, { group: `${size}` }, () => {
    toText(octets, 0, size);
  });
}
