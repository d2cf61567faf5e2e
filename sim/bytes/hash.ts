/** Hashes of octets, to tell whether something was seen without keeping it. */

/** The 32 bits of FNV-1a over `[from, to)`, continued from `seed`: unsigned. */
export function hashOctets(octets: Uint8Array, from: number, to: number, seed = 0x811c9dc5): number {
  let hash = seed | 0;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ octets[at]!, 0x01000193);
  return hash >>> 0;
}
