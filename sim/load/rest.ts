/** Moments in which a run rests: those in which memory of its load can be given back without being in anybody's way. */

/** Seconds without a message under way between two calls. */
const SECONDS = 5;

/** Calls whenever a process has rested for a while, and again while it goes on resting. */
export class Rest {
  readonly #onRest: () => void;
  #seconds = 0;

  /** `onRest` is called in the middle of a rest. */
  constructor(onRest: () => void) {
    this.#onRest = onRest;
  }

  /** A second of one worker with so many messages under way at its end; `isFirst`: of the one that counts the seconds. */
  note(isFirst: boolean, underWay: number): void {
    if (underWay > 0) this.#seconds = 0;
    else if (isFirst && ++this.#seconds % SECONDS === 0) this.#onRest();
  }
}
