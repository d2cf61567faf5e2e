/**
 * Resident memory of a run's process, by its own gauge, with the server in another process.
 *
 * Idle phases follow the phases of load. Where growth is in question, T1 = 100 ms ends every transaction in them, 6.4 s
 * after its answer, and V8 is told to collect often and early: what it keeps of garbage would take most of the figure,
 * and as much of it as V8 pleases (45 MiB between two equal runs). A leak would not go away.
 */
import type { Snapshot } from "../metrics/snapshot.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { runAgainstTarget, type UdpImplementation } from "./imstorm.ts";

/** What registered clients cost. */
export interface RegisteredMemory {
  readonly clients: number;
  /** Octets with all of them, highest of the run. */
  readonly peak: number;
  /** Octets with one, highest of the run. */
  readonly peakOfOne: number;
  /** Octets with all of them, at rest after the load. */
  readonly rest: number;
  /** Octets with one, at rest. */
  readonly restOfOne: number;
}

/** Whether memory grows with the messages that have been sent. */
export interface GrowthMemory {
  readonly messagesBefore: number;
  readonly messagesAfter: number;
  /** Octets at rest after the first part. */
  readonly before: number;
  /** Octets at rest after the second part. */
  readonly after: number;
  /** Octets, highest under load in each part. */
  readonly peakBefore: number;
  readonly peakAfter: number;
}

/** Lengths of phases in seconds, and sizes. */
export interface MemoryPlan {
  /** Clients that register. */
  readonly clients: number;
  /** Registrations a second. */
  readonly registrationRate: number;
  /** Messages a second while memory grows or does not. */
  readonly rate: number;
  readonly firstSeconds: number;
  readonly secondSeconds: number;
  /** Without messages, before memory is read. */
  readonly restSeconds: number;
  /** The same with registered clients alone. */
  readonly registeredRestSeconds: number;
}

/** A young generation of 1 MiB instead of 16, and idle collections after 1 s instead of 8. */
const COLLECT_EARLY = { DENO_V8_FLAGS: "--max-semi-space-size=1,--gc-memory-reducer-start-delay-ms=1000" };
const DOMAIN = "ims.test";
/** At rest: the last seconds of an idle phase. */
const REST_SNAPSHOTS = 5;

type Phases = ScenarioInput["phases"];

function phase(rate: number, seconds: number): Phases[number] {
  return { executor: "constant-arrival-rate", rate: `${rate}/s`, duration: `${seconds}s` };
}

/** Clients that register, send a little and rest; the last phase tells the end of the rest from the end of the run. */
export function registeredScenario(target: string, clients: number, plan: MemoryPlan): ScenarioInput {
  return {
    ...base("memory-registered", target),
    populations: [
      {
        name: "clients",
        clients,
        user: "user{n}",
        register: { rate: `${plan.registrationRate}/s` },
        unregister: false,
        messages: { size: 140, to: { population: "receivers" } },
      },
      { name: "receivers", clients: 1, user: "receiver", unregister: false },
    ],
    phases: [phase(100, 10), phase(0, plan.registeredRestSeconds), phase(1, 1)],
  };
}

/** 1000 clients that send, rest, send the rest, and rest again. */
export function growthScenario(target: string, plan: MemoryPlan): ScenarioInput {
  const { rate, firstSeconds, secondSeconds, restSeconds } = plan;
  return {
    ...base("memory-growth", target),
    timers: { t1: "100ms" },
    populations: [
      { name: "clients", clients: 1000, user: "user{n}", unregister: false, messages: { size: 140 } },
    ],
    phases: [
      phase(rate, firstSeconds),
      phase(0, restSeconds),
      phase(rate, secondSeconds),
      phase(0, restSeconds),
      phase(1, 1),
    ],
  };
}

function base(name: string, target: string): Pick<ScenarioInput, "name" | "target"> {
  return { name, target: { uri: `sip:${target};transport=udp`, domain: DOMAIN } };
}

/** The highest resident memory in a phase, or up to its end. */
export function peakOf(snapshots: readonly Snapshot[], phaseIndex: number, since = phaseIndex): number {
  const within = snapshots.filter(({ gauges }) => {
    const at = gauges["load.phase"] ?? -1;
    return at >= since && at <= phaseIndex;
  });
  return Math.max(...within.map(memoryOf));
}

/** The resident memory at the end of an idle phase: the least of its last seconds. */
export function restOf(snapshots: readonly Snapshot[], phaseIndex: number): number {
  const within = snapshots.filter(({ gauges }) => gauges["load.phase"] === phaseIndex);
  if (within.length < REST_SNAPSHOTS) throw new Error(`Cannot read the memory of phase ${phaseIndex}: it is too short`);
  return Math.min(...within.slice(-REST_SNAPSHOTS).map(memoryOf));
}

function memoryOf({ gauges }: Snapshot): number {
  return gauges["generator.memory"] ?? NaN;
}

/** Measures what registered clients cost, against one. */
export async function measureRegistered(
  plan: MemoryPlan,
  implementation: UdpImplementation,
): Promise<RegisteredMemory> {
  const measured = [];
  for (const clients of [1, plan.clients]) {
    const { summary, snapshots } = await runAgainstTarget(
      (target) => registeredScenario(target, clients, plan),
      implementation,
    );
    if (summary.clients.registered !== clients + 1) {
      throw new Error(`Cannot measure: ${summary.clients.registered} of ${clients + 1} clients registered`);
    }
    measured.push({ peak: peakOf(snapshots, 1, 0), rest: restOf(snapshots, 1) });
  }
  const [one, all] = measured;
  return { clients: plan.clients, peak: all!.peak, peakOfOne: one!.peak, rest: all!.rest, restOfOne: one!.rest };
}

/** Measures one run at rest after its first messages and after all. */
export async function measureGrowth(plan: MemoryPlan, implementation: UdpImplementation): Promise<GrowthMemory> {
  const { summary, snapshots } = await runAgainstTarget(
    (target) => growthScenario(target, plan),
    implementation,
    COLLECT_EARLY,
  );
  const messagesBefore = plan.rate * plan.firstSeconds;
  const messagesAfter = messagesBefore + plan.rate * plan.secondSeconds;
  if (summary.messages.delivered < messagesAfter) {
    throw new Error(`Cannot measure: ${summary.messages.delivered} of ${messagesAfter} messages were delivered`);
  }
  return {
    messagesBefore,
    messagesAfter,
    before: restOf(snapshots, 1),
    after: restOf(snapshots, 3),
    peakBefore: peakOf(snapshots, 0),
    peakAfter: peakOf(snapshots, 2),
  };
}
