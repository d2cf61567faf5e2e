/** A hierarchical timing wheel: arming and cancelling an alarm costs a few list links, whatever their number. */
import type { Millis } from "./clock.ts";

/** What an alarm wakes. */
export interface Due {
  /** Called once, at or after the moment asked for; `timer` is the name given when it was armed. */
  due(timer: string, now: Millis): void;
}

/** One armed timer; cancel it by `live = false`. */
export interface Alarm {
  /** Whether it will still fire; set to false to cancel. */
  live: boolean;
  /** The moment it was armed for. */
  readonly at: Millis;
  /** What it wakes. */
  readonly target: Due;
  /** Name of the timer, such as `timerE`. */
  readonly timer: string;
}

interface Link extends Alarm {
  next: Link | undefined;
}

/** Slots of the first level, one millisecond each. */
const FIRST_BITS = 8;
/** Slots of each higher level. */
const HIGHER_BITS = 6;
const LEVELS = 4;
/** Milliseconds the wheel reaches: 2^26, about 18 hours; later alarms wait in the last level and are placed again. */
const SHIFTS = [0, FIRST_BITS, FIRST_BITS + HIGHER_BITS, FIRST_BITS + 2 * HIGHER_BITS];

/** Timers of one event loop; `advance` fires what is due, in order of the millisecond, first armed first. */
export class Wheel {
  /** The moment up to which alarms have fired; inside `due`, the alarm's own millisecond. */
  now: Millis;
  /** Alarms armed and not yet fired, cancelled ones included until their slot comes by. */
  armed = 0;
  readonly #levels: { first: (Link | undefined)[]; last: (Link | undefined)[] }[] = [];
  #tick: number;

  /** `now`: the moment it starts at. */
  constructor(now: Millis = 0) {
    this.now = now;
    this.#tick = Math.floor(now);
    for (let level = 0; level < LEVELS; level++) {
      const slots = 1 << (level === 0 ? FIRST_BITS : HIGHER_BITS);
      this.#levels.push({ first: Array(slots).fill(undefined), last: Array(slots).fill(undefined) });
    }
  }

  /** Arms an alarm `delay` milliseconds after `this.now`, or after `from` when given. */
  arm(delay: Millis, target: Due, timer: string, from: Millis = this.now): Alarm {
    const link: Link = { live: true, at: from + delay, target, timer, next: undefined };
    this.armed++;
    this.#place(link);
    return link;
  }

  /** Fires everything due up to `now`; a moment in the past does nothing. */
  advance(now: Millis): void {
    const target = Math.floor(now);
    while (this.#tick < target) {
      if (this.armed === 0) {
        this.#tick = target;
        break;
      }
      this.#tick++;
      this.#cascade();
      this.#fire(this.#tick & ((1 << FIRST_BITS) - 1));
    }
    if (now > this.now) this.now = now;
  }

  /** Milliseconds until the next slot with an alarm, at most `limit`: how long a loop may sleep. */
  idleFor(limit: Millis): Millis {
    const slots = this.#levels[0]!.first;
    const most = Math.min(limit, slots.length - 1);
    for (let ahead = 1; ahead <= most; ahead++) {
      if (slots[(this.#tick + ahead) & (slots.length - 1)] !== undefined) return ahead;
      if (((this.#tick + ahead) & (slots.length - 1)) === 0) return ahead;
    }
    return most;
  }

  /**
   * Into the lowest level whose current turn still reaches the alarm. What lies beyond the turn waits above, so that no
   * alarm overtakes an earlier one for the same millisecond (but for those beyond the reach of the wheel).
   */
  #place(link: Link): void {
    // a slot fires when its millisecond has passed: never early
    const tick = Math.max(Math.ceil(link.at), this.#tick + 1);
    let level = 0;
    while (level < LEVELS - 1 && tick - this.#turnBegin(level) >= 1 << (SHIFTS[level + 1]!)) level++;
    const reach = Math.min(tick, this.#tick + (1 << (SHIFTS[LEVELS - 1]! + HIGHER_BITS)) - 1);
    const length = this.#levels[level]!.first.length;
    this.#append(level, (level === 0 ? tick : reach >>> SHIFTS[level]!) & (length - 1), link);
  }

  /** The tick at which the current turn of a level began. */
  #turnBegin(level: number): number {
    return this.#tick - (this.#tick & ((1 << SHIFTS[level + 1]!) - 1));
  }

  /** Moves alarms of a higher level down when its slot begins. */
  #cascade(): void {
    for (let level = 1; level < LEVELS; level++) {
      if ((this.#tick & ((1 << SHIFTS[level]!) - 1)) !== 0) return;
      const { first, last } = this.#levels[level]!;
      const slot = (this.#tick >>> SHIFTS[level]!) & (first.length - 1);
      let link = first[slot];
      first[slot] = last[slot] = undefined;
      while (link !== undefined) {
        const next: Link | undefined = link.next;
        link.next = undefined;
        if (!link.live) this.armed--;
        else if (Math.ceil(link.at) <= this.#tick) this.#append(0, this.#tick & ((1 << FIRST_BITS) - 1), link);
        else this.#place(link);
        link = next;
      }
    }
  }

  #append(level: number, slot: number, link: Link): void {
    const { first, last } = this.#levels[level]!;
    if (last[slot] === undefined) first[slot] = link;
    else last[slot]!.next = link;
    last[slot] = link;
  }

  #fire(slot: number): void {
    const { first, last } = this.#levels[0]!;
    let link = first[slot];
    if (link === undefined) return;
    first[slot] = last[slot] = undefined;
    this.now = Math.max(this.now, this.#tick);
    while (link !== undefined) {
      const next: Link | undefined = link.next;
      // an alarm that its owner keeps must not keep those behind it
      link.next = undefined;
      this.armed--;
      if (link.live) {
        link.live = false;
        link.target.due(link.timer, this.now);
      }
      link = next;
    }
  }
}
