/** A hierarchical timing wheel: arming and cancelling an alarm costs a few list links, whatever their number. */
import type { Millis } from "./clock.ts";

/** What an alarm wakes. */
export interface Due {
  /** Called once, at or after the moment asked for; `timer` is the name given when it was armed. */
  due(timer: string, now: Millis): void;
}

/** One armed timer; cancel it by `Wheel.cancel`, or by `live = false` where it may stay in the wheel until its moment. */
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

/** An alarm in its slot, or the head of a slot: slots are rings, so that an alarm leaves without a search. */
class Link implements Alarm {
  live = true;
  readonly at: Millis;
  readonly target: Due;
  readonly timer: string;
  /** Itself while it is in no slot. */
  next: Link = this;
  before: Link = this;

  constructor(at: Millis, target: Due, timer: string) {
    this.at = at;
    this.target = target;
    this.timer = timer;
  }

  /** Takes the last place in the slot of a head. */
  join(head: Link): void {
    const last = head.before;
    this.before = last;
    this.next = head;
    last.next = head.before = this;
  }

  /** Leaves its slot. */
  leave(): void {
    this.before.next = this.next;
    this.next.before = this.before;
    // an alarm that its owner keeps must not keep others
    this.next = this.before = this;
  }
}

const NOBODY: Due = { due: () => {} };

function newSlots(bits: number): readonly Link[] {
  return Array.from({ length: 1 << bits }, () => new Link(0, NOBODY, ""));
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
  /** Alarms armed and not yet fired; those whose `live` was set to false count until their slot comes by. */
  armed = 0;
  /** Heads of the slots of each level. */
  readonly #levels: readonly (readonly Link[])[];
  #tick: number;

  /** `now`: the moment it starts at. */
  constructor(now: Millis = 0) {
    this.now = now;
    this.#tick = Math.floor(now);
    this.#levels = Array.from({ length: LEVELS }, (_, level) => newSlots(level === 0 ? FIRST_BITS : HIGHER_BITS));
  }

  /** Arms an alarm `delay` milliseconds after `this.now`, or after `from` when given. */
  arm(delay: Millis, target: Due, timer: string, from: Millis = this.now): Alarm {
    const link = new Link(from + delay, target, timer);
    this.armed++;
    this.#place(link);
    return link;
  }

  /** Cancels an alarm of this wheel and forgets it at once; one that has fired or was cancelled is left alone. */
  cancel(alarm: Alarm): void {
    const link = alarm as Link;
    link.live = false;
    if (link.next === link) return;
    link.leave();
    this.armed--;
  }

  /** Live alarms whose timer has such a name: looks through all slots, for the end of a run. */
  count(isMeant: (timer: string) => boolean): number {
    let count = 0;
    for (const slots of this.#levels) {
      for (const head of slots) {
        for (let link = head.next; link !== head; link = link.next) if (link.live && isMeant(link.timer)) count++;
      }
    }
    return count;
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
      this.#fire();
    }
    if (now > this.now) this.now = now;
  }

  /** Milliseconds until the next slot with an alarm, at most `limit`: how long a loop may sleep. */
  idleFor(limit: Millis): Millis {
    const slots = this.#levels[0]!;
    const most = Math.min(limit, slots.length - 1);
    for (let ahead = 1; ahead <= most; ahead++) {
      const head = slots[(this.#tick + ahead) & (slots.length - 1)]!;
      if (head.next !== head) return ahead;
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
    const slots = this.#levels[level]!;
    link.join(slots[(level === 0 ? tick : reach >>> SHIFTS[level]!) & (slots.length - 1)]!);
  }

  /** The tick at which the current turn of a level began. */
  #turnBegin(level: number): number {
    return this.#tick - (this.#tick & ((1 << SHIFTS[level + 1]!) - 1));
  }

  /** Moves alarms of a higher level down when its slot begins. */
  #cascade(): void {
    for (let level = 1; level < LEVELS; level++) {
      if ((this.#tick & ((1 << SHIFTS[level]!) - 1)) !== 0) return;
      const slots = this.#levels[level]!;
      const head = slots[(this.#tick >>> SHIFTS[level]!) & (slots.length - 1)]!;
      // none comes back to the slot it is taken from
      while (head.next !== head) {
        const link = head.next;
        link.leave();
        if (!link.live) this.armed--;
        else if (Math.ceil(link.at) <= this.#tick) link.join(this.#currentSlot());
        else this.#place(link);
      }
    }
  }

  #currentSlot(): Link {
    return this.#levels[0]![this.#tick & ((1 << FIRST_BITS) - 1)]!;
  }

  /** Fires the slot of this tick; what is armed meanwhile goes to later ones. */
  #fire(): void {
    const head = this.#currentSlot();
    if (head.next === head) return;
    this.now = Math.max(this.now, this.#tick);
    while (head.next !== head) {
      const link = head.next;
      link.leave();
      this.armed--;
      if (!link.live) continue;
      link.live = false;
      link.target.due(link.timer, this.now);
    }
  }
}
