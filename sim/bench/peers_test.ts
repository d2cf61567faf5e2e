import { assertEquals } from "@std/assert";
import { scenarioSchema } from "../scenario/scenario.ts";
import { costBetween, imstormScenario, type Load, median } from "./peers.ts";

const LOAD: Load = { rate: 2000, contentSize: 140, from: 12_000, to: 40_000 };

Deno.test("costBetween tells the processor time of a transaction between two readings", () => {
  const first = { at: 12_000, processorTime: { user: 3000, system: 1000 } };
  const second = { at: 22_000, processorTime: { user: 3450, system: 1150 } };
  const cost = costBetween(first, second, 2000);
  assertEquals([cost.micros, cost.transactions], [30, 20_000]);
  assertEquals(cost.system, 0.25);
});

Deno.test("median takes the middle", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
});

Deno.test("imstormScenario is a scenario that imstorm accepts, and lasts longer than the readings", () => {
  const scenario = scenarioSchema.parse(imstormScenario("127.0.0.1:5060", LOAD));
  const [phase] = scenario.phases;
  assertEquals(phase!.executor === "constant-arrival-rate" && phase!.duration > LOAD.to, true);
});
