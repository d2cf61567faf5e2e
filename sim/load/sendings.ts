/** What the clients of one population do in one phase: which action, to whom, how large. */
import type { Millis } from "../clock/clock.ts";
import type { Chance } from "../clock/random.ts";
import type { Mode } from "../im/mode.ts";
import { type Action, isMessageAction } from "../scenario/action.ts";
import type { Population } from "../scenario/population.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { TimeSpread } from "../scenario/time_spread.ts";
import { ContactGraph, DEFAULT_CONTACTS } from "./contacts.ts";
import type { Plan, PlannedPopulation } from "./plan.ts";
import { type DrawnSize, SizeSampler } from "./sizes.ts";

/** What a client does: `message` to a receiver chosen here, `reply` to whoever wrote to it, or no message at all. */
export type Doing = "message" | "reply" | "reregister" | "deregister" | "idle";

/** One action to start. */
export interface Arrival extends DrawnSize {
  /** When it is due, from the beginning of the load. */
  at: Millis;
  /** Number of the arrival in the order of a worker, from 0; the same for all workers while only rates make arrivals. */
  sequence: number;
  /** Client index in the whole run. */
  sender: number;
  doing: Doing;
  /** A mode whatever the size; undefined: as the population decides. */
  mode: Mode | undefined;
  /** Of a `message`: client index in the whole run, or -1 when the receiver is not ours. */
  receiver: number;
  /** Address of a receiver that is not ours, else empty. */
  receiverUri: string;
  /** Of a message or reply: whether it hides who sends it. */
  anonymous: boolean;
  /** Think time of a reply, time away of a de-registration, time of idleness. */
  delay: Millis;
  /** How long a reply waits for a message. */
  patience: Millis;
  /** Index of its phase. */
  phase: number;
  /** Where `Arrivals` finds it again when rates change: a number of its own, and messages of the phase. */
  lane: number;
  due: number;
  /** False in a warm-up or stir phase. */
  counted: boolean;
}

/** An arrival to pass to `Arrivals.next`. */
export function emptyArrival(): Arrival {
  return {
    at: 0,
    sequence: 0,
    sender: 0,
    doing: "message",
    mode: undefined,
    receiver: 0,
    receiverUri: "",
    anonymous: false,
    size: 0,
    sizeIsTotal: false,
    delay: 0,
    patience: 0,
    phase: 0,
    lane: 0,
    due: 0,
    counted: true,
  };
}

/** Where the chance of each question comes from: streams of their own, or one that is looked up by key. */
export interface Chances {
  readonly actions: Chance;
  readonly receivers: Chance;
  readonly sizes: Chance;
  readonly anonymity: Chance;
}

/** Contact graphs have a stream for each population that writes. */
const CONTACT_STREAM = 0x50000;

/** The actions of one kind, messages or others, that a population draws from. */
export class Sending {
  readonly population: PlannedPopulation;
  readonly #receivers: PlannedPopulation | undefined;
  readonly #receiverUri: string;
  readonly #isRing: boolean;
  readonly #anonymous: number;
  readonly #contacts: ContactGraph | undefined;
  readonly #actions: readonly Action[];
  readonly #weight: number;
  readonly #chances: Chances;
  readonly #sizes: readonly (SizeSampler | undefined)[];

  /** `number`: of the population in `scenario`; `actions`: those it draws from, at least one. */
  constructor(plan: Plan, scenario: Scenario, number: number, actions: readonly Action[], chances: Chances) {
    const source: Population = scenario.populations[number]!;
    const to = source.messages?.to;
    this.population = plan.populations[number]!;
    const isOurs = to !== undefined && !("uri" in to);
    this.#receivers = isOurs ? plan.populations.find(({ name }) => name === to.population) : undefined;
    this.#receiverUri = to !== undefined && "uri" in to ? to.uri : "";
    this.#anonymous = source.anonymous;
    this.#isRing = isOurs && to.pick === "ring";
    if (isOurs && to.pick === "contacts") {
      const mean = to.contacts ?? DEFAULT_CONTACTS;
      this.#contacts = new ContactGraph(plan.seed, CONTACT_STREAM + number, this.#receivers!.count, mean);
    }
    this.#actions = actions;
    this.#weight = actions.reduce((sum, action) => sum + action.weight, 0);
    this.#chances = chances;
    this.#sizes = actions.map((action) => {
      const size = isMessageAction(action) ? action.size ?? source.messages?.size : undefined;
      return size === undefined ? undefined : new SizeSampler(size, chances.sizes);
    });
  }

  /** Writes what the client with number `pick` of the population does into `into`. */
  draw(into: Arrival, pick: number): void {
    const index = this.#actions.length === 1 ? 0 : this.#drawAction();
    const action = this.#actions[index]!;
    into.sender = this.population.first + pick;
    into.receiverUri = this.#receiverUri;
    switch (action.action) {
      case "auto":
      case "pager":
      case "large":
        into.doing = "message";
        into.mode = action.action === "auto" ? undefined : action.action;
        into.receiver = this.#receiverOf(pick);
        this.#sizes[index]!.draw(into);
        into.anonymous = this.#isAnonymous();
        return;
      case "reply":
        into.doing = "reply";
        into.mode = undefined;
        into.receiver = -1;
        into.delay = drawTime(action.think, this.#chances.actions);
        into.patience = action.patience;
        this.#sizes[index]!.draw(into);
        into.anonymous = this.#isAnonymous();
        return;
      default:
        into.doing = action.action;
        into.receiver = -1;
        into.size = 0;
        into.delay = action.action === "reregister"
          ? 0
          : drawTime(action.action === "idle" ? action.time : action.away, this.#chances.actions);
    }
  }

  /** Draws only what differs in a further message to the same receiver: its size, and whether it says who sends it. */
  drawSize(into: Arrival): void {
    const index = this.#actions.findIndex(({ action }) => action === (into.mode ?? "auto"));
    this.#sizes[Math.max(0, index)]!.draw(into);
    into.anonymous = this.#isAnonymous();
  }

  #isAnonymous(): boolean {
    return this.#anonymous > 0 && this.#chances.anonymity.uniform() < this.#anonymous;
  }

  #drawAction(): number {
    let rest = this.#chances.actions.uniform() * this.#weight;
    const last = this.#actions.length - 1;
    for (let index = 0; index < last; index++) {
      rest -= this.#actions[index]!.weight;
      if (rest < 0) return index;
    }
    return last;
  }

  /** The receiver for the sender with number `pick` in its population; never the sender when there is another. */
  #receiverOf(pick: number): number {
    const receivers = this.#receivers;
    if (receivers === undefined) return -1;
    const { first, count } = receivers;
    const isOwn = receivers === this.population;
    if (this.#isRing) return first + (isOwn ? pick + 1 : pick) % count;
    const chance = this.#chances.receivers;
    if (this.#contacts !== undefined) {
      const found = this.#contacts.pick(pick, chance);
      return first + (isOwn && found === pick ? (found + 1) % count : found);
    }
    if (!isOwn || count === 1) return first + chance.integer(count);
    const other = chance.integer(count - 1);
    return first + (other < pick ? other : other + 1);
  }
}

/** A time by its distribution, milliseconds. */
export function drawTime(spread: TimeSpread, chance: Chance): Millis {
  switch (spread.kind) {
    case "constant":
      return spread.value;
    case "uniform":
      return spread.least + chance.uniform() * (spread.most - spread.least);
    case "exponential":
      return chance.exponential(spread.mean);
  }
}
