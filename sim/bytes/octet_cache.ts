/** Octets of texts that come again and again, such as addresses. */
import { toOctets } from "./text.ts";

/** 65536 addresses: about 11 MB. */
const CAPACITY = 65_536;

/** Gives the same octets for the same text; finding them costs a third of making them, see octet_cache_bench.ts. */
export class OctetCache {
  readonly #octets: Map<string, Uint8Array> = new Map();
  readonly #capacity: number;

  /** Beyond `capacity` texts, octets of new ones are made each time. */
  constructor(capacity: number = CAPACITY) {
    this.#capacity = capacity;
  }

  /** The octets of a text in UTF-8; they belong to the cache. */
  octetsOf(text: string): Uint8Array {
    const known = this.#octets.get(text);
    if (known !== undefined) return known;
    const octets = toOctets(text);
    if (this.#octets.size < this.#capacity) this.#octets.set(text, octets);
    return octets;
  }
}
