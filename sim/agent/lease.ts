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

/** What is done about a lease that is over. */
export interface LeaseListener {
  /** Nobody asked for its whole length: what is under way may end by itself. */
  onOver(): void;
  /** It has not ended for one more lease. */
  onOverdue(): void;
}

/** Looks at a lease from time to time. */
export class LeaseWatch {
  readonly #lease: Lease;
  readonly #listener: LeaseListener;
  #overAt: Millis | undefined;

  constructor(lease: Lease, listener: LeaseListener) {
    this.#lease = lease;
    this.#listener = listener;
  }

  /** Whether the lease was found over: a request that comes later does not bring the run back. */
  wasOver(): boolean {
    return this.#overAt !== undefined;
  }

  /** Looks at `now`. */
  look(now: Millis): void {
    if (this.#overAt === undefined) {
      if (!this.#lease.isOver(now)) return;
      this.#overAt = now;
      this.#listener.onOver();
    } else if (now - this.#overAt > this.#lease.seconds() * 1000) this.#listener.onOverdue();
  }
}
