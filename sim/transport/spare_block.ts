/** Memory for large messages that serves one after another: fresh memory costs the kernel more than what is put there. */
import type { Millis } from "../clock/clock.ts";

/** How long memory that nobody uses is kept. */
const KEPT_FOR: Millis = 5000;

/** Lends memory for large messages. */
export interface Blocks {
  /** At least so many octets, of any value. */
  take(least: number): Uint8Array;
  /** Takes back what nobody uses any more. */
  give(block: Uint8Array): void;
}

/** Memory that is new each time. */
export const NEW_BLOCKS: Blocks = { take: (least) => new Uint8Array(least), give: () => {} };

/** Keeps one block, the largest that was given, until nobody has asked for it for a while. */
export class SpareBlock implements Blocks {
  #block: Uint8Array | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #open = true;
  readonly #keptFor: Millis;

  /** `keptFor`: how long a block is kept that nobody asks for. */
  constructor(keptFor: Millis = KEPT_FOR) {
    this.#keptFor = keptFor;
  }

  /** The block that is kept where it is large enough, else a new one. */
  take(least: number): Uint8Array {
    const block = this.#block;
    if (block === undefined || block.length < least) return new Uint8Array(least);
    this.#forget();
    return block;
  }

  /** Keeps the block unless a larger one is there. */
  give(block: Uint8Array): void {
    if (!this.#open || block.length < (this.#block?.length ?? 0)) return;
    this.#forget();
    this.#block = block;
    this.#timer = setTimeout(() => this.#forget(), this.#keptFor);
  }

  /** Keeps nothing from now on. */
  close(): void {
    this.#open = false;
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#block = undefined;
  }
}
