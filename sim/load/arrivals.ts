/** Everything that rates make due, in order of its moment: who does what to whom. Same plan and seed, same arrivals. */
import type { Millis } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { isMessageAction } from "../scenario/action.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Pacer } from "./pacer.ts";
import { type OpenLoad, othersFor, type Plan, type PlannedPhase } from "./plan.ts";
import { type Arrival, Sending } from "./sendings.ts";

/**
 * First numbers of the random streams: each question has streams of its own, one for each phase and population, so
 * that another answer to one question leaves those to the others as they were.
 */
const STREAMS = {
  moments: 0x10000,
  senders: 0x20000,
  receivers: 0x30000,
  sizes: 0x40000,
  actions: 0x60000,
  anonymity: 0x70000,
  /** Added for actions that are no messages. */
  others: 0x80000,
  /** Added for each phase. */
  phase: 0x100000,
} as const;

/** The messages of an open phase, or its other actions: one pacer and those whom it lets act. */
class Lane {
  /** From the beginning of the load; Infinity: nothing is due. */
  at: Millis = Infinity;
  readonly phase: PlannedPhase;
  readonly pacer: Pacer;
  readonly #index: number;
  readonly #sendings: readonly Acting[];
  readonly #senders: Random;
  /** Messages that one client sends to one receiver, and which of them is next. */
  readonly #burst: number;
  #place = 0;
  #writer: Sending | undefined;
  #sender = 0;
  #receiver = 0;

  /** `isOther`: of the actions that are no messages. */
  constructor(plan: Plan, scenario: Scenario, index: number, isOther: boolean) {
    this.phase = plan.phases[index]!;
    this.#index = index;
    const open = this.phase.open!;
    const stream = index * STREAMS.phase + (isOther ? STREAMS.others : 0);
    const random = (question: number): Random => new Random(plan.seed, question + stream);
    this.pacer = new Pacer(isOther ? otherLoad(open) : open, random(STREAMS.moments));
    this.#senders = random(STREAMS.senders);
    this.#burst = !isOther && open.burstByOne ? open.burst : 1;
    this.#sendings = actingOf(plan, scenario, this.phase, isOther, random);
  }

  /** Goes to the next moment. */
  advance(): void {
    const at = this.pacer.next();
    this.at = at < 0 ? Infinity : this.phase.start + at;
  }

  /** Multiplies the rate from `at` on, from the beginning of the load. */
  retime(factor: number, at: Millis, isActive: boolean): void {
    const hadEnded = this.pacer.isOver();
    this.pacer.retime(factor, at - this.phase.start);
    if (!isActive) return;
    if (hadEnded) this.advance();
    else this.at = this.momentFor(this.pacer.due);
  }

  /** The moment, from the beginning of the load, of an arrival that is due by so many messages of the phase. */
  momentFor(due: number): Millis {
    return this.phase.start + this.pacer.momentFor(due);
  }

  /** Writes who does what into `into`. */
  choose(into: Arrival): void {
    into.phase = this.#index;
    into.counted = into.at - this.phase.start >= this.phase.countedFrom;
    if (this.#burst === 1) {
      this.#draw(into);
      return;
    }
    const isFurther = this.#place > 0;
    this.#place = (this.#place + 1) % this.#burst;
    if (isFurther && this.#writer !== undefined) {
      into.sender = this.#sender;
      into.receiver = this.#receiver;
      this.#writer.drawSize(into);
      return;
    }
    const writer = this.#draw(into);
    this.#writer = into.doing === "message" ? writer : undefined;
    this.#sender = into.sender;
    this.#receiver = into.receiver;
  }

  #draw(into: Arrival): Sending {
    const sendings = this.#sendings;
    const pick = this.#senders.uniform() * sendings[sendings.length - 1]!.until;
    let index = 0;
    while (index < sendings.length - 1 && pick >= sendings[index]!.until) index++;
    const { sending, from, until } = sendings[index]!;
    const { count } = sending.population;
    sending.draw(into, Math.min(count - 1, Math.floor((pick - from) * (count / (until - from)))));
    return sending;
  }
}

/** One population of a lane; its clients are picked by a number in `[from, until)`. */
interface Acting {
  readonly sending: Sending;
  readonly from: number;
  readonly until: number;
}

/** Messages: all clients equally often. Other actions: in proportion to the messages of their population. */
function actingOf(
  plan: Plan,
  scenario: Scenario,
  phase: PlannedPhase,
  isOther: boolean,
  random: (question: number) => Random,
): Acting[] {
  const acting: Acting[] = [];
  let until = 0;
  for (const number of phase.populations) {
    const { actions } = scenario.populations[number]!;
    // where nobody sends messages, the rate counts what there is
    const counted = phase.open!.sendsNothing ? actions : actions.filter((each) => isMessageAction(each) !== isOther);
    if (counted.length === 0) continue;
    const chances = {
      actions: random(STREAMS.actions + number),
      receivers: random(STREAMS.receivers + number),
      sizes: random(STREAMS.sizes + number),
      anonymity: random(STREAMS.anonymity + number),
    };
    const from = until;
    until += plan.populations[number]!.count * (isOther ? othersFor(actions) : 1);
    acting.push({ sending: new Sending(plan, scenario, number, counted, chances), from, until });
  }
  return acting;
}

/** The load of the actions besides messages: the rate of messages times their share. */
function otherLoad(open: OpenLoad): OpenLoad {
  const times = open.others;
  const segments = open.segments.map((each) => ({
    ...each,
    from: each.from * times,
    to: each.to * times,
    before: each.before * times,
  }));
  const integral = open.integral * times;
  return { ...open, segments, integral, messages: Math.round(integral), burst: 1, burstByOne: false, others: 0 };
}

/** Gives the arrivals of all open phases one by one. */
export class Arrivals {
  /** By their start; those before `#begun` have begun. */
  readonly #lanes: readonly Lane[];
  readonly #active: Lane[] = [];
  #begun = 0;
  #sequence = 0;

  /** `plan` is that of `scenario`. */
  constructor(plan: Plan, scenario: Scenario) {
    const lanes: Lane[] = [];
    for (const [index, { open }] of plan.phases.entries()) {
      if (open === undefined) continue;
      lanes.push(new Lane(plan, scenario, index, false));
      if (open.others > 0) lanes.push(new Lane(plan, scenario, index, true));
    }
    this.#lanes = lanes.toSorted((a, b) => a.phase.start - b.phase.start);
  }

  /** Writes the next arrival into `into`; false, and `into` untouched, when none is left at the present rates. */
  next(into: Arrival): boolean {
    const lane = this.#soonest();
    if (lane === undefined) return false;
    into.at = lane.at;
    into.sequence = this.#sequence++;
    into.due = lane.pacer.due;
    into.lane = this.#active.indexOf(lane);
    lane.choose(into);
    lane.advance();
    return true;
  }

  /** Multiplies all rates by `factor` from `at` on, from the beginning of the load; phases keep their lengths. */
  retime(factor: number, at: Millis): void {
    for (const [index, lane] of this.#lanes.entries()) {
      // a phase that has not begun is changed from its start
      lane.retime(factor, Math.max(at, lane.phase.start), index < this.#begun);
    }
  }

  /** When an arrival that `next` gave is due after `retime`; Infinity: its phase is over before. */
  momentOf(arrival: Arrival): Millis {
    return this.#active[arrival.lane]!.momentFor(arrival.due);
  }

  #soonest(): Lane | undefined {
    let soonest = this.#least();
    while (this.#begun < this.#lanes.length && this.#lanes[this.#begun]!.phase.start <= (soonest?.at ?? Infinity)) {
      const lane = this.#lanes[this.#begun++]!;
      lane.advance();
      this.#active.push(lane);
      soonest = this.#least();
    }
    return soonest;
  }

  #least(): Lane | undefined {
    let least: Lane | undefined;
    for (const lane of this.#active) if (lane.at < (least?.at ?? Infinity)) least = lane;
    return least;
  }
}
