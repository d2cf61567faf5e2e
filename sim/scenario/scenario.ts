/** Schema and type of a scenario: what a run does, as a file says it and as resolved with every default. */
import { z } from "zod";
import { absence, camelKeys, duration, positiveDuration, share, show } from "./fields.ts";
import { phaseSchema } from "./phase.ts";
import { type Population, populationSchema } from "./population.ts";
import { targetSchema, targetTransport } from "./target.ts";
import { thresholdSchema } from "./threshold.ts";
import { validitySchema } from "./validity.ts";

const limitsSchema = z.strictObject({
  schedule_lag_p99: positiveDuration().prefault("50ms")
    .describe("Largest p99 of the lag between due and sent for a valid measurement; default 50ms."),
  cpu_share: share().prefault(0.9).describe(
    "Largest share of a core a worker may use for a valid measurement; default 0.9.",
  ),
  in_flight: z.int().min(1).prefault(100_000)
    .describe("Most messages whose fate is open at one time, of all workers; default 100000."),
  in_flight_policy: z.enum(["drop", "queue"]).prefault("drop").describe(
    "Arrivals beyond in_flight are dropped and counted, or wait for room, their latency counting from the intended instant; default drop.",
  ),
  lost_grace: positiveDuration().prefault("5s").describe(
    "An accepted message that has not arrived after it is lost; default 5s.",
  ),
  drain: duration().prefault("40s").describe(
    "Longest wait for outcomes after the last phase and the longest hold; default 40s.",
  ),
  validity: validitySchema.prefault({}).describe("Further limits within which a measurement is valid."),
}).transform(camelKeys);

const timersSchema = z.strictObject({
  t1: positiveDuration().optional().describe(
    "T1, the round-trip estimate (RFC 3261 §17.1.1.1); default 500ms. For tests.",
  ),
});

const scenarioInput = z.strictObject({
  $schema: z.string().optional().describe("Schema for editors; ignored."),
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, {
    error: ({ input }) =>
      absence(input) ?? `must be letters, digits, - and _ (it names the results folder): ${show(input)}`,
  }).describe("Name of the scenario and of its results folders."),
  description: z.string().prefault("").describe("What it is for, in a sentence."),
  seed: z.int().min(0).max(2 ** 32 - 1).prefault(1).describe(
    "Same seed, same messages at the same moments; default 1.",
  ),
  target: targetSchema.describe("The server under test."),
  profile: z.enum(["seed", "oma-v1", "cpm"]).prefault("seed").describe("Feature tags and header values; default seed."),
  populations: z.array(populationSchema).min(1).describe("The clients."),
  phases: z.array(phaseSchema).min(1).describe(
    "What happens when: one phase after another, or side by side by start_time.",
  ),
  thresholds: z.array(thresholdSchema).prefault([])
    .describe("Conditions which decide whether the run passes, such as pager_accept.p99 < 50ms."),
  limits: limitsSchema.prefault({}).describe("When the measurement is no longer valid, and how long to wait."),
  timers: timersSchema.prefault({}).describe("SIP timers that differ from the standard's."),
});

/** Schema of a scenario, without the checks of one part against another: `contradictions.ts` has those. */
export const scenarioSchema = scenarioInput.transform(({ $schema: _, ...scenario }) => {
  const asked = targetTransport(scenario.target.uri) === "tcp" ? "tcp" : "udp";
  const populations: Population[] = scenario.populations.map((population) => ({
    ...population,
    transport: population.transport ?? asked,
  }));
  return { ...scenario, populations };
});

/** A scenario as a file or a program writes it: quantities with units, defaults left out. */
export type ScenarioInput = z.input<typeof scenarioSchema>;

/** A scenario as resolved: durations in milliseconds, rates per second, sizes in bytes, every default filled in. */
export type Scenario = z.output<typeof scenarioSchema>;
