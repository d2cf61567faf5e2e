/** How long a run goes on without anybody who asks for it. */
import type { Millis } from "../clock/clock.ts";

/** A lease: renewed by every request, over when none comes. */
export class Lease {
  readonly #length: Millis;
  #renewedAt: Millis;

  /** Begins at `now`. */
  constructor(length: Millis, now: Millis) {
    this.#length = length;
    this.#renewedAt = now;
  }

  /** Somebody asked. */
  renew(now: Millis): void {
    this.#renewedAt = Math.max(this.#renewedAt, now);
  }

  /** Until it is over; 0 when it is. */
  left(now: Millis): Millis {
    return Math.max(0, this.#renewedAt + this.#length - now);
  }

  /** Whether nobody has asked for its whole length. */
  isOver(now: Millis): boolean {
    return this.left(now) === 0;
  }

  /** Its length in seconds, for people. */
  seconds(): number {
    return this.#length / 1000;
  }
}
