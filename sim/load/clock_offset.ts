/**
 * Compares the clocks of workers with that of the main thread.
 *
 * All of them read one monotonic clock, but each adds the wall time at which it was started: a wall clock that steps in
 * between puts them apart by that step for the whole run.
 */
import type { Millis } from "../clock/clock.ts";

/** How often each worker is asked; the quickest answer counts. */
const ASKED = 20;
/** Milliseconds that the wall clock may move against the monotonic one in a second: what steers a clock moves less. */
const STEP: Millis = 50;

/** A difference, exact to `error`. */
export interface ClockOffset {
  readonly offset: Millis;
  readonly error: Millis;
}

/** Asks each worker a few times, one after the other. */
export class ClockOffsets {
  readonly #now: () => Millis;
  readonly #askedAt: Map<number, Millis> = new Map();
  readonly #answers: Map<number, number> = new Map();
  readonly #best: Map<number, ClockOffset> = new Map();

  /** `now`: the shared clock as the main thread reads it. */
  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** A worker is being asked now. */
  ask(worker: number): void {
    this.#askedAt.set(worker, this.#now());
  }

  /** A worker has answered with the moment it read; true: ask again. */
  answer(worker: number, at: Millis): boolean {
    const now = this.#now();
    const askedAt = this.#askedAt.get(worker) ?? now;
    const error = (now - askedAt) / 2;
    const best = this.#best.get(worker);
    if (best === undefined || error < best.error) this.#best.set(worker, { offset: at - askedAt - error, error });
    const count = (this.#answers.get(worker) ?? 0) + 1;
    this.#answers.set(worker, count);
    return count < ASKED;
  }

  /** The largest difference, as far as its error lets it be known; undefined before any answer. */
  largest(): ClockOffset | undefined {
    const certain = ({ offset, error }: ClockOffset): Millis => Math.abs(offset) - error;
    return [...this.#best.values()].sort((a, b) => certain(b) - certain(a))[0];
  }
}

/** Notes steps of the wall clock against the monotonic one; results are by the monotonic one alone. */
export class WallClock {
  readonly steps: string[] = [];
  #before: number | undefined;

  /** Looks at both clocks, in milliseconds; call it every second or so. */
  look(wall: Millis, monotonic: Millis): void {
    const difference = wall - monotonic;
    const step = this.#before === undefined ? 0 : difference - this.#before;
    this.#before = difference;
    if (Math.abs(step) < STEP) return;
    const direction = step > 0 ? "forward" : "back";
    this.steps.push(
      `the wall clock stepped ${direction} by ${
        (Math.abs(step) / 1000).toFixed(3)
      } s; latencies are by the monotonic clock`,
    );
  }
}
