/**
 * Client transactions in the state completed (RFC 3261 §17.1.2.2), as bare numbers: thousands wait there for Timer K at any
 * moment.
 */
import type { Due, Wheel } from "../../clock/wheel.ts";
import type { Millis } from "../../clock/clock.ts";

/** Slots at first; numbers that are present together follow one another, so that they hardly ever compete for one. */
const FIRST_SLOTS = 1024;
const EMPTY = -1;

/** Transactions of one millisecond: one alarm is enough for them. */
class Batch implements Due {
  readonly sequences: number[] = [];
  readonly #forget: (sequences: readonly number[]) => void;

  constructor(forget: (sequences: readonly number[]) => void) {
    this.#forget = forget;
  }

  due(): void {
    this.#forget(this.sequences);
  }
}

/** Remembers sequence numbers for the time of Timer K (RFC 3261 §17.1.2.2) and forgets them to the millisecond. */
export class Completed {
  /** How many there are. */
  size = 0;
  readonly #wheel: Wheel;
  readonly #delay: Millis;
  readonly #onForgotten: (count: number) => void;
  /** Sequence number by its lowest bits. */
  #slots: Int32Array = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  #batch: Batch | undefined;
  /** Millisecond in which the alarm of the latest batch fires. */
  #batchFiresAt: Millis = -1;

  /** `delay`: Timer K; `onForgotten` is told how many have terminated. */
  constructor(wheel: Wheel, delay: Millis, onForgotten: (count: number) => void) {
    this.#wheel = wheel;
    this.#delay = delay;
    this.#onForgotten = onForgotten;
  }

  /** One more is completed now; `sequence` from 0 to 2^31 - 1, and not among them yet. */
  add(sequence: number): void {
    while (this.#slots[sequence & (this.#slots.length - 1)] !== EMPTY) this.#grow();
    this.#slots[sequence & (this.#slots.length - 1)] = sequence;
    this.size++;
    const firesAt = Math.ceil(this.#wheel.now + this.#delay);
    if (this.#batch === undefined || firesAt !== this.#batchFiresAt) {
      this.#batch = new Batch(this.#forget);
      this.#batchFiresAt = firesAt;
      this.#wheel.arm(this.#delay, this.#batch, "timerK");
    }
    this.#batch.sequences.push(sequence);
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
