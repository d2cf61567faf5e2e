/** How much processor time the clients of a run will take: an estimate, made before it. */
import type { Scenario } from "../scenario/scenario.ts";
import { LoadSample, TYPICAL_OVERHEAD } from "./load_sample.ts";
import { peakRateOf } from "./peak_rate.ts";
import type { Plan } from "./plan.ts";

/**
 * Microseconds of a core: `sim/bench/README.md` has what was measured. These are rather too high: a worker too many costs
 * little, and one too few makes the generator the limit.
 */
const COST = {
  /** One end of a MESSAGE transaction. */
  pager: 50,
  /** One end of a session, INVITE to BYE, with its MSRP message. */
  large: 800,
  /** One end of a KiB of a large message. */
  largeKibibyte: 10,
  /** One end of a refresh. */
  refresh: 80,
  /** A REGISTER transaction. */
  registration: 80,
} as const;
/** Messages looked at for their sizes and modes. */
const SAMPLE = 20_000;

/** What a run asks of the processors. */
export interface Demand {
  readonly clients: number;
  /** Messages a second at the peak; an estimate where phases are closed. */
  readonly messages: number;
  /** Registrations a second at most: before the phases, or refreshes in them. */
  readonly registrations: number;
  /** Cores that the clients keep busy at the peak. */
  readonly cores: number;
}

/** What all clients of a scenario ask for together. */
export function demandOf(plan: Plan, scenario: Scenario): Demand {
  const sample = new LoadSample(plan, scenario, TYPICAL_OVERHEAD);
  sample.takeOpen(SAMPLE);
  for (const [index, { closed }] of plan.phases.entries()) {
    if (closed !== undefined) sample.takeClosed(index, Math.min(closed.vus * 10, SAMPLE));
  }
  const { ends, largeOctets, refreshes, sampled } = sample;
  const micros = ends.pager * COST.pager + ends.large * COST.large + (largeOctets / 1024) * COST.largeKibibyte +
    refreshes * COST.refresh;
  const messages = peakRateOf(plan);
  const refreshed = refreshRateOf(scenario);
  const preamble = plan.populations.reduce((sum, { registrationRate }) => sum + registrationRate, 0);
  const load = messages * (micros / Math.max(1, sampled)) + refreshed * COST.registration;
  return {
    clients: plan.clients,
    messages,
    registrations: Math.max(preamble, refreshed),
    cores: Math.max(load, preamble * COST.registration) / 1e6,
  };
}

/** Refreshes of bindings a second, all clients bound: half of their time, or 600 s before its end. */
function refreshRateOf({ populations }: Scenario): number {
  return populations.reduce((sum, { clients, register }) => {
    if (register === false || !register.refresh) return sum;
    const seconds = register.expires / 1000;
    return sum + clients / Math.max(1, seconds > 1200 ? seconds - 600 : seconds / 2);
  }, 0);
}
