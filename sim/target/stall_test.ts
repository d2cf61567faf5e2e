import { assertEquals } from "@std/assert";
import { Wheel } from "../clock/wheel.ts";
import { Stall } from "./stall.ts";

Deno.test("a server stalls once, so long after the first message or invitation", () => {
  const wheel = new Wheel(0);
  const seen: (number | string)[] = [];
  const stall = new Stall({ at: 500, for: 2000 }, wheel, () => seen.push("over"), (time) => seen.push(wheel.now, time));
  stall.onRequest("REGISTER");
  wheel.advance(1000);
  stall.onRequest("MESSAGE");
  stall.onRequest("INVITE");
  for (const now of [1400, 1600, 5000]) wheel.advance(now);
  assertEquals(seen.slice(1), [2000, "over"]);
  assertEquals(Number(seen[0]) >= 1500 && Number(seen[0]) < 1700, true);
});
