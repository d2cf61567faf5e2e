/** What a run would do, before it does it: for `imstorm explain`. */
import type { Millis } from "../clock/clock.ts";
import type { Mode } from "../im/mode.ts";
import type { Phase } from "../scenario/phase.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { type Amount, LoadSample, type SizeRow } from "./load_sample.ts";
import { cycleOf, peakRateOf } from "./peak_rate.ts";
import { messagesOf, type Plan, type PlannedPhase, planOf } from "./plan.ts";
import { countOfSources } from "./sources.ts";
import type { WorkerChoice } from "./worker_count.ts";

/** What is not in the scenario and still decides what happens. */
export interface ExplanationOptions {
  /** Octets of a typical MESSAGE besides its content. */
  readonly overhead: number;
  /** Workers the run would use, and why; one by default. */
  readonly workers?: WorkerChoice;
  /** Messages looked at for sizes and modes, from the first on; a million by default. */
  readonly sample?: number;
}

/** A stretch of time in which the rate of a phase, or the number of its clients, changes linearly. */
export interface LoadRow {
  /** Index of the phase. */
  readonly phase: number;
  /** From the beginning of the load. */
  readonly at: Millis;
  readonly duration: Millis;
  /** Messages per second where `isRate`, else acting clients, at its beginning and its end. */
  readonly from: number;
  readonly to: number;
  readonly isRate: boolean;
  /** Messages per second, on average; an estimate where not `isRate`. */
  readonly rate: number;
}

/** One phase in numbers. */
export interface PhaseRow {
  readonly executor: Phase["executor"];
  readonly start: Millis;
  readonly duration: Millis;
  /** Of a phase with a rate. */
  readonly arrivals: "uniform" | "poisson" | undefined;
  readonly burst: number;
  /** The most clients that act; 0 with a rate. */
  readonly vus: number;
  /** Messages, or iterations of clients. */
  readonly messages: number;
  /** Whether the server decides how many: then an estimate. */
  readonly isEstimate: boolean;
  /** Messages of its warm-up, which do not count, of those looked at; Infinity: none counts. */
  readonly uncounted: number;
}

/** What a run would do. Exact but for the fields named estimates. */
export interface Explanation {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly loads: readonly LoadRow[];
  readonly phases: readonly PhaseRow[];
  /** The sampled messages by mode; the overhead is an estimate, so those near the threshold may change sides. */
  readonly modes: Readonly<Record<Mode, Amount>>;
  readonly sizes: readonly SizeRow[];
  /** Actions that are no messages, by name, and replies, which wait for a message. */
  readonly actions: Readonly<Record<string, number>>;
  /** Messages of all phases, partly an estimate where clients act again and again. */
  readonly messages: number;
  /** Whether only the first messages were looked at. */
  readonly isCut: boolean;
  /** Messages which `modes` and `sizes` were made from. */
  readonly sampled: number;
  /** Highest rate, messages per second. */
  readonly peakRate: number;
  /** Estimate: packets sent and received per second at the highest rate. */
  readonly peakPackets: number;
  /** Estimate: local ports in use at one time. */
  readonly ports: { readonly udp: number; readonly tcp: number };
  readonly workers: WorkerChoice;
  /** Registration, phases and the longest hold of a session, without the wait for the last outcomes. */
  readonly duration: Millis;
}

const SAMPLE = 1_000_000;

/** What a scenario would do. */
export function explain(scenario: Scenario, options: ExplanationOptions): Explanation {
  const plan = planOf(scenario);
  const { workers = { count: 1, reason: "default" }, sample: limit = SAMPLE, overhead } = options;
  const counts = plan.phases.map((phase) => Math.round(countOf(phase)));
  const messages = counts.reduce((sum, count) => sum + count, 0);
  const sample = new LoadSample(plan, scenario, overhead);
  sample.takeOpen(limit);
  for (const [index, { closed }] of plan.phases.entries()) {
    if (closed !== undefined) sample.takeClosed(index, Math.min(counts[index]!, limit - sample.sampled));
  }
  const loads = plan.phases.flatMap(loadRows);
  const peakRate = peakRateOf(plan);
  const perMessage = peakRate / Math.max(1, sample.sampled);
  const overTcp = scenario.populations.some(({ transport }) => transport === "tcp");
  const connections = Math.min(sample.connectionEnds, Math.ceil(sample.connectionTime * (perMessage / 1000)));
  const { modes, actions, sampled } = sample;
  const sources = countOfSources(scenario, workers.count);
  return {
    scenario,
    plan,
    loads,
    phases: plan.phases.map((phase, index) => phaseRow(phase, counts[index]!, sample.uncounted[index]!)),
    modes,
    sizes: sample.sizes(),
    actions,
    messages,
    sampled,
    isCut: sampled >= limit,
    peakRate,
    peakPackets: Math.ceil(sample.packets * perMessage),
    // each worker has one UDP port, listens on TCP for SIP and for MSRP, and keeps a connection to the target; each source
    // has a port of both
    ports: { udp: workers.count + sources, tcp: workers.count * (overTcp ? 3 : 2) + sources + connections },
    workers,
    duration: plan.registration + plan.duration + sample.longestHold,
  };
}

function phaseRow(phase: PlannedPhase, messages: number, uncounted: number): PhaseRow {
  const { executor, start, duration, open, closed, countedFrom } = phase;
  return {
    executor,
    start,
    duration,
    arrivals: open?.arrivals,
    burst: open?.burst ?? 1,
    vus: closed?.vus ?? 0,
    messages,
    isEstimate: closed?.iterations === Infinity,
    uncounted: countedFrom === Infinity ? Infinity : uncounted,
  };
}

/** Messages of a phase, or as many as its clients can send when they get quick answers. */
function countOf(phase: PlannedPhase): number {
  if (phase.closed?.iterations !== Infinity) return messagesOf(phase);
  const cycle = cycleOf(phase);
  return phase.closed.segments.reduce((sum, { duration, from, to }) => sum + ((from + to) / 2) * (duration / cycle), 0);
}

function loadRows(phase: PlannedPhase, index: number): LoadRow[] {
  const { open, closed } = phase;
  const isRate = open !== undefined;
  const perClient = isRate ? 1 : 1000 / cycleOf(phase);
  return (open?.segments ?? closed!.segments).filter(({ duration }) => duration > 0).map((segment) => {
    const { start, duration, from, to } = segment;
    return { phase: index, at: phase.start + start, duration, from, to, isRate, rate: ((from + to) / 2) * perClient };
  });
}
