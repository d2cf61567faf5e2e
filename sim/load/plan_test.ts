import { assertEquals, assertThrows } from "@std/assert";
import { defineScenario } from "../scenario/read.ts";
import type { Scenario, ScenarioInput } from "../scenario/scenario.ts";
import { planOf, populationOf } from "./plan.ts";

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
    { name: "a", first: 0, count: 100, sends: true, registrationRate: 20 },
    { name: "b", first: 100, count: 50, sends: false, registrationRate: 5 },
    { name: "c", first: 150, count: 7, sends: false, registrationRate: 0 },
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
  assertEquals(plan.phases.map(({ messages }) => messages), [24_000, 36_000 + 7500]);
  assertEquals(plan.phases.map(({ start }) => start), [0, 120_000]);
  assertEquals(plan.phases.map(({ duration }) => duration), [120_000, 90_000]);
  assertEquals(plan.phases.map(({ warmup }) => warmup), [10_000, 0]);
  assertEquals(plan.messages, 67_500);
  assertEquals(plan.duration, 210_000);
  assertEquals(plan.phases[1]!.segments, [
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
