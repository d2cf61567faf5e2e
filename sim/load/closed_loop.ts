/** A closed phase in one worker: each VU begins its next action when the last one is settled, after its think time. */
import type { Millis } from "../clock/clock.ts";
import { KeyedRandom } from "../clock/keyed_random.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { SettleListener } from "../metrics/attempt.ts";
import type { Agenda, Task } from "./agenda.ts";
import type { Share } from "./clients.ts";
import type { ClosedLoad, Plan, PlannedPhase } from "./plan.ts";
import { type Arrival, drawTime, emptyArrival, Sending } from "./sendings.ts";
import { activeFrom, clientsOfVus, sharedIterations } from "./vus.ts";

/** Streams of the scenario's seed: what VUs do, and how long they think; a phase has its own. */
const STREAMS = { actions: 0x1000, think: 0x2000 } as const;
/** Stands for the VU in the keys of shared iterations. */
const SHARED = 0xffff_ffff;

/** What the VUs of a phase do: looked up by VU and iteration, so that it is the same in whichever worker. */
export class VuActions {
  /** The client of each VU in the whole run. */
  readonly clients: Int32Array;
  readonly #load: ClosedLoad;
  readonly #index: number;
  readonly #random: KeyedRandom;
  readonly #sendings: readonly Sending[];

  /** `index`: of the phase in `plan`. */
  constructor(plan: Plan, scenario: Scenario, index: number) {
    const phase = plan.phases[index]!;
    this.#load = phase.closed!;
    this.#index = index;
    const random = this.#random = new KeyedRandom(plan.seed, STREAMS.actions + index);
    this.#sendings = phase.populations.map((number) => {
      const chances = { actions: random, receivers: random, sizes: random, anonymity: random };
      return new Sending(plan, scenario, number, scenario.populations[number]!.actions, chances);
    });
    this.clients = clientsOfVus(plan, phase);
  }

  /** Writes into `into` what VU number `vu` does in its iteration; a shared one is that of whoever takes it. */
  draw(into: Arrival, vu: number, iteration: number): void {
    this.#random.rekey(this.#load.shared ? SHARED : vu, iteration);
    into.phase = this.#index;
    const client = this.clients[vu]!;
    const sendings = this.#sendings;
    let number = 0;
    while (client >= sendings[number]!.population.first + sendings[number]!.population.count) number++;
    sendings[number]!.draw(into, client - sendings[number]!.population.first);
  }
}

/** Who does what a closed loop asks for. */
export interface ActionStarter {
  /** Starts an action; `listener` is told once when it is settled. The arrival is used again afterwards. */
  start(arrival: Arrival, listener: SettleListener): void;
  /** Milliseconds since the load began, for a moment of the endpoint's clock. */
  loadTime(at: Millis): Millis;
  /** By what rates are multiplied; think times are divided by it. */
  readonly factor: number;
}

/** The VUs of one phase whose clients live in this worker. */
export class ClosedLoop {
  readonly #phase: PlannedPhase;
  readonly #load: ClosedLoad;
  readonly #agenda: Agenda;
  readonly #starter: ActionStarter;
  readonly #actions: VuActions;
  readonly #think: KeyedRandom;
  readonly #arrival: Arrival = emptyArrival();
  readonly #vus: Vu[] = [];
  /** VUs that will act again. */
  #left: number;
  /** Numbers of shared iterations for this worker. */
  #nextIteration: number;
  readonly #endIteration: number;

  /** `index`: of the phase in `plan`. */
  constructor(
    plan: Plan,
    scenario: Scenario,
    index: number,
    share: Share,
    agenda: Agenda,
    starter: ActionStarter,
  ) {
    this.#phase = plan.phases[index]!;
    this.#load = this.#phase.closed!;
    this.#agenda = agenda;
    this.#starter = starter;
    this.#actions = new VuActions(plan, scenario, index);
    this.#think = new KeyedRandom(plan.seed, STREAMS.think + index);
    const { clients } = this.#actions;
    for (const [number, client] of clients.entries()) {
      if (client % share.count === share.index) this.#vus.push(new Vu(this, number));
    }
    this.#left = this.#vus.length;
    const shared = this.#load.shared
      ? sharedIterations(this.#load.iterations, clients, share)
      : { first: 0, count: Infinity };
    this.#nextIteration = shared.first;
    this.#endIteration = shared.first + shared.count;
  }

  /** Puts the first action of each VU on the agenda. */
  begin(): void {
    for (const vu of this.#vus) this.#agenda.add(this.#phase.start, vu);
  }

  /** Whether nothing will begin from `at` on, since the load began. */
  isOver(at: Millis): boolean {
    return this.#left === 0 || at >= this.#phase.start + this.#phase.duration;
  }

  /** From a VU: its moment has come. */
  next(vu: Vu, due: Millis): void {
    const at = due - this.#phase.start;
    const isOver = this.#isDone(vu) || at >= this.#phase.duration;
    const moment = isOver ? Infinity : this.#phase.start + activeFrom(this.#load, vu.number, at);
    if (moment === Infinity) this.#left--;
    // not by times within the phase: the sum may round to `due` where `at` is below, and would come again and again
    else if (moment > due) this.#agenda.add(moment, vu);
    else this.#start(vu, due);
  }

  /** From a VU: its action is settled; `at` on the endpoint's clock. */
  settled(vu: Vu, at: Millis): void {
    this.#think.rekey(vu.number, vu.iteration);
    const pause = drawTime(this.#load.think, this.#think) / Math.max(this.#starter.factor, 1e-9);
    const due = this.#starter.loadTime(at) + pause;
    // who would act after the end of the phase keeps nobody waiting
    if (this.#isDone(vu) || due >= this.#phase.start + this.#phase.duration) this.#left--;
    else this.#agenda.add(due, vu);
  }

  #isDone(vu: Vu): boolean {
    const { shared, iterations } = this.#load;
    return shared ? this.#nextIteration >= this.#endIteration : vu.iteration >= iterations;
  }

  #start(vu: Vu, due: Millis): void {
    const arrival = this.#arrival;
    arrival.at = due;
    arrival.counted = due - this.#phase.start >= this.#phase.countedFrom;
    this.#actions.draw(arrival, vu.number, this.#load.shared ? this.#nextIteration++ : vu.iteration);
    vu.iteration++;
    this.#starter.start(arrival, vu);
  }
}

/** One client that acts: k6's VU. */
class Vu implements Task, SettleListener {
  readonly number: number;
  /** Actions begun. */
  iteration = 0;
  readonly #loop: ClosedLoop;

  constructor(loop: ClosedLoop, number: number) {
    this.#loop = loop;
    this.number = number;
  }

  begin(due: Millis): void {
    this.#loop.next(this, due);
  }

  onSettled(at: Millis): void {
    this.#loop.settled(this, at);
  }
}
