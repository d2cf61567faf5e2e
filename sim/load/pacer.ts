/** When the messages of a phase are due: arithmetic over its rates, without a clock. */
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { PlannedPhase, RateSegment } from "./plan.ts";

/** Messages per second at a moment of a phase; at a jump, the rate after it. */
export function rateAt(phase: PlannedPhase, at: Millis): number {
  const segment = phase.segments.findLast(({ start, duration }) => start <= at && duration > 0);
  if (segment === undefined || at > segment.start + segment.duration) return 0;
  return segment.from + ((segment.to - segment.from) * (at - segment.start)) / segment.duration;
}

/** Messages due in `[0, at]` of a phase, by the integral of the rate; not whole. */
export function messagesUntil(phase: PlannedPhase, at: Millis): number {
  const segment = phase.segments.findLast(({ start, duration }) => start <= at && duration > 0);
  if (segment === undefined) return 0;
  const seconds = Math.min(at - segment.start, segment.duration) / 1000;
  const slope = (segment.to - segment.from) / (segment.duration / 1000);
  return segment.before + segment.from * seconds + (slope * seconds * seconds) / 2;
}

/** The moment inside a segment at which `messages` are due since its beginning: `messagesUntil` the other way round. */
function momentOf(segment: RateSegment, messages: number): Millis {
  const slope = (segment.to - segment.from) / (segment.duration / 1000);
  // the form of the quadratic solution which also holds for slope 0 and for a rate that starts from 0
  const root = Math.sqrt(Math.max(0, segment.from * segment.from + 2 * slope * messages));
  const seconds = messages <= 0 ? 0 : (2 * messages) / (segment.from + root);
  return segment.start + Math.min(seconds * 1000, segment.duration);
}

/**
 * The moments at which a phase starts messages, in order; exactly `phase.messages` of them.
 *
 * Uniform: message k is due when the integral of the rate reaches k + ½, so that none stands on the edge of a phase.
 * Poisson: the moments of a Poisson process of that rate, given that it has so many in all; with equal counts, runs
 * with other seeds can be compared message by message.
 */
export class Pacer {
  readonly #phase: PlannedPhase;
  readonly #random: Random;
  #segment = 0;
  #given = 0;
  #passed = 0;

  /** `random` is used by Poisson arrivals only. */
  constructor(phase: PlannedPhase, random: Random) {
    this.#phase = phase;
    this.#random = random;
  }

  /** The next moment, from the start of the phase, or -1 after the last. */
  next(): Millis {
    const phase = this.#phase;
    const left = phase.messages - this.#given;
    if (left === 0) return -1;
    const due = phase.arrivals === "uniform" ? this.#given + 0.5 : this.#nextOfSorted(left) * phase.integral;
    this.#given++;
    const { segments } = phase;
    while (this.#segment + 1 < segments.length && segments[this.#segment + 1]!.before < due) this.#segment++;
    const segment = segments[this.#segment]!;
    return momentOf(segment, due - segment.before);
  }

  /** The next of `left` numbers in [0, 1), uniformly distributed and sorted, without making the others. */
  #nextOfSorted(left: number): number {
    // the least of n uniform numbers in the rest is distributed as 1 - U^(1/n)
    this.#passed = 1 - (1 - this.#passed) * Math.pow(1 - this.#random.uniform(), 1 / left);
    return this.#passed;
  }
}
