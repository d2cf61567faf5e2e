/** How closely the turns of a loop follow each other when datagrams come thick. */
import type { Millis } from "../clock/clock.ts";

/** Datagrams a millisecond from which on turns keep a distance: 4000 a second. */
const THICK = 4;
/** Datagrams that one turn should find waiting. */
const WANTED = 5;
/** The longest distance: what an arrival may come late because of it, and an answer stay unread. */
const LONGEST_INTERVAL: Millis = 0.5;
/** Share of the latest slice in the running mean. */
const NEWEST_SHARE = 0.1;

/**
 * A turn for every single datagram costs three times as much as the same datagrams in turns of five, mostly for putting
 * processes to sleep and waking them, peers included (measured at 8000 a second, see sim/bench/README.md). Latencies do
 * not suffer, as the kernel dates what arrives; arrivals are late by half an interval in the mean.
 */
export class Tempo {
  /** Datagrams a millisecond, a running mean. */
  #rate = 0;

  /** Notes how many datagrams came within a time. */
  note(received: number, duration: Millis): void {
    if (duration > 0) this.#rate += NEWEST_SHARE * (received / duration - this.#rate);
  }

  /** From the beginning of one turn to that of the next; 0: as soon as there is something to do. */
  interval(): Millis {
    return this.#rate < THICK ? 0 : Math.min(LONGEST_INTERVAL, WANTED / this.#rate);
  }
}
