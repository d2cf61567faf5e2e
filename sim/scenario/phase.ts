// deno-lint-ignore-file camelcase -- fields are named as in files
/**
 * Schema of one phase of a run, by k6's executors: open ones start messages at a rate whatever the answers, closed ones
 * let a number of clients (k6's VUs) do one thing after another.
 */
import { z } from "zod";
import { hint } from "../bytes/nearest.ts";
import type { Millis } from "../clock/clock.ts";
import { absence, camelKeys, duration, positiveDuration, rate, show } from "./fields.ts";
import { timeSpreadSchema } from "./time_spread.ts";

const EXECUTORS = [
  "constant-arrival-rate",
  "ramping-arrival-rate",
  "constant-vus",
  "ramping-vus",
  "per-vu-iterations",
  "shared-iterations",
] as const;

/** k6's default of `maxDuration`, in milliseconds. */
export const DEFAULT_MAX_DURATION: Millis = 600_000;

const common = {
  start_time: duration().optional().describe(
    "When it begins, from the beginning of the first phase (k6's startTime): so phases run side by side; default: when the phase before it in the list is over.",
  ),
  populations: z.array(z.string()).min(1).optional().describe(
    "Names of the populations whose clients it lets act; default: all that have messages or actions.",
  ),
  warmup: duration().prefault("0s")
    .describe("What becomes due in the first part of the phase, part of its duration, does not count; default 0s."),
  stir: z.boolean().prefault(false).describe(
    "Nothing of the phase counts: it mixes the population before the measurement (ETSI TS 186 008); default false.",
  ),
};
const open = {
  arrivals: z.enum(["uniform", "poisson"]).prefault("uniform")
    .describe("uniform: evenly spaced; poisson: random gaps around the same rate; default uniform."),
  burst: z.strictObject({
    size: z.int().min(1).prefault(1).describe("Messages that become due at the same moment; default 1."),
    by: z.enum(["any", "one"]).prefault("any").describe(
      "any: each by any client; one: all of a burst by one client to one receiver; default any.",
    ),
  }).prefault({}).describe("Messages come in bursts; the rate stays the same; default: one by one."),
};
const closed = {
  think: timeSpreadSchema.prefault("0s").describe(
    "Pause of a client between the outcome of one action and its next one; default 0s.",
  ),
};
const vus = z.int().min(1).prefault(1).describe("Clients that act, each a VU of k6; default 1.");
const maxDuration = positiveDuration().optional().describe(
  "Nothing is started after it; its length in the sequence of phases; default 10m.",
);

/** Schema of one phase. */
export const phaseSchema = z.discriminatedUnion("executor", [
  z.strictObject({
    executor: z.literal("constant-arrival-rate").describe("Messages start at a constant rate."),
    rate: rate().describe("Messages started per second, by all clients together."),
    duration: positiveDuration().describe("How long."),
    ...open,
    ...common,
  }).transform(camelKeys),
  z.strictObject({
    executor: z.literal("ramping-arrival-rate").describe(
      "Messages start at a rate that changes linearly within each stage.",
    ),
    start: rate().prefault("0/s").describe("Rate at the beginning; default 0/s."),
    stages: z.array(z.strictObject({
      target: rate().describe("Rate at the end of the stage."),
      duration: duration().describe("How long the rate takes to get there; 0s: at once."),
    })).min(1).describe("Stages, one after another."),
    ...open,
    ...common,
  }).transform(camelKeys),
  z.strictObject({
    executor: z.literal("constant-vus").describe("A number of clients act again and again."),
    vus,
    duration: positiveDuration().describe("How long."),
    ...closed,
    ...common,
  }).transform(camelKeys),
  z.strictObject({
    executor: z.literal("ramping-vus").describe("The number of clients that act changes linearly within each stage."),
    start_vus: z.int().min(0).prefault(1).describe("Clients at the beginning; default 1."),
    stages: z.array(z.strictObject({
      target: z.int().min(0).describe("Clients at the end of the stage."),
      duration: duration().describe("How long their number takes to get there; 0s: at once."),
    })).min(1).describe("Stages, one after another."),
    ...closed,
    ...common,
  }).transform(camelKeys),
  z.strictObject({
    executor: z.literal("per-vu-iterations").describe("Each of a number of clients does so many actions."),
    vus,
    iterations: z.int().min(1).prefault(1).describe("Actions of each client; default 1."),
    max_duration: maxDuration,
    ...closed,
    ...common,
  }).transform(camelKeys),
  z.strictObject({
    executor: z.literal("shared-iterations").describe("A number of clients share so many actions; the faster do more."),
    vus,
    iterations: z.int().min(1).prefault(1).describe("Actions of all clients together; default 1."),
    max_duration: maxDuration,
    ...closed,
    ...common,
  }).transform(camelKeys),
], { error: ({ input }) => executorFault(input) }).superRefine((phase, context) => {
  for (const { path, what } of faultsOf(phase)) {
    context.addIssue({ code: "custom", message: what, path, input: phase });
  }
});

/** A phase as resolved: durations in milliseconds, rates per second. */
export type Phase = z.output<typeof phaseSchema>;

/** A phase whose messages start at a rate. */
export type OpenPhase = Extract<Phase, { executor: "constant-arrival-rate" | "ramping-arrival-rate" }>;

/** A phase in which clients do one thing after another. */
export type ClosedPhase = Exclude<Phase, OpenPhase>;

/** Whether messages start at a rate, whatever the answers. */
export function isOpen(phase: Phase): phase is OpenPhase {
  return phase.executor === "constant-arrival-rate" || phase.executor === "ramping-arrival-rate";
}

/** How long a phase takes, at most. */
export function phaseDuration(phase: Phase): Millis {
  switch (phase.executor) {
    case "constant-arrival-rate":
    case "constant-vus":
      return phase.duration;
    case "ramping-arrival-rate":
    case "ramping-vus":
      return phase.stages.reduce((sum, stage) => sum + stage.duration, 0);
    default:
      return phase.maxDuration ?? DEFAULT_MAX_DURATION;
  }
}

/** The most clients that act at one time; 0 for a rate. */
export function mostVus(phase: Phase): number {
  if (isOpen(phase)) return 0;
  return phase.executor === "ramping-vus"
    ? Math.max(phase.startVus, ...phase.stages.map((stage) => stage.target))
    : phase.vus;
}

/** Whether a phase starts nothing at all. */
export function isSilent(phase: Phase): boolean {
  switch (phase.executor) {
    case "constant-arrival-rate":
      return phase.rate === 0;
    case "ramping-arrival-rate":
      return isSilentRamp(phase.start, phase.stages);
    case "ramping-vus":
      return isSilentRamp(phase.startVus, phase.stages);
    default:
      return false;
  }
}

function isSilentRamp(start: number, stages: readonly { target: number; duration: Millis }[]): boolean {
  let from = start;
  return stages.every(({ target, duration }) => {
    const silent = duration === 0 || (from === 0 && target === 0);
    from = target;
    return silent;
  });
}

function faultsOf(phase: Phase): { path: string[]; what: string }[] {
  const length = phaseDuration(phase);
  if (length === 0) return [{ path: ["stages"], what: "must take longer than 0s together" }];
  const faults: { path: string[]; what: string }[] = [];
  if (phase.warmup >= length) {
    faults.push({ path: ["warmup"], what: "must be shorter than the phase, of which it is a part" });
  }
  if (phase.stir && phase.warmup > 0) {
    faults.push({ path: ["warmup"], what: "has no meaning beside stir: nothing of the phase counts" });
  }
  if (phase.executor === "shared-iterations" && phase.iterations < phase.vus) {
    faults.push({
      path: ["iterations"],
      what: `must be at least the number of vus: ${phase.iterations} < ${phase.vus}`,
    });
  }
  return faults;
}

function executorFault(input: unknown): string {
  if (typeof input !== "object" || input === null) {
    return absence(input) ?? `must be a map with an executor: ${show(input)}`;
  }
  const executor = (input as { executor?: unknown }).executor;
  const available = `available: ${EXECUTORS.join(", ")}`;
  if (executor === undefined) return `is required; ${available}`;
  if (executor === "externally-controlled") {
    return `externally-controlled is not available: the agent changes rates of any phase; ${available}`;
  }
  return `is no executor: ${show(executor)}${hint(String(executor), EXECUTORS)}; ${available}`;
}
