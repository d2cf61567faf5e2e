/** Time, passed in: the monotonic clock of a run and the hand-moved one of tests. */

/** Milliseconds with fractions on a monotonic clock, the unit of timers and of RFC 3261; never wall-clock time. */
export type Millis = number;

/** Gives the present moment. */
export interface Clock {
  /** Monotonic milliseconds since a fixed but unknown moment. */
  now(): Millis;
}

/** The clock of this process: steps of the wall clock do not touch it. */
export const MONOTONIC_CLOCK: Clock = { now: () => performance.now() };

/** A clock that stands still until it is moved; for tests and for planning. */
export class HandClock implements Clock {
  #now: Millis;

  /** Starts at `now`, 0 by default. */
  constructor(now: Millis = 0) {
    this.#now = now;
  }

  /** The moment it was last moved to. */
  now(): Millis {
    return this.#now;
  }

  /** Moves forward to `moment`; never backwards. */
  moveTo(moment: Millis): void {
    if (moment < this.#now) throw new RangeError(`Cannot move a clock back: from ${this.#now} to ${moment}`);
    this.#now = moment;
  }
}
