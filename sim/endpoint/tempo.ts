/** How closely the turns of a loop follow each other, and whether what arrives may wait for the next one. */
import type { Millis } from "../clock/clock.ts";

/** Datagrams a millisecond from which on turns keep a distance: 4000 a second. */
const THICK = 4;
/** Datagrams a millisecond below which looking once a millisecond costs more than a turn for each of them. */
const OFTEN = 0.5;
/** Share of the arrivals that make us send something beyond which somebody waits for what we do with them. */
const FEW = 0.01;
/**
 * Datagrams that one turn should find waiting while nothing follows from them, where the distance lies between these; and
 * the most, whatever the distance.
 */
const FOR_NEWS = { wanted: 10, shortest: 0.5, longest: 1, most: 64 };
/** Datagrams that one turn should find waiting while peers wait for our answers, for as long as we do. */
const FOR_ANSWERS = { wanted: 5, longest: 0.5 };
/** Share of the latest slice in the running means. */
const NEWEST_SHARE = 0.1;

/**
 * A turn for every single datagram costs three times as much as the same datagrams in turns of five, mostly for putting
 * processes to sleep and waking them, peers included (measured at 8000 a second, see sim/bench/README.md). While nothing
 * follows from what arrives (final responses that end a transaction), it waits for the next thing that is due, as the
 * kernel dates it anyway. When datagrams come thick, turns also keep a distance. The price: arrivals are late by half an
 * interval in the mean, and so are our answers.
 */
export class Tempo {
  /** Datagrams a millisecond, a running mean. */
  #rate = 0;
  /** Share of the arrivals that made us send something, a running mean; at first everything may. */
  #answered = 1;

  /** Notes how many datagrams came within a time, and how many were sent because of them. */
  note(received: number, answers: number, duration: Millis): void {
    if (duration <= 0) return;
    this.#rate += NEWEST_SHARE * (received / duration - this.#rate);
    if (received > 0) this.#answered += NEWEST_SHARE * (Math.min(1, answers / received) - this.#answered);
  }

  /** Whether datagrams come often. */
  isBusy(): boolean {
    return this.#rate >= OFTEN;
  }

  /** How long what arrives may wait for the next thing that is due; 0: a turn is due at once. */
  mayWait(): Millis {
    return this.isBusy() && this.#isNews() ? FOR_NEWS.longest : 0;
  }

  /** From the beginning of one turn to that of the next; 0: as soon as there is something to do. */
  interval(): Millis {
    if (this.#rate < THICK) return 0;
    if (!this.#isNews()) return Math.min(FOR_ANSWERS.longest, FOR_ANSWERS.wanted / this.#rate);
    const { wanted, shortest, longest, most } = FOR_NEWS;
    return Math.min(Math.max(shortest, Math.min(longest, wanted / this.#rate)), most / this.#rate);
  }

  #isNews(): boolean {
    return this.#answered < FEW;
  }
}
