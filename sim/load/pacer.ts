/** When the messages of an open phase are due: arithmetic over its rates, without a clock. */
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { OpenLoad, RateSegment } from "./plan.ts";

/** Messages per second at a moment of a phase; at a jump, the rate after it. */
export function rateAt({ segments }: OpenLoad, at: Millis): number {
  const segment = segments.findLast(({ start, duration }) => start <= at && duration > 0);
  if (segment === undefined || at > segment.start + segment.duration) return 0;
  return segment.from + ((segment.to - segment.from) * (at - segment.start)) / segment.duration;
}

/** Messages due in `[0, at]` of a phase, by the integral of the rate; not whole. */
export function messagesUntil({ segments }: OpenLoad, at: Millis): number {
  const segment = segments.findLast(({ start, duration }) => start <= at && duration > 0);
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
 * The moments at which a phase starts messages, in order; exactly `load.messages` of them while nobody changes the rate.
 *
 * Uniform: message k is due when the integral of the rate reaches k + ½, so that none stands on the edge of a phase.
 * Poisson: the moments of a Poisson process of that rate, given that it has so many in all; with equal counts, runs
 * with other seeds can be compared message by message. The messages of a burst share one moment, the middle of theirs.
 *
 * `retime` multiplies the rate from a moment on: the phase keeps its length, and the count follows the rate.
 */
export class Pacer {
  /** By how many messages the last moment is due, of the unchanged rate: what `momentFor` takes. */
  due = 0;
  readonly #load: OpenLoad;
  readonly #random: Random;
  #segment = 0;
  #given = 0;
  #passed = 0;
  #last: Millis = 0;
  #isOver = false;
  #factor = 1;
  #isRetimed = false;
  /** Where the factor was last changed: in messages given, and in the integral of the planned rate. */
  #changedDue = 0;
  #changedIntegral = 0;

  /** `random` is used by Poisson arrivals only. */
  constructor(load: OpenLoad, random: Random) {
    this.#load = load;
    this.#random = random;
  }

  /** The next moment, from the start of the phase; -1 after the last, Infinity when the rate leaves none. */
  next(): Millis {
    const { burst, messages, arrivals } = this.#load;
    const left = messages - this.#given;
    if (left <= 0 && !this.#isRetimed) {
      this.#isOver = true;
      return -1;
    }
    this.#isOver = false;
    const place = burst === 1 ? 0 : this.#given % burst;
    const size = this.#isRetimed ? burst : Math.min(burst, left);
    this.#given++;
    if (place > 0) return this.#last;
    if (arrivals === "uniform") this.due = this.#given - 1 + size / 2;
    else this.due = this.#nextOfPoisson(burst === 1 ? left : Math.ceil(left / burst), size);
    return this.#last = this.momentFor(this.due);
  }

  /** Whether `next` has given the last moment. */
  isOver(): boolean {
    return this.#isOver;
  }

  /** Multiplies the planned rate by `factor` from `at` on, from the start of the phase; moments given keep their `due`. */
  retime(factor: number, at: Millis): void {
    const integral = messagesUntil(this.#load, Math.max(0, at));
    this.#changedDue += (integral - this.#changedIntegral) * this.#factor;
    this.#changedIntegral = integral;
    this.#factor = factor;
    this.#isRetimed = true;
    this.#last = this.momentFor(this.due);
  }

  /** The moment of a message that is due by so many messages; Infinity when the phase is over before. */
  momentFor(due: number): Millis {
    const { segments, integral } = this.#load;
    const ahead = due - this.#changedDue;
    const reached = this.#isRetimed ? this.#changedIntegral + (ahead > 0 ? ahead / this.#factor : ahead) : due;
    if (this.#isRetimed && reached > integral) return Infinity;
    while (this.#segment > 0 && segments[this.#segment]!.before >= reached) this.#segment--;
    while (this.#segment + 1 < segments.length && segments[this.#segment + 1]!.before < reached) this.#segment++;
    const segment = segments[this.#segment]!;
    return momentOf(segment, reached - segment.before);
  }

  #nextOfPoisson(left: number, size: number): number {
    if (this.#isRetimed) return this.due + this.#random.exponential(size);
    return this.#nextOfSorted(left) * this.#load.integral;
  }

  /** The next of `left` numbers in [0, 1), uniformly distributed and sorted, without making the others. */
  #nextOfSorted(left: number): number {
    // the least of n uniform numbers in the rest is distributed as 1 - U^(1/n)
    this.#passed = 1 - (1 - this.#passed) * Math.pow(1 - this.#random.uniform(), 1 / left);
    return this.#passed;
  }
}
