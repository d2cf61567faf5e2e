import { assertEquals, assertStringIncludes } from "@std/assert";
import { ClockOffsets, WallClock } from "./clock_offset.ts";

Deno.test("the offset of a worker is that of its quickest answer, and the largest of all counts", () => {
  let now = 1000;
  const offsets = new ClockOffsets(() => now);
  assertEquals(offsets.largest(), undefined);
  // worker 0 is 3 ms ahead, seen exactly by the second answer only
  for (const [roundTrip, error] of [[40, 9], [2, 0], [10, 4]] as const) {
    offsets.ask(0);
    const at = now + roundTrip / 2 + 3 + error;
    now += roundTrip;
    assertEquals(offsets.answer(0, at), true);
  }
  offsets.ask(1);
  now += 1;
  offsets.answer(1, now - 0.5);
  assertEquals(offsets.largest(), { offset: 3, error: 1 });
});

Deno.test("a worker is asked twenty times", () => {
  const offsets = new ClockOffsets(() => 0);
  const more = Array.from({ length: 20 }, () => (offsets.ask(0), offsets.answer(0, 0)));
  assertEquals(more.filter((each) => each).length, 19);
});

Deno.test("a step of the wall clock is noted once, a clock that is steered is not", () => {
  const clock = new WallClock();
  for (const [wall, monotonic] of [[5000, 0], [6000.5, 1000], [4000, 2000], [5000, 3000]] as const) {
    clock.look(wall, monotonic);
  }
  assertEquals(clock.steps.length, 1);
  assertStringIncludes(clock.steps[0]!, "back by 3.001 s");
});
