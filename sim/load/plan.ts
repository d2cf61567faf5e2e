/** The numbers of a run: which clients there are and how many messages start when. */
import type { Millis } from "../clock/clock.ts";
import { type Phase, phaseDuration } from "../scenario/phase.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** One population in a run; its clients have the indices `[first, first + count)`. */
export interface PlannedPopulation {
  readonly name: string;
  readonly first: number;
  readonly count: number;
  /** Whether its clients start messages; the others only receive. */
  readonly sends: boolean;
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

/** One phase of a run. */
export interface PlannedPhase {
  /** From the start of the first phase. */
  readonly start: Millis;
  readonly duration: Millis;
  /** Messages due in the first `warmup` of it do not count. */
  readonly warmup: Millis;
  readonly arrivals: "uniform" | "poisson";
  readonly segments: readonly RateSegment[];
  /** The integral of the rate, messages. */
  readonly integral: number;
  /** Messages started: the integral, rounded. */
  readonly messages: number;
}

/** A scenario in numbers. */
export interface Plan {
  readonly seed: number;
  /** Clients of all populations. */
  readonly clients: number;
  readonly populations: readonly PlannedPopulation[];
  readonly phases: readonly PlannedPhase[];
  /** All phases together. */
  readonly duration: Millis;
  /** Registration before the phases; populations register at the same time. */
  readonly registration: Millis;
  /** Messages of all phases, warm-up included. */
  readonly messages: number;
}

/** The plan of a scenario. */
export function planOf(scenario: Scenario): Plan {
  const populations: PlannedPopulation[] = [];
  let clients = 0;
  for (const { name, clients: count, register, messages } of scenario.populations) {
    const registrationRate = register === false ? 0 : register.rate;
    populations.push({ name, first: clients, count, sends: messages !== undefined, registrationRate });
    clients += count;
  }
  const phases: PlannedPhase[] = [];
  let duration = 0;
  for (const phase of scenario.phases) {
    const planned = planPhase(phase, duration);
    phases.push(planned);
    duration += planned.duration;
  }
  const registering = populations.filter((population) => population.registrationRate > 0);
  return {
    seed: scenario.seed,
    clients,
    populations,
    phases,
    duration,
    registration: Math.max(0, ...registering.map(({ count, registrationRate }) => (count / registrationRate) * 1000)),
    messages: phases.reduce((sum, phase) => sum + phase.messages, 0),
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

function planPhase(phase: Phase, start: Millis): PlannedPhase {
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
    start,
    duration: phaseDuration(phase),
    warmup: phase.warmup,
    arrivals: phase.arrivals,
    segments,
    integral,
    messages: Math.round(integral),
  };
}
