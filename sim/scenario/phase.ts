/** Schema of one phase of a run: k6's open executors, which start messages at a rate whatever the answers. */
import { z } from "zod";
import type { Millis } from "../clock/clock.ts";
import { absence, duration, positiveDuration, rate, show } from "./fields.ts";

const EXECUTORS = ["constant-arrival-rate", "ramping-arrival-rate"];
const OTHER_EXECUTORS = [
  "shared-iterations",
  "per-vu-iterations",
  "constant-vus",
  "ramping-vus",
  "externally-controlled",
];

const arrivals = z.enum(["uniform", "poisson"]).prefault("uniform")
  .describe("uniform: evenly spaced; poisson: random gaps around the same rate; default uniform.");
const warmup = duration().prefault("0s")
  .describe("Messages of the first part of the phase, part of its duration, do not count in results; default 0s.");

/** Schema of one phase. */
export const phaseSchema = z.discriminatedUnion("executor", [
  z.strictObject({
    executor: z.literal("constant-arrival-rate").describe("Messages start at a constant rate."),
    rate: rate().describe("Messages started per second, by all clients together."),
    duration: positiveDuration().describe("How long."),
    arrivals,
    warmup,
  }),
  z.strictObject({
    executor: z.literal("ramping-arrival-rate").describe(
      "Messages start at a rate that changes linearly within each stage.",
    ),
    start: rate().prefault("0/s").describe("Rate at the beginning; default 0/s."),
    stages: z.array(z.strictObject({
      target: rate().describe("Rate at the end of the stage."),
      duration: duration().describe("How long the rate takes to get there; 0s: at once."),
    })).min(1).describe("Stages, one after another."),
    arrivals,
    warmup,
  }),
], { error: ({ input }) => executorFault(input) }).superRefine((phase, context) => {
  const length = phaseDuration(phase);
  const add = (path: string[], message: string) => context.addIssue({ code: "custom", message, path, input: phase });
  if (length === 0) {
    if (phase.executor === "ramping-arrival-rate") add(["stages"], "must take longer than 0s together");
  } else if (phase.warmup >= length) add(["warmup"], "must be shorter than the phase, of which it is a part");
});

/** A phase as resolved: durations in milliseconds, rates per second. */
export type Phase = z.output<typeof phaseSchema>;

/** How long a phase takes. */
export function phaseDuration(phase: Phase): Millis {
  if (phase.executor === "constant-arrival-rate") return phase.duration;
  return phase.stages.reduce((sum, stage) => sum + stage.duration, 0);
}

/** Whether a phase starts no message at all. */
export function isSilent(phase: Phase): boolean {
  if (phase.executor === "constant-arrival-rate") return phase.rate === 0;
  let from = phase.start;
  return phase.stages.every(({ target, duration }) => {
    const silent = duration === 0 || (from === 0 && target === 0);
    from = target;
    return silent;
  });
}

function executorFault(input: unknown): string {
  if (typeof input !== "object" || input === null) {
    return absence(input) ?? `must be a map with an executor: ${show(input)}`;
  }
  const executor = (input as { executor?: unknown }).executor;
  const available = `available: ${EXECUTORS.join(", ")}`;
  if (executor === undefined) return `is required; ${available}`;
  return OTHER_EXECUTORS.includes(String(executor))
    ? `${String(executor)} is not available yet; ${available}`
    : `is no executor: ${show(executor)}; ${available}`;
}
