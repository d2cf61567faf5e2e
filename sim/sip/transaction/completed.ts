/**
 * Client transactions in the state completed (RFC 3261 §17.1.2.2), as bare numbers: thousands wait there for Timer K at any
 * moment.
 */
import type { Millis } from "../../clock/clock.ts";
import type { Wheel } from "../../clock/wheel.ts";
import { Lingering } from "./lingering.ts";

/** Slots at first; numbers that are present together follow one another, so that they hardly ever compete for one. */
const FIRST_SLOTS = 1024;
const EMPTY = -1;

/** Remembers sequence numbers for the time of Timer K (RFC 3261 §17.1.2.2) and forgets them to the millisecond. */
export class Completed {
  /** How many there are. */
  size = 0;
  readonly #lingering: Lingering<number>;
  readonly #onForgotten: (count: number) => void;
  /** Sequence number by its lowest bits. */
  #slots: Int32Array = new Int32Array(FIRST_SLOTS).fill(EMPTY);

  /** `delay`: Timer K; `onForgotten` is told how many have terminated. */
  constructor(wheel: Wheel, delay: Millis, onForgotten: (count: number) => void) {
    this.#lingering = new Lingering(wheel, delay, "timerK", this.#forget);
    this.#onForgotten = onForgotten;
  }

  /** One more is completed now; `sequence` from 0 to 2^31 - 1, and not among them yet. */
  add(sequence: number): void {
    while (this.#slots[sequence & (this.#slots.length - 1)] !== EMPTY) this.#grow();
    this.#slots[sequence & (this.#slots.length - 1)] = sequence;
    this.size++;
    this.#lingering.add(sequence);
  }

  /** Whether it is among them. */
  has(sequence: number): boolean {
    return sequence >= 0 && this.#slots[sequence & (this.#slots.length - 1)] === sequence;
  }

  /** Forgets all of them. */
  clear(): void {
    const count = this.size;
    this.#slots.fill(EMPTY);
    this.size = 0;
    this.#onForgotten(count);
  }

  readonly #forget = (sequences: readonly number[]): void => {
    let count = 0;
    for (const sequence of sequences) {
      if (!this.has(sequence)) continue;
      this.#slots[sequence & (this.#slots.length - 1)] = EMPTY;
      count++;
    }
    this.size -= count;
    this.#onForgotten(count);
  };

  /** Twice the slots, until no two of the present ones share one. */
  #grow(): void {
    const present = this.#slots.filter((sequence) => sequence !== EMPTY);
    let grown: Int32Array;
    let slots = this.#slots.length;
    do {
      slots *= 2;
      grown = new Int32Array(slots).fill(EMPTY);
      for (const sequence of present) grown[sequence & (slots - 1)] = sequence;
    } while (present.some((sequence) => grown[sequence & (slots - 1)] !== sequence));
    this.#slots = grown;
  }
}
