import { assertEquals } from "@std/assert";
import { HealthTally, UNKNOWN_HEALTH } from "./health.ts";
import { emptySecond, type Second } from "./seconds.ts";

function second(index: number, arrivals: number, gauges: Record<string, number>): Second {
  return { ...emptySecond(index), counters: arrivals > 0 ? { "generator.arrivals": arrivals } : {}, gauges };
}

Deno.test("health is that of the seconds of load, a stall without arrivals between them included", () => {
  const tally = new HealthTally();
  tally.add(second(0, 0, { "generator.loop_delay": 900_000, "generator.steal": 1 }));
  tally.add(second(1, 5, { "generator.loop_delay": 2000, "generator.steal": 0.1, "generator.blind_sockets": 0 }));
  tally.add(second(2, 0, { "generator.loop_delay": 700_000, "generator.steal": 0.3 }));
  tally.add(second(3, 5, { "generator.loop_delay": 3000, "generator.steal": 0.2 }));
  tally.add(second(4, 0, { "generator.loop_delay": 950_000, "generator.descriptors": 9 }));
  const { loopDelay, steal, blindSockets, descriptors } = tally.figures();
  assertEquals([loopDelay, Number(steal!.toFixed(9)), blindSockets, descriptors], [700_000, 0.2, 0, null]);
});

Deno.test("health that nobody measured is not known", () => {
  const tally = new HealthTally();
  tally.add(second(0, 5, {}));
  assertEquals(tally.figures(), UNKNOWN_HEALTH);
});
