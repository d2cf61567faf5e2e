/** Puts the chunks of one message together again (RFC 4975 §7.3.1), whatever their order, size and overlap. */
import type { ByteRange } from "./byte_range.ts";
import type { Continuation } from "./chunk.ts";
import { Coverage } from "./coverage.ts";

/** What a chunk did to its message. */
export type ChunkEffect = "partial" | "complete" | "abandoned" | "too_large" | "contradiction";

/** Gaps that one message may have at a time; a peer that leaves more only wants to cost memory. */
const MAX_RUNS = 4096;
/** Octets reserved on the word of Byte-Range alone; beyond them memory grows with what really arrives. */
export const TRUSTED_TOTAL: number = 1024 * 1024;

/** A chunk kept by itself: octets from offset `from` on. */
interface Piece {
  readonly from: number;
  readonly octets: Uint8Array;
}

/** One message being received. */
export class Reassembly {
  readonly contentType: string;
  readonly #maxSize: number;
  readonly #covered = new Coverage();
  #octets: Uint8Array = new Uint8Array(0);
  /** Chunks since one came that was far ahead, oldest first; put together when the message is complete. */
  readonly #pieces: Piece[] = [];
  /** Octets of all chunks, those that came twice included. */
  #arrived = 0;
  /** Octets of the whole message, told by the chunk with `$`; -1 until it has come. */
  #length = -1;

  /** `contentType` of the first chunk that came; `maxSize`: octets that the whole message may have. */
  constructor(contentType: string, maxSize: number) {
    this.contentType = contentType;
    this.#maxSize = maxSize;
  }

  /**
   * Takes one chunk, whose octets are copied unless they are the whole message; where it overlaps with others, the later
   * octets win. A missing range is `1-*` of unknown total.
   */
  add(range: ByteRange | undefined, body: Uint8Array, continuation: Continuation): ChunkEffect {
    if (continuation === "#") return "abandoned";
    const { start, total } = range ?? { start: 1, total: undefined };
    const end = start - 1 + body.length;
    if ((total ?? end) > this.#maxSize || end > this.#maxSize) return "too_large";
    const isLast = continuation === "$";
    if (isLast ? end !== (total ?? end) : end > (total ?? end)) return "contradiction";
    if (
      this.#length >= 0 ? (isLast ? end !== this.#length : end > this.#length) : isLast && this.#covered.highest() > end
    ) {
      return "contradiction";
    }
    if (isLast) this.#length = end;
    this.#covered.add(start, end);
    if (this.#covered.runs() > MAX_RUNS) return "too_large";
    this.#arrived += body.length;
    // a message in one chunk, the common case: no copy at all
    if (start === 1 && end === this.#length) {
      this.#octets = body;
      this.#pieces.length = 0;
    } else if (this.#pieces.length > 0 || end > TRUSTED_TOTAL + 2 * this.#arrived) {
      if (this.#arrived > 2 * this.#maxSize) return "too_large";
      this.#pieces.push({ from: start - 1, octets: body.slice() });
    } else this.#copy(body, start - 1, end, total);
    return this.#length >= 0 && this.#covered.covers(this.#length) ? "complete" : "partial";
  }

  /** Octets of the whole message, once complete. */
  length(): number {
    return this.#length;
  }

  /** The whole message, once complete: valid as long as the octets of the chunk that made it so. */
  content(): Uint8Array {
    if (this.#pieces.length > 0) {
      const whole = new Uint8Array(this.#length);
      whole.set(this.#octets.length > this.#length ? this.#octets.subarray(0, this.#length) : this.#octets);
      for (const { from, octets } of this.#pieces.splice(0)) whole.set(octets, from);
      this.#octets = whole;
    }
    return this.#octets.length === this.#length ? this.#octets : this.#octets.slice(0, this.#length);
  }

  #copy(body: Uint8Array, from: number, to: number, total: number | undefined): void {
    if (to > this.#octets.length) {
      const doubled = Math.max(to, this.#octets.length * 2);
      const wanted = total === undefined ? doubled : total <= TRUSTED_TOTAL ? total : Math.min(total, doubled);
      const grown = new Uint8Array(Math.max(to, wanted));
      grown.set(this.#octets);
      this.#octets = grown;
    }
    this.#octets.set(body, from);
  }
}
