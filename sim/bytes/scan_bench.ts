/** Finding the end of a short line: a loop against the native search. */
import { LF } from "./ascii.ts";
import { indexOfOctet } from "./scan.ts";
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
