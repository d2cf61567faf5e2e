import { assertEquals, assertThrows } from "@std/assert";
import { defineScenario } from "../scenario/read.ts";
import type { Scenario, ScenarioInput } from "../scenario/scenario.ts";
import { countedDuration, hasFixedLength, messagesOf, planOf, populationOf } from "./plan.ts";

function scenario(phases: ScenarioInput["phases"]): Scenario {
  return defineScenario({
    name: "plan",
    seed: 3,
    target: { uri: "embedded" },
    populations: [
      { name: "a", clients: 100, register: { rate: "20/s" }, messages: { size: 10 } },
      { name: "b", clients: 50, register: { rate: "5/s" } },
      { name: "c", clients: 7, register: false },
    ],
    phases,
  });
}

const CONSTANT = { executor: "constant-arrival-rate", rate: "200/s", duration: "2m", warmup: "10s" } as const;

Deno.test("planOf numbers the clients of all populations through", () => {
  const plan = planOf(scenario([CONSTANT]));
  assertEquals(plan.clients, 157);
  assertEquals(plan.populations, [
    { name: "a", first: 0, count: 100, acts: true, registrationRate: 20 },
    { name: "b", first: 100, count: 50, acts: false, registrationRate: 5 },
    { name: "c", first: 150, count: 7, acts: false, registrationRate: 0 },
  ]);
  assertEquals([0, 99, 100, 156].map((client) => populationOf(plan, client).name), ["a", "a", "b", "c"]);
  assertThrows(() => populationOf(plan, 157), RangeError, "157");
});

Deno.test("planOf takes as long to register as the slowest population", () => {
  assertEquals(planOf(scenario([CONSTANT])).registration, 10_000);
});

Deno.test("planOf counts rate times duration, and the integral of a ramp", () => {
  const ramp: ScenarioInput["phases"][number] = {
    executor: "ramping-arrival-rate",
    start: "200/s",
    stages: [{ target: "1000/s", duration: "1m" }, { target: "500/s", duration: "0s" }, {
      target: "0/s",
      duration: "30s",
    }],
  };
  const plan = planOf(scenario([CONSTANT, ramp]));
  assertEquals(plan.phases.map(messagesOf), [24_000, 36_000 + 7500]);
  assertEquals(plan.phases.map(({ start }) => start), [0, 120_000]);
  assertEquals(plan.phases.map(({ duration }) => duration), [120_000, 90_000]);
  assertEquals(plan.phases.map(({ warmup }) => warmup), [10_000, 0]);
  assertEquals(plan.messages, 67_500);
  assertEquals(plan.duration, 210_000);
  assertEquals(plan.phases[1]!.open!.segments, [
    { start: 0, duration: 60_000, from: 200, to: 1000, before: 0 },
    { start: 60_000, duration: 0, from: 1000, to: 500, before: 36_000 },
    { start: 60_000, duration: 30_000, from: 500, to: 0, before: 36_000 },
  ]);
});

Deno.test("planOf rounds a phase to whole messages", () => {
  const phase = (rate: `${number}/${"s" | "m"}`) => planOf(scenario([{ ...CONSTANT, rate, duration: "11s" }])).messages;
  assertEquals(phase("1/s"), 11);
  assertEquals(phase("0.1/s"), 1);
  assertEquals(phase("1/m"), 0);
});

Deno.test("phases follow one another unless they say when they begin", () => {
  const side = { ...CONSTANT, duration: "20s", warmup: "0s", start_time: "5s" } as const;
  const plan = planOf(scenario([CONSTANT, side, { ...CONSTANT, warmup: "0s", duration: "10s" }]));
  assertEquals(plan.phases.map(({ start }) => start), [0, 5000, 25_000]);
  assertEquals(plan.duration, 120_000);
});

Deno.test("what counts is the time in which some phase counts", () => {
  const phase = { executor: "constant-arrival-rate", rate: "1/s", duration: "10s" } as const;
  const counted = (...phases: ScenarioInput["phases"]): number => countedDuration(planOf(scenario(phases)));
  assertEquals(counted({ ...phase, warmup: "4s" }, phase), 16_000);
  assertEquals(counted({ ...phase, stir: true }, phase), 10_000);
  assertEquals(counted({ ...phase, warmup: "4s" }, { ...phase, start_time: "6s" }), 12_000);
  assertEquals(counted({ ...phase, stir: true }, { ...phase, start_time: "2s", duration: "3s" }), 3000);
});

Deno.test("phases of clients count their iterations, and nothing where the server decides", () => {
  const vus = { executor: "per-vu-iterations", vus: 5, iterations: 7, max_duration: "30s" } as const;
  const shared = { ...vus, executor: "shared-iterations" } as const;
  const plan = planOf(scenario([vus, shared, { executor: "constant-vus", vus: 5, duration: "10s" }]));
  assertEquals(plan.phases.map(messagesOf), [35, 7, 0]);
  assertEquals(plan.phases.map(({ start }) => start), [0, 30_000, 60_000]);
  assertEquals(hasFixedLength(plan), false);
  assertEquals(hasFixedLength(planOf(scenario([CONSTANT]))), true);
});
