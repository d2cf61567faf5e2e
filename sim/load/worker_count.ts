/**
 * How many workers a run gets when nobody says: as few as carry its load, and no more than the machine has cores for.
 *
 * One worker does what one core does. With several, the thread that coordinates them wants a core, the embedded server
 * wants one, and a server on this machine as many as all of us.
 */
import type { Scenario } from "../scenario/scenario.ts";
import { type Demand, demandOf } from "./demand.ts";
import { planOf } from "./plan.ts";
import { placeOf, type TargetPlace } from "./target_address.ts";

/** What a machine gives. */
export interface Surroundings {
  /** Cores this process may use, as `navigator.hardwareConcurrency` says: affinity and quotas of cgroups are in it. */
  readonly cores: number;
  readonly target: TargetPlace;
}

/** How many workers, and why. */
export interface WorkerChoice {
  readonly count: number;
  /** One sentence for people, without a full stop. */
  readonly reason: string;
  /** Why the generator may be the limit; undefined when it should not be. */
  readonly warning?: string;
}

/** Most workers of a run, as `--workers` takes them. */
export const MOST_WORKERS = 64;
/** Share of a core that a worker should take at the peak; beyond `limits.cpu_share`, 0.9 by default, nothing is valid. */
const FILL = 0.6;
/** More clients make collections of garbage long enough to be seen in the schedule lag. */
const MOST_CLIENTS = 500_000;

/**
 * Workers for a scenario in this process; `asked` is taken as it is. Of several agents, `share` tells how many divide the
 * load, and how many of them this machine.
 */
export function workersFor(
  scenario: Scenario,
  asked?: number,
  share: { readonly agents: number; readonly here: number } = { agents: 1, here: 1 },
): WorkerChoice {
  const cores = Math.max(1, Math.floor(navigator.hardwareConcurrency / share.here));
  const whole = demandOf(planOf(scenario), scenario);
  return chooseWorkers(partOf(whole, share.agents), { cores, target: placeOf(scenario.target.uri) }, asked);
}

/** Workers for a load; `asked` is taken as it is. */
export function chooseWorkers(demand: Demand, surroundings: Surroundings, asked?: number): WorkerChoice {
  const needed = neededFor(demand);
  const most = mostWorkers(surroundings);
  const count = asked ?? Math.min(needed, most);
  const warning = warningFor(count, needed, surroundings, asked !== undefined);
  return {
    count,
    reason: asked !== undefined ? "as asked for" : reasonFor(demand, surroundings, needed > most),
    ...(warning === undefined ? {} : { warning }),
  };
}

function partOf({ clients, messages, registrations, cores }: Demand, parts: number): Demand {
  return {
    clients: Math.ceil(clients / parts),
    messages: messages / parts,
    registrations: registrations / parts,
    cores: cores / parts,
  };
}

/** The choice in one line for people. */
export function workersLine({ count, reason }: WorkerChoice): string {
  return `${count} ${count === 1 ? "worker" : "workers"}: ${reason}`;
}

/** The reason as it is kept, with the warning if there is one. */
export function wholeReason({ reason, warning }: WorkerChoice): string {
  return warning === undefined ? reason : `${reason}; ${warning}`;
}

/** Workers that the load asks for, whatever the machine. */
function neededFor({ cores, clients }: Demand): number {
  const needed = Math.max(1, Math.ceil(cores / FILL), Math.ceil(clients / MOST_CLIENTS));
  return Math.min(needed, Math.max(1, clients), MOST_WORKERS);
}

/** Workers that the machine has room for, at least 1. */
function mostWorkers({ cores, target }: Surroundings): number {
  const left = target === "here" ? Math.floor(cores / 2) : target === "embedded" ? cores - 1 : cores;
  return Math.max(1, left - 1);
}

function reasonFor(demand: Demand, surroundings: Surroundings, isCut: boolean): string {
  const { clients, messages, registrations } = demand;
  const load = messages === 0 ? `${inRound(registrations)} registrations/s` : `${inRound(messages)} messages/s`;
  const share = Math.max(0.01, demand.cores).toFixed(2);
  const held = clients > MOST_CLIENTS ? `, ${clients} clients` : "";
  return `${load} at the peak${held}: about ${share} of ${coresText(surroundings)}${isCut ? "; no more fit" : ""}`;
}

function warningFor(
  count: number,
  needed: number,
  surroundings: Surroundings,
  isAsked: boolean,
): string | undefined {
  if (count < needed) {
    return `the load asks for ${needed} workers, and there ${count === 1 ? "is" : "are"} ${count}: ` +
      "the generator may be the limit";
  }
  if (!isAsked || count <= Math.max(1, surroundings.cores)) return undefined;
  return `${count} workers share ${coresText(surroundings)}: they keep each other waiting`;
}

function coresText({ cores, target }: Surroundings): string {
  const place = { embedded: ", the embedded server on one", here: ", half for the server here", elsewhere: "" }[target];
  return `${cores} ${cores === 1 ? "core" : "cores"}${place}`;
}

function inRound(rate: number): string {
  return String(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate));
}
