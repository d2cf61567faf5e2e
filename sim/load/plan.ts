/** The numbers of a run: which clients there are and how many messages start when. */
import type { Millis } from "../clock/clock.ts";
import { isMessageAction } from "../scenario/action.ts";
import { type ClosedPhase, isOpen, mostVus, type OpenPhase, type Phase, phaseDuration } from "../scenario/phase.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { TimeSpread } from "../scenario/time_spread.ts";

/** One population in a run; its clients have the indices `[first, first + count)`. */
export interface PlannedPopulation {
  readonly name: string;
  readonly first: number;
  readonly count: number;
  /** Whether its clients do anything; the others only receive. */
  readonly acts: boolean;
  /** Registrations per second before the phases; 0 when its clients do not register. */
  readonly registrationRate: number;
}

/** A part of a phase in which the rate changes linearly. */
export interface RateSegment {
  /** From the start of the phase. */
  readonly start: Millis;
  readonly duration: Millis;
  /** Messages per second at its beginning. */
  readonly from: number;
  /** Messages per second at its end. */
  readonly to: number;
  /** Messages due before it, by the integral of the rate over the phase; not whole. */
  readonly before: number;
}

/** How messages of an open phase start. */
export interface OpenLoad {
  readonly arrivals: "uniform" | "poisson";
  readonly segments: readonly RateSegment[];
  /** The integral of the rate, messages. */
  readonly integral: number;
  /** Messages started: the integral, rounded. */
  readonly messages: number;
  /** Messages that become due at the same moment. */
  readonly burst: number;
  /** Whether one client sends all of a burst to one receiver. */
  readonly burstByOne: boolean;
  /** Actions besides messages, for each message; they come on top of the rate. */
  readonly others: number;
  /** Whether no population of the phase sends messages: then the rate counts other actions. */
  readonly sendsNothing: boolean;
}

/** A part of a closed phase in which the number of acting clients changes linearly. */
export interface VuSegment {
  /** From the start of the phase. */
  readonly start: Millis;
  readonly duration: Millis;
  /** Acting clients at its beginning. */
  readonly from: number;
  /** Acting clients at its end. */
  readonly to: number;
}

/** How the clients of a closed phase act. */
export interface ClosedLoad {
  /** The most clients that act at one time. */
  readonly vus: number;
  readonly segments: readonly VuSegment[];
  /** Actions of each client, of all together where `shared`; Infinity: until the phase is over. */
  readonly iterations: number;
  readonly shared: boolean;
  readonly think: TimeSpread;
}

/** One phase of a run. */
export interface PlannedPhase {
  readonly executor: Phase["executor"];
  /** From the beginning of the run's load. */
  readonly start: Millis;
  /** At most. */
  readonly duration: Millis;
  /** What becomes due in the first `warmup` of it does not count. */
  readonly warmup: Millis;
  /** From the start of the phase: what becomes due from here on counts; Infinity in a stir phase. */
  readonly countedFrom: Millis;
  /** Indices of the populations whose clients act. */
  readonly populations: readonly number[];
  /** Undefined in a closed phase. */
  readonly open: OpenLoad | undefined;
  /** Undefined in an open phase. */
  readonly closed: ClosedLoad | undefined;
}

/** A scenario in numbers. */
export interface Plan {
  readonly seed: number;
  /** Clients of all populations. */
  readonly clients: number;
  readonly populations: readonly PlannedPopulation[];
  readonly phases: readonly PlannedPhase[];
  /** Until the last phase is over, at most. */
  readonly duration: Millis;
  /** Registration before the phases; populations register at the same time. */
  readonly registration: Millis;
  /**
   * Messages of all open phases and iterations of the closed ones that have a number of them, warm-up included; how many
   * the other closed ones send depends on the server.
   */
  readonly messages: number;
}

/** The plan of a scenario. */
export function planOf(scenario: Scenario): Plan {
  const populations: PlannedPopulation[] = [];
  let clients = 0;
  for (const { name, clients: count, register, actions } of scenario.populations) {
    const registrationRate = register === false ? 0 : register.rate;
    populations.push({ name, first: clients, count, acts: actions.length > 0, registrationRate });
    clients += count;
  }
  const phases: PlannedPhase[] = [];
  let end = 0;
  for (const phase of scenario.phases) {
    const planned = planPhase(phase, phase.startTime ?? end, scenario);
    phases.push(planned);
    end = planned.start + planned.duration;
  }
  const registering = populations.filter((population) => population.registrationRate > 0);
  return {
    seed: scenario.seed,
    clients,
    populations,
    phases,
    duration: Math.max(...phases.map(({ start, duration }) => start + duration)),
    registration: Math.max(0, ...registering.map(({ count, registrationRate }) => (count / registrationRate) * 1000)),
    messages: phases.reduce((sum, phase) => sum + messagesOf(phase), 0),
  };
}

/** The population which a client of the whole run belongs to. */
export function populationOf(plan: Plan, client: number): PlannedPopulation {
  const found = plan.populations.findLast((population) => client >= population.first);
  if (found === undefined || client >= plan.clients) {
    throw new RangeError(`Cannot find client ${client}: there are ${plan.clients}`);
  }
  return found;
}

/** Messages of a phase, or its iterations; 0 where only the answers decide. */
export function messagesOf({ open, closed }: PlannedPhase): number {
  if (open !== undefined) return open.messages;
  const { iterations, shared, vus } = closed!;
  if (iterations === Infinity) return 0;
  return shared ? iterations : iterations * vus;
}

/** Milliseconds in which what becomes due in some phase counts. */
export function countedDuration({ phases }: Plan): Millis {
  const spans = phases.map(({ start, countedFrom, duration }) => ({ from: start + countedFrom, to: start + duration }));
  let [sum, until] = [0, 0];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}

/** Whether every phase takes as long as planned: none ends when its clients have done so many actions. */
export function hasFixedLength({ phases }: Plan): boolean {
  return phases.every(({ closed }) => closed === undefined || closed.iterations === Infinity);
}

function planPhase(phase: Phase, start: Millis, scenario: Scenario): PlannedPhase {
  const duration = phaseDuration(phase);
  const populations = [...scenario.populations.keys()].filter((index) => {
    const { name, actions } = scenario.populations[index]!;
    return actions.length > 0 && (phase.populations?.includes(name) ?? true);
  });
  return {
    executor: phase.executor,
    start,
    duration,
    warmup: phase.stir ? duration : phase.warmup,
    countedFrom: phase.stir ? Infinity : phase.warmup,
    populations,
    open: isOpen(phase) ? openLoad(phase, populations, scenario) : undefined,
    closed: isOpen(phase) ? undefined : closedLoad(phase, duration),
  };
}

function openLoad(phase: OpenPhase, populations: readonly number[], scenario: Scenario): OpenLoad {
  const stages = phase.executor === "constant-arrival-rate"
    ? [{ from: phase.rate, to: phase.rate, duration: phase.duration }]
    : phase.stages.map(({ target, duration }, index) => ({
      from: phase.stages[index - 1]?.target ?? phase.start,
      to: target,
      duration,
    }));
  const segments: RateSegment[] = [];
  let offset = 0;
  let integral = 0;
  for (const { from, to, duration } of stages) {
    segments.push({ start: offset, duration, from, to, before: integral });
    offset += duration;
    integral += ((from + to) / 2) * (duration / 1000);
  }
  return {
    arrivals: phase.arrivals,
    segments,
    integral,
    messages: Math.round(integral),
    burst: phase.burst.size,
    burstByOne: phase.burst.by === "one",
    others: othersOf(populations, scenario),
    sendsNothing: populations.every((index) => !scenario.populations[index]!.actions.some(isMessageAction)),
  };
}

/** Actions besides messages for each message of these populations; 0 where none of them sends messages. */
function othersOf(populations: readonly number[], scenario: Scenario): number {
  const acting = populations.map((index) => scenario.populations[index]!);
  const clients = acting.reduce((sum, population) => sum + population.clients, 0);
  return acting.reduce((sum, population) => sum + (population.clients / clients) * othersFor(population.actions), 0);
}

/** As `othersOf`, of one population by its actions. */
export function othersFor(actions: Scenario["populations"][number]["actions"]): number {
  const weightOf = (messages: boolean): number =>
    actions.reduce((sum, action) => sum + (isMessageAction(action) === messages ? action.weight : 0), 0);
  const messages = weightOf(true);
  return messages === 0 ? 0 : weightOf(false) / messages;
}

function closedLoad(phase: ClosedPhase, duration: Millis): ClosedLoad {
  const vus = mostVus(phase);
  let start = 0;
  let from = phase.executor === "ramping-vus" ? phase.startVus : vus;
  const stages = phase.executor === "ramping-vus" ? phase.stages : [{ target: vus, duration }];
  const segments = stages.map((stage): VuSegment => {
    const segment = { start, duration: stage.duration, from, to: stage.target };
    start += stage.duration;
    from = stage.target;
    return segment;
  });
  return {
    vus,
    segments,
    iterations: "iterations" in phase ? phase.iterations : Infinity,
    shared: phase.executor === "shared-iterations",
    think: phase.think,
  };
}
