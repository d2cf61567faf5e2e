/** Finding the end of a short line: a loop against the native search; finding the end of a large content: by skips. */
import { LF } from "./ascii.ts";
import { indexOfOctet, indexOfOctets } from "./scan.ts";
import { toOctets } from "./text.ts";

for (const size of [8, 24, 48, 96]) {
  const octets = toOctets("x".repeat(100) + "x".repeat(size) + "\n" + "y".repeat(400));
  Deno.bench(`loop, ${size} octets`, { group: `${size}`, baseline: true }, () => {
    let at = 100;
    while (octets[at] !== LF) at++;
    if (at !== 100 + size) throw new Error("not found");
  });
  Deno.bench(`native, ${size} octets`, { group: `${size}` }, () => {
    if (octets.indexOf(LF, 100) !== 100 + size) throw new Error("not found");
  });
  Deno.bench(`indexOfOctet, ${size} octets`, { group: `${size}` }, () => {
    if (indexOfOctet(octets, LF, 100, 100 + size + 1) !== 100 + size) throw new Error("not found");
  });
}

const endLine = toOctets("\r\n-------a786hjs2c4d5e6f7a8b9");
for (const size of [2048, 8192, 1 << 20]) {
  const words = "alfa bravo charlie delta echo foxtrot golf hotel india juliett\r\n";
  const octets = toOctets(words.repeat(Math.ceil(size / words.length)).slice(0, size));
  Deno.bench(
    `an end-line that is not in ${size} octets: native search for its beginning`,
    { group: `end ${size}` },
    () => {
      for (let at = octets.indexOf(endLine[0]!); at >= 0; at = octets.indexOf(endLine[0]!, at + 1));
    },
  );
  Deno.bench(
    `an end-line that is not in ${size} octets: indexOfOctets`,
    { group: `end ${size}`, baseline: true },
    () => {
      if (indexOfOctets(octets, endLine, 0, octets.length) >= 0) throw new Error("found");
    },
  );
}
