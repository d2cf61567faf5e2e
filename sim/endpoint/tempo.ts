/** How closely the turns of a loop follow each other when datagrams come thick. */
import type { Millis } from "../clock/clock.ts";

/** Datagrams a millisecond from which on turns keep a distance: 4000 a second. */
const THICK = 4;
/** Share of requests beyond which peers wait for our answers as well. */
const FEW_REQUESTS = 0.01;
/** Datagrams that one turn should find waiting, and the longest distance: while only responses come. */
const FOR_RESPONSES = { wanted: 20, longest: 1 };
/** The same while requests come: their senders wait for as long as we do. */
const FOR_REQUESTS = { wanted: 5, longest: 0.5 };
/** Share of the latest slice in the running means. */
const NEWEST_SHARE = 0.1;

/**
 * A turn for every single datagram costs three times as much as the same datagrams in turns of five, mostly for putting
 * processes to sleep and waking them, peers included (measured at 8000 a second, see sim/bench/README.md). The price:
 * arrivals are late by half an interval in the mean, and so are our answers. What is measured of responses does not
 * suffer, as the kernel dates what arrives.
 */
export class Tempo {
  /** Datagrams a millisecond, a running mean. */
  #rate = 0;
  /** Requests among them. */
  #requests = 0;

  /** Notes how many datagrams came within a time, and how many of them were requests. */
  note(received: number, requests: number, duration: Millis): void {
    if (duration <= 0) return;
    this.#rate += NEWEST_SHARE * (received / duration - this.#rate);
    this.#requests += NEWEST_SHARE * (requests / duration - this.#requests);
  }

  /** From the beginning of one turn to that of the next; 0: as soon as there is something to do. */
  interval(): Millis {
    if (this.#rate < THICK) return 0;
    const { wanted, longest } = this.#requests < FEW_REQUESTS * this.#rate ? FOR_RESPONSES : FOR_REQUESTS;
    return Math.min(longest, wanted / this.#rate);
  }
}
