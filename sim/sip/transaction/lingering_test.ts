import { assertEquals } from "@std/assert";
import { Wheel } from "../../clock/wheel.ts";
import { Lingering } from "./lingering.ts";

Deno.test("Lingering tells of everyone when the delay has passed, to the millisecond, with one alarm each", () => {
  const wheel = new Wheel(0.25);
  const over: string[] = [];
  const lingering = new Lingering<string>(wheel, 32_000, "timerJ", (members) => over.push(...members));
  lingering.add("a");
  wheel.advance(0.75);
  lingering.add("b");
  assertEquals(wheel.armed, 1);
  wheel.advance(1.5);
  lingering.add("c");
  assertEquals(wheel.armed, 2);
  wheel.advance(32_000.9);
  assertEquals(over, []);
  wheel.advance(32_001);
  assertEquals(over, ["a", "b"]);
  lingering.add("d");
  wheel.advance(32_002);
  assertEquals(over, ["a", "b", "c"]);
  wheel.advance(64_001);
  assertEquals([over.at(-1), wheel.armed], ["d", 0]);
});
