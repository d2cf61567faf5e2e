import { assert, assertEquals, assertThrows } from "@std/assert";
import { HandClock, MONOTONIC_CLOCK } from "./clock.ts";

Deno.test("HandClock stands still until it is moved", () => {
  const clock = new HandClock(10);
  assertEquals([clock.now(), clock.now()], [10, 10]);
  clock.moveTo(12.5);
  assertEquals(clock.now(), 12.5);
  clock.moveTo(12.5);
  assertEquals(new HandClock().now(), 0);
});

Deno.test("HandClock never goes back", () => {
  const clock = new HandClock(10);
  assertThrows(() => clock.moveTo(9.99), RangeError, "from 10 to 9.99");
  assertEquals(clock.now(), 10);
});

Deno.test("MONOTONIC_CLOCK never goes back", () => {
  let before = MONOTONIC_CLOCK.now();
  for (let i = 0; i < 1000; i++) {
    const now = MONOTONIC_CLOCK.now();
    assert(now >= before);
    before = now;
  }
});
