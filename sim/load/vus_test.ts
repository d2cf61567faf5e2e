import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { defineScenario } from "../scenario/read.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { type ClosedLoad, type Plan, planOf } from "./plan.ts";
import { activeFrom, clientsOfVus, sharedIterations, vusAt } from "./vus.ts";

function plan(phase: ScenarioInput["phases"][number], clients: readonly number[] = [50]): Plan {
  const populations = clients.map((count, index) => ({ name: `p${index}`, clients: count, messages: { size: 9 } }));
  return planOf(
    defineScenario({ name: "vus", target: { uri: "embedded" }, populations: [...populations], phases: [phase] }),
  );
}

const RAMP = plan({
  executor: "ramping-vus",
  start_vus: 0,
  stages: [
    { target: 10, duration: "10s" },
    { target: 10, duration: "5s" },
    { target: 2, duration: "4s" },
    { target: 4, duration: "0s" },
    { target: 4, duration: "1s" },
  ],
}).phases[0]!.closed!;

Deno.test("a VU joins when the number of clients reaches it, and leaves when the number falls below, as in k6", () => {
  assertEquals([0, 4, 9].map((vu) => activeFrom(RAMP, vu, 0)), [1000, 5000, 10_000]);
  // 10 to 2 in 4 s: the last one leaves at 0.5 s, the third at the end
  assertEquals(activeFrom(RAMP, 9, 15_400), 15_400);
  assertEquals(activeFrom(RAMP, 9, 15_600), Infinity);
  assertEquals(activeFrom(RAMP, 2, 18_900), 18_900);
  // those up to 4 come back at the jump
  assertEquals([activeFrom(RAMP, 3, 18_900), activeFrom(RAMP, 4, 18_900)], [19_000, Infinity]);
  assertEquals([activeFrom(RAMP, 1, 19_999), activeFrom(RAMP, 1, 20_000)], [19_999, Infinity]);
  assertEquals([0, 5000, 12_000, 17_000, 19_500, 20_000].map((at) => vusAt(RAMP, at)), [0, 5, 10, 6, 4, 0]);
});

Deno.test("as many VUs may act at any moment as the ramp says, rounded towards where it comes from", () => {
  const stage = fc.record({ target: fc.integer({ min: 0, max: 30 }), duration: fc.integer({ min: 0, max: 3000 }) });
  const stages = fc.array(stage, { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(stages, fc.integer({ min: 0, max: 30 }), fc.nat({ max: 15_000 }), (list, start, at) => {
    let [from, begin] = [start, 0];
    const segments = list.map(({ target, duration }) => {
      const segment = { start: begin, duration, from, to: target };
      [from, begin] = [target, begin + duration];
      return segment;
    });
    const load: ClosedLoad = {
      vus: 30,
      segments,
      iterations: Infinity,
      shared: false,
      think: { kind: "constant", value: 0 },
    };
    const acting = Array.from({ length: 31 }, (_, vu) => vu).filter((vu) => activeFrom(load, vu, at) === at);
    // no gaps: always the first ones
    assertEquals(acting, acting.map((_, index) => index));
    if (at < begin) assert(Math.abs(acting.length - vusAt(load, at)) < 1, `${acting.length} of ${vusAt(load, at)}`);
    else assertEquals(acting, []);
  }));
});

Deno.test("VUs are clients of all populations in proportion, no client twice", () => {
  const sizes = fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(sizes, fc.nat(), (counts, number) => {
    const all = counts.reduce((sum, count) => sum + count, 0);
    const vus = 1 + number % all;
    const found = plan({ executor: "constant-vus", vus, duration: "1s" }, counts);
    const clients = clientsOfVus(found, found.phases[0]!);
    assertEquals(new Set(clients).size, vus);
    for (const { first, count } of found.populations) {
      const own = clients.filter((client) => client >= first && client < first + count);
      assert(Math.abs(own.length - (vus * count) / all) < counts.length, `${own.length} of ${vus} among ${all}`);
    }
  }));
});

Deno.test("shared iterations are split among any number of workers without a gap, an overlap or an idle VU's share", () => {
  const vus = fc.integer({ min: 1, max: 50 });
  fc.assert(fc.property(vus, fc.nat({ max: 1000 }), fc.integer({ min: 1, max: 9 }), (vus, more, count) => {
    const found = plan({ executor: "shared-iterations", vus, iterations: vus + more });
    const clients = clientsOfVus(found, found.phases[0]!);
    let next = 0;
    for (let index = 0; index < count; index++) {
      const share = sharedIterations(vus + more, clients, { index, count });
      assertEquals(share.first, next);
      const own = clients.filter((client) => client % count === index).length;
      assert(own > 0 || share.count === 0, "iterations of a worker without VUs would never be done");
      assert(share.count >= own, "every VU has one at least");
      next += share.count;
    }
    assertEquals(next, vus + more);
  }));
});
