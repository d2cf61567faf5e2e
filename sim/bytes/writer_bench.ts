/** Short writes: a loop against the native call, the reason for the thresholds in `writer.ts`. */
import { toOctets } from "./text.ts";
import { OctetWriter } from "./writer.ts";

const ENCODER = new TextEncoder();
const target = new Uint8Array(256);
const writer = new OctetWriter(256);
for (const size of [16, 48, 64, 128]) {
  const text = "<sip:alice@ims.example>;tag=a73k".repeat(4).slice(0, size);
  const octets = toOctets(text);
  Deno.bench(`encodeInto, ${size} characters`, { group: `text ${size}`, baseline: true }, () => {
    ENCODER.encodeInto(text, target.subarray(3));
  });
  Deno.bench(`OctetWriter.text, ${size} characters`, { group: `text ${size}` }, () => {
    writer.reset().text(text);
  });
  Deno.bench(`set, ${size} octets`, { group: `copy ${size}`, baseline: true }, () => {
    target.set(octets.subarray(0, size), 3);
  });
  Deno.bench(`OctetWriter.copy, ${size} octets`, { group: `copy ${size}` }, () => {
    writer.reset().copy(octets, 0, size);
  });
}
