/** Transactions that wait for a timer of constant length (RFC 3261 §17.1.2.2, §17.2.2), with an alarm a millisecond. */
import type { Millis } from "../../clock/clock.ts";
import type { Due, Wheel } from "../../clock/wheel.ts";

/** Those of one millisecond. */
class Batch<T> implements Due {
  readonly members: T[] = [];
  readonly #onOver: (members: readonly T[]) => void;

  constructor(onOver: (members: readonly T[]) => void) {
    this.#onOver = onOver;
  }

  due(): void {
    this.#onOver(this.members);
  }
}

/** Timers J and K: started for many, of one length, and not stopped. */
export class Lingering<T> {
  readonly #wheel: Wheel;
  readonly #delay: Millis;
  readonly #timer: string;
  readonly #onOver: (members: readonly T[]) => void;
  #batch: Batch<T> | undefined;
  /** Millisecond in which the alarm of the latest batch fires. */
  #firesAt: Millis = -1;

  /** `timer`: its name; `onOver` is told of those for which `delay` has passed, to the millisecond. */
  constructor(wheel: Wheel, delay: Millis, timer: string, onOver: (members: readonly T[]) => void) {
    this.#wheel = wheel;
    this.#delay = delay;
    this.#timer = timer;
    this.#onOver = onOver;
  }

  /** Starts the timer for one more. */
  add(member: T): void {
    const firesAt = Math.ceil(this.#wheel.now + this.#delay);
    if (this.#batch === undefined || firesAt !== this.#firesAt) {
      this.#batch = new Batch(this.#onOver);
      this.#firesAt = firesAt;
      this.#wheel.arm(this.#delay, this.#batch, this.#timer);
    }
    this.#batch.members.push(member);
  }
}
