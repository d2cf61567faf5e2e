/** Short writes: a loop against the native call, the reason for the thresholds in `writer.ts`. */
import { toOctets } from "./text.ts";
import { OctetWriter } from "./writer.ts";

const ENCODER = new TextEncoder();
const target = new Uint8Array(256);
const words = new DataView(target.buffer);
const writer = new OctetWriter(256);
/** As many that no branch of a loop is learnt by heart: with a single one loops look up to four times as fast. */
const VARIETY = 64;
let next = 0;
for (const size of [16, 24, 48, 64, 128]) {
  const texts = Array.from(
    { length: VARIETY },
    (_, k) => `${k}<sip:alice@ims.example>;tag=a73k`.repeat(5).slice(0, size),
  );
  const octets = texts.map(toOctets);
  Deno.bench(`encodeInto, ${size} characters`, { group: `text ${size}`, baseline: true }, () => {
    ENCODER.encodeInto(texts[next++ % VARIETY]!, target.subarray(3));
  });
  Deno.bench(`OctetWriter.text, ${size} characters`, { group: `text ${size}` }, () => {
    writer.reset().text(texts[next++ % VARIETY]!);
  });
  Deno.bench(`set, ${size} octets`, { group: `copy ${size}`, baseline: true }, () => {
    target.set(octets[next++ % VARIETY]!, 3);
  });
  Deno.bench(`OctetWriter.copy, ${size} octets`, { group: `copy ${size}` }, () => {
    writer.reset().copy(octets[next++ % VARIETY]!);
  });
  Deno.bench(`OctetWriter.copy, ${size} octets of more`, { group: `copy ${size}` }, () => {
    writer.reset().copy(target, 100, 100 + size);
  });
  Deno.bench(`OctetWriter.copyWords, ${size} octets of more`, { group: `copy ${size}` }, () => {
    writer.reset().copyWords(words, 100, size);
  });
}
