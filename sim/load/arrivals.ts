/** Every message of a run in order of its moment: who sends what to whom. Same plan and seed, same messages. */
import type { Millis } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Pacer } from "./pacer.ts";
import type { Plan, PlannedPopulation } from "./plan.ts";
import { type DrawnSize, SizeSampler } from "./sizes.ts";

/** One message to start. */
export interface Arrival extends DrawnSize {
  /** When it is due, from the start of the first phase. */
  at: Millis;
  /** Number of the message in the run, from 0. */
  sequence: number;
  /** Client index in the whole run. */
  sender: number;
  /** Client index in the whole run, or -1 when the receiver is not ours. */
  receiver: number;
  /** Address of a receiver that is not ours, else empty. */
  receiverUri: string;
  /** Index of its phase. */
  phase: number;
  /** False during warm-up. */
  counted: boolean;
}

/** An arrival to pass to `Arrivals.next`. */
export function emptyArrival(): Arrival {
  return {
    at: 0,
    sequence: 0,
    sender: 0,
    receiver: 0,
    receiverUri: "",
    size: 0,
    sizeIsTotal: false,
    phase: 0,
    counted: true,
  };
}

/**
 * First numbers of the random streams: each question has streams of its own, one for each phase or population, so
 * that another answer to one question leaves those to the others as they were.
 */
const STREAMS = { moments: 0x10000, senders: 0x20000, receivers: 0x30000, sizes: 0x40000 } as const;

/** How clients of one population choose receivers and sizes. */
interface Sending {
  readonly population: PlannedPopulation;
  /** Clients of this and of the earlier sending populations. */
  readonly until: number;
  readonly receivers: PlannedPopulation | undefined;
  readonly receiverUri: string;
  readonly isRing: boolean;
  readonly random: Random;
  readonly sizes: SizeSampler;
}

/** Gives the messages of a run one by one. */
export class Arrivals {
  readonly #plan: Plan;
  readonly #sendings: readonly Sending[];
  readonly #senders: Random;
  #pacer: Pacer | undefined;
  #phase = -1;
  #sequence = 0;

  /** `plan` is that of `scenario`. */
  constructor(plan: Plan, scenario: Scenario) {
    this.#plan = plan;
    this.#sendings = sendingsOf(plan, scenario);
    this.#senders = new Random(plan.seed, STREAMS.senders);
  }

  /** Writes the next message into `into`; false, and `into` untouched, after the last. */
  next(into: Arrival): boolean {
    let at = this.#pacer?.next() ?? -1;
    while (at < 0) {
      const phase = this.#plan.phases[this.#phase + 1];
      if (phase === undefined) return false;
      this.#phase++;
      this.#pacer = new Pacer(phase, new Random(this.#plan.seed, STREAMS.moments + this.#phase));
      at = this.#pacer.next();
    }
    const phase = this.#plan.phases[this.#phase]!;
    into.at = phase.start + at;
    into.counted = at >= phase.warmup;
    into.phase = this.#phase;
    into.sequence = this.#sequence++;
    this.#choose(into);
    return true;
  }

  #choose(into: Arrival): void {
    const sendings = this.#sendings;
    let pick = this.#senders.integer(sendings[sendings.length - 1]!.until);
    let index = 0;
    while (pick >= sendings[index]!.until) index++;
    const sending = sendings[index]!;
    if (index > 0) pick -= sendings[index - 1]!.until;
    into.sender = sending.population.first + pick;
    into.receiver = receiverOf(sending, pick);
    into.receiverUri = sending.receiverUri;
    sending.sizes.draw(into);
  }
}

/** The receiver for the sender with number `pick` in its population; never the sender when there is another. */
function receiverOf({ population, receivers, isRing, random }: Sending, pick: number): number {
  if (receivers === undefined) return -1;
  const { first, count } = receivers;
  const isOwn = receivers === population;
  if (isRing) return first + (isOwn ? pick + 1 : pick) % count;
  if (!isOwn || count === 1) return first + random.integer(count);
  const other = random.integer(count - 1);
  return first + (other < pick ? other : other + 1);
}

function sendingsOf(plan: Plan, scenario: Scenario): Sending[] {
  const sendings: Sending[] = [];
  let until = 0;
  for (const [index, { messages }] of scenario.populations.entries()) {
    if (messages === undefined) continue;
    const population = plan.populations[index]!;
    until += population.count;
    const { to } = messages;
    sendings.push({
      population,
      until,
      receivers: "uri" in to ? undefined : plan.populations.find(({ name }) => name === to.population),
      receiverUri: "uri" in to ? to.uri : "",
      isRing: !("uri" in to) && to.pick === "ring",
      random: new Random(plan.seed, STREAMS.receivers + index),
      sizes: new SizeSampler(messages.size, new Random(plan.seed, STREAMS.sizes + index)),
    });
  }
  if (sendings.length === 0) throw new RangeError("Cannot start messages: no population has any");
  return sendings;
}
