import { assert, assertEquals } from "@std/assert";
import { scenarioSchema } from "../scenario/scenario.ts";
import { type ManyRegistered, manyScenario, refreshesExpected, tooSmallFor } from "./million.ts";
import { manyRows } from "./more_rows.ts";
import { isMet } from "./table.ts";

const MANY: ManyRegistered = {
  clients: 300_001,
  rate: 5000,
  peak: 500 * 2 ** 20,
  rest: 100 * 2 ** 20 + 1024 * 300_000,
  peakOfOne: 100 * 2 ** 20,
  restOfOne: 100 * 2 ** 20,
  registrations: [4990, 5010],
  refreshes: [990, 1200],
  lapsed: 0,
  retransmissions: 3,
};

Deno.test("the scenario of many clients is accepted, and refreshes them evenly", () => {
  const { populations } = scenarioSchema.parse(manyScenario("127.0.0.1:5060", 1_000_000, 6000));
  const { register } = populations[0]!;
  assert(register !== false);
  assertEquals([register.rate, register.refreshSpread], [6000, 1]);
  // 600 s are refreshed at half of their time
  assertEquals(refreshesExpected(1_000_000), 1_000_000 / (register.expires / 2000));
});

Deno.test("manyRows judges the memory of each client and the most refreshes of a second", () => {
  const [memory, refreshes] = manyRows(MANY);
  assertEquals([memory!.ratio! * 1536, isMet(memory!)], [1024, true]);
  assertEquals([refreshes!.ratio!.toFixed(3), isMet(refreshes!)], ["1.200", true]);
  assertEquals(manyRows({ ...MANY, refreshes: [0, 5000] }).map(isMet), [true, false]);
  assertEquals(manyRows({ ...MANY, lapsed: 1 })[1]!.ratio, null);
});

Deno.test("tooSmallFor says how much memory is missing", () => {
  assertEquals(tooSmallFor(0), undefined);
  assert(/ available, \d+ needed$/.test(tooSmallFor(1e12)!));
});
