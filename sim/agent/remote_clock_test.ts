import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { RemoteClock } from "./remote_clock.ts";

Deno.test("RemoteClock knows nothing before the first round trip", () => {
  assertEquals([new RemoteClock().offset(), new RemoteClock().error(0)], [0, Infinity]);
});

Deno.test("RemoteClock is never off by more than its error, whatever each way took (RFC 5905 §8)", () => {
  const delay = fc.double({ min: 0, max: 50, noNaN: true });
  const trips = fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), trips, (offset, ways) => {
    const clock = new RemoteClock();
    let now = 1000;
    for (const [there, thinking, back] of ways) {
      const sent = now;
      const receivedThere = sent + there + offset;
      const received = sent + there + thinking + back;
      clock.add({ sent, receivedThere, answeredThere: receivedThere + thinking, received });
      now = received + 100;
    }
    assert(Math.abs(clock.offset() - offset) <= clock.error(now) + 1e-6);
  }));
});

Deno.test("RemoteClock keeps the quickest round trip until drift has made it worse than a new one", () => {
  const clock = new RemoteClock();
  clock.add({ sent: 0, receivedThere: 101, answeredThere: 101, received: 2 });
  clock.add({ sent: 100, receivedThere: 300, answeredThere: 300, received: 120 });
  assertEquals(clock.offset(), 100);
  assert(clock.error(2) === 1 && clock.error(20_002) === 2);
  clock.add({ sent: 30_000, receivedThere: 30_151, answeredThere: 30_151, received: 30_004 });
  assertEquals([clock.offset(), clock.error(30_004)], [149, 2]);
});
