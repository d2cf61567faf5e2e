import { assertEquals, assertThrows } from "@std/assert";
import type { Snapshot } from "../metrics/snapshot.ts";
import { type ScenarioInput, scenarioSchema } from "../scenario/scenario.ts";
import { growthScenario, type MemoryPlan, peakOf, registeredScenario, restOf } from "./memory.ts";

const PLAN: MemoryPlan = {
  clients: 10_000,
  registrationRate: 1000,
  rate: 2000,
  firstSeconds: 10,
  secondSeconds: 90,
  restSeconds: 20,
  registeredRestSeconds: 30,
};

function snapshots(...readings: [phase: number, memory: number][]): Snapshot[] {
  return readings.map(([phase, memory], index) => ({
    worker: 0,
    index,
    at: index * 1000,
    counters: {},
    gauges: { "load.phase": phase, "generator.memory": memory },
    histograms: {},
  }));
}

Deno.test("restOf takes the least of the last seconds of its phase", () => {
  const series = snapshots([0, 1], [1, 2], [1, 9], [1, 8], [1, 7], [1, 8], [1, 8], [2, 3]);
  assertEquals(restOf(series, 1), 7);
});

Deno.test("restOf refuses a phase that has hardly begun", () => {
  assertThrows(() => restOf(snapshots([1, 5], [1, 5]), 1), Error, "too short");
});

Deno.test("peakOf takes the highest of a phase, or of several", () => {
  const series = snapshots([0, 9], [1, 4], [1, 5], [2, 10]);
  assertEquals([peakOf(series, 1), peakOf(series, 1, 0)], [5, 9]);
});

Deno.test("the scenarios of memory are accepted, with one client and with many", () => {
  const t1Of = (input: ScenarioInput) => scenarioSchema.parse(input).timers.t1;
  assertEquals(t1Of(registeredScenario("127.0.0.1:5060", 1, PLAN)), undefined);
  assertEquals(t1Of(growthScenario("127.0.0.1:5060", PLAN)), 100);
});
