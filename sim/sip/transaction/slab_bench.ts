/** Copies of messages, with the last 100,000 of them alive: a slab against memory of their own. */
import { Slab } from "./slab.ts";

const MESSAGE = new Uint8Array(500);
const ALIVE = 100_000;
const slab = new Slab();
const kept: Uint8Array[] = Array(ALIVE).fill(MESSAGE);
let next = 0;

Deno.bench("a copy of 500 octets in a slab", { group: "copy", baseline: true }, () => {
  kept[next = (next + 1) % ALIVE] = slab.keep(MESSAGE);
});

Deno.bench("a copy of 500 octets of its own", { group: "copy" }, () => {
  kept[next = (next + 1) % ALIVE] = MESSAGE.slice();
});
