/** How far the clock of another machine is from ours, and how far that may be wrong. */
import type { Millis } from "../clock/clock.ts";

/** Clocks drift apart: what was measured a second ago may be this much worse, as a share of the time since. */
const DRIFT = 50e-6;

/** One question and its answer: sent and received by our clock, received and answered by theirs. */
export interface RoundTrip {
  readonly sent: Millis;
  readonly receivedThere: Millis;
  readonly answeredThere: Millis;
  readonly received: Millis;
}

/**
 * The offset of a clock by the round trip with the least delay.
 *
 * Whatever part of the delay was on which way, the offset is off by at most half of it (RFC 5905 §8).
 */
export class RemoteClock {
  #offset: Millis = 0;
  #error: Millis = Infinity;
  #at: Millis = 0;

  /** Takes a round trip in; those that say less than what is known are passed over. */
  add({ sent, receivedThere, answeredThere, received }: RoundTrip): void {
    const error = ((received - sent) - (answeredThere - receivedThere)) / 2;
    if (!(error >= 0) || error > this.error(received)) return;
    this.#offset = ((receivedThere - sent) + (answeredThere - received)) / 2;
    this.#error = error;
    this.#at = received;
  }

  /** Their clock minus ours; 0 before the first round trip. */
  offset(): Millis {
    return this.#offset;
  }

  /** The most by which `offset` may be wrong at `now`; infinite before the first round trip. */
  error(now: Millis): Millis {
    return this.#error + Math.max(0, now - this.#at) * DRIFT;
  }
}
