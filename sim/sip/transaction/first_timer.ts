/**
 * Timer E in its first interval (RFC 3261 §17.1.2.2), for thousands of requests a second of which hardly any is still
 * unanswered when it fires: one alarm for all of them, and two numbers for each.
 */
import type { Millis } from "../../clock/clock.ts";
import type { Alarm, Due, Wheel } from "../../clock/wheel.ts";

/** Of numbers, at first. */
const ROOM = 1024;

/** The transactions under way by the number in their branch. */
export interface Waiting {
  get(sequence: number): Due | undefined;
}

/** All first intervals are equally long, so those that begin later end later: a ring in the order of their beginning. */
export class FirstTimer implements Due {
  readonly #wheel: Wheel;
  readonly #interval: Millis;
  readonly #waiting: Waiting;
  /** In the ring, a power of two long: numbers, and when their timers fire. */
  #sequences: Int32Array = new Int32Array(ROOM);
  #moments: Float64Array = new Float64Array(ROOM);
  /** The place of the oldest one, and how many there are. */
  #from = 0;
  #size = 0;
  #alarm: Alarm | undefined;

  /** `interval`: T1; whoever is `waiting` when it is over is told. */
  constructor(wheel: Wheel, interval: Millis, waiting: Waiting) {
    this.#wheel = wheel;
    this.#interval = interval;
    this.#waiting = waiting;
  }

  /** A request was sent now; its number lies between 0 and 2^31 - 1. */
  add(sequence: number): void {
    if (this.#size === this.#sequences.length) this.#makeRoom();
    const place = (this.#from + this.#size) & (this.#sequences.length - 1);
    this.#sequences[place] = sequence;
    this.#moments[place] = this.#wheel.now + this.#interval;
    // with others before it, the alarm is theirs, or `due` is about to arm it for them
    if (this.#size++ === 0) this.#alarm ??= this.#wheel.arm(this.#interval, this, "timerE");
  }

  /** Forgets all of them. */
  clear(): void {
    this.#size = 0;
    if (this.#alarm !== undefined) this.#wheel.cancel(this.#alarm);
    this.#alarm = undefined;
  }

  /** From the wheel, when the oldest one is due: it may have been answered long ago. */
  due(_timer: string, now: Millis): void {
    this.#alarm = undefined;
    while (this.#size > 0) {
      const sequence = this.#sequences[this.#from]!;
      const moment = this.#moments[this.#from]!;
      const transaction = this.#waiting.get(sequence);
      if (transaction !== undefined && moment > now) {
        this.#alarm ??= this.#wheel.arm(moment - this.#wheel.now, this, "timerE");
        return;
      }
      this.#from = (this.#from + 1) & (this.#sequences.length - 1);
      this.#size--;
      transaction?.due("timerE", now);
    }
  }

  /** Drops those that were answered; twice the room where that is not enough. */
  #makeRoom(): void {
    const length = this.#sequences.length;
    const waiting: { sequence: number; moment: Millis }[] = [];
    for (let place = 0; place < length; place++) {
      const slot = (this.#from + place) & (length - 1);
      const sequence = this.#sequences[slot]!;
      if (this.#waiting.get(sequence) !== undefined) waiting.push({ sequence, moment: this.#moments[slot]! });
    }
    if (waiting.length * 2 > length) {
      this.#sequences = new Int32Array(length * 2);
      this.#moments = new Float64Array(length * 2);
    }
    for (const [place, { sequence, moment }] of waiting.entries()) {
      this.#sequences[place] = sequence;
      this.#moments[place] = moment;
    }
    this.#from = 0;
    this.#size = waiting.length;
  }
}
