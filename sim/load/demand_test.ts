import { assert, assertEquals } from "@std/assert";
import { defineScenario } from "../scenario/read.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { type Demand, demandOf } from "./demand.ts";
import { planOf } from "./plan.ts";

type Population = ScenarioInput["populations"][number];

function demand(
  population: Partial<Population>,
  phases: ScenarioInput["phases"] = [{ executor: "constant-arrival-rate", rate: "1000/s", duration: "10s" }],
): Demand {
  const scenario = defineScenario({
    name: "demanding",
    target: { uri: "sip:198.51.100.7" },
    populations: [{ name: "phones", clients: 100, register: false, messages: { size: 100 }, ...population }],
    phases,
  });
  return demandOf(planOf(scenario), scenario);
}

Deno.test("demandOf counts both ends of a message only where both are ours", () => {
  assertEquals(demand({}).cores, 0.1);
  assertEquals(demand({ messages: { size: 100, to: { uri: "sip:bob@ims.example" } } }).cores, 0.05);
});

Deno.test("demandOf takes the peak of all phases together", () => {
  const phases: ScenarioInput["phases"] = [
    { executor: "constant-arrival-rate", rate: "1000/s", duration: "10s" },
    {
      executor: "ramping-arrival-rate",
      start_time: "0s",
      start: "0/s",
      stages: [{ target: "3000/s", duration: "10s" }],
    },
  ];
  assertEquals(Math.round(demand({}, phases).messages), 4000);
  // 20 ms for an answer, 80 to think
  assertEquals(demand({}, [{ executor: "constant-vus", vus: 50, duration: "10s", think: "80ms" }]).messages, 500);
});

Deno.test("demandOf counts large messages by what they are: sessions, octets, refreshes while they are held", () => {
  const small = demand({ messages: { size: 2000 } }).cores;
  const large = demand({ messages: { size: 200_000 } }).cores;
  const held = demand({ messages: { size: 2000 }, session: { hold: "1h", expires: "120s" } }).cores;
  assert(small > 1.6 && small < 1.7, `${small}`);
  assert(large > 3 * small, `${large}`);
  assert(held > 5 * small, `${held}`);
  assertEquals(
    demand({ messages: { size: 2000 }, session: { hold: "1h", expires: "120s", refresh: false } }).cores,
    small,
  );
});

Deno.test("demandOf counts registrations before the load, and refreshes in it", () => {
  const idle = [{ executor: "constant-arrival-rate", rate: "1/s", duration: "10s" }] as const;
  const storm = demand({ clients: 5000, register: { rate: "5000/s", expires: "3600s" } }, [...idle]);
  assertEquals([storm.messages, storm.registrations, storm.cores], [1, 5000, 0.4]);
  const refreshed = demand({ clients: 60_000, register: { rate: "10/s", expires: "60s" } }, [...idle]);
  assertEquals([refreshed.registrations, refreshed.cores.toFixed(3)], [2000, "0.160"]);
});
