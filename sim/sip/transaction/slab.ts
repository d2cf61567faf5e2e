/** Copies of messages for the time of a transaction. */

/** Octets taken from the engine at once: about a hundred messages. */
const SLAB_SIZE = 64 * 1024;
/** Beyond it a message gets memory of its own, so that the rest of a slab is not wasted. */
const LARGEST_SHARED = 4 * 1024;
/** Free pieces that are kept for later: 4 MiB. */
const MOST_FREE = 64;

/** Memory with copies of several messages. */
export interface Piece {
  readonly octets: Uint8Array;
  /** Octets used so far. */
  used: number;
  /** Copies in it that nobody has forgotten yet. */
  copies: number;
}

function newPiece(size: number): Piece {
  return { octets: new Uint8Array(size), used: 0, copies: 0 };
}

/**
 * Keeps copies of messages side by side in large pieces of memory: a third of what a copy of its own costs, see
 * slab_bench.ts. Pieces whose copies are all forgotten are used again: the engine collects such memory so late that a
 * run that makes little other garbage would hold gigabytes of it.
 */
export class Slab {
  #octets = new Uint8Array(SLAB_SIZE);
  #used = 0;
  #piece = newPiece(SLAB_SIZE);
  readonly #free: Piece[] = [];

  /** A copy, as a view of its own; its memory is the engine's to collect, so it is for copies that all end soon. */
  keep(octets: Uint8Array): Uint8Array {
    const { length } = octets;
    if (length > LARGEST_SHARED) return octets.slice();
    if (this.#used + length > SLAB_SIZE) {
      this.#octets = new Uint8Array(SLAB_SIZE);
      this.#used = 0;
    }
    const from = this.#used;
    this.#octets.set(octets, from);
    this.#used += length;
    return this.#octets.subarray(from, this.#used);
  }

  /** Makes a copy and gives where it begins in `piece()`: without a view, which costs more than the copy. */
  place(octets: Uint8Array): number {
    const { length } = octets;
    if (this.#piece.used + length > this.#piece.octets.length) {
      this.#piece = length > SLAB_SIZE ? newPiece(length) : this.#free.pop() ?? newPiece(SLAB_SIZE);
    }
    const piece = this.#piece;
    const from = piece.used;
    piece.octets.set(octets, from);
    piece.used += length;
    piece.copies++;
    return from;
  }

  /** The memory in which the copy lies that was placed last. */
  piece(): Piece {
    return this.#piece;
  }

  /** A copy in the piece is not needed any more; once for each. */
  forget(piece: Piece): void {
    if (--piece.copies > 0) return;
    piece.used = 0;
    if (piece !== this.#piece && piece.octets.length === SLAB_SIZE && this.#free.length < MOST_FREE) {
      this.#free.push(piece);
    }
  }
}
