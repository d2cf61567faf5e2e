import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Wheel } from "../../clock/wheel.ts";
import { Completed } from "./completed.ts";

Deno.test("Completed remembers a number until Timer K, to the millisecond (RFC 3261 §17.1.2.2)", () => {
  const wheel = new Wheel();
  let forgotten = 0;
  const completed = new Completed(wheel, 5000, (count) => forgotten += count);
  wheel.advance(0.25);
  for (const sequence of [0, 7, 2 ** 31 - 1]) completed.add(sequence);
  wheel.advance(0.75);
  completed.add(8);
  wheel.advance(1.5);
  completed.add(9);
  wheel.advance(5000.9);
  assertEquals([completed.size, completed.has(0), completed.has(-1), completed.has(1024)], [5, true, false, false]);
  wheel.advance(5001);
  assertEquals([completed.size, forgotten, completed.has(0), completed.has(8), completed.has(9)], [
    1,
    4,
    false,
    false,
    true,
  ]);
  wheel.advance(5002);
  assertEquals([completed.size, forgotten, wheel.armed], [0, 5, 0]);
});

Deno.test("Completed arms one alarm for all that share their millisecond", () => {
  const wheel = new Wheel(10.5);
  const completed = new Completed(wheel, 5000, () => {});
  for (let sequence = 0; sequence < 100; sequence++) completed.add(sequence);
  assertEquals([completed.size, wheel.armed], [100, 1]);
});

Deno.test("Completed does what a list does, wherever in their circle the numbers are", () => {
  const steps = fc.uniqueArray(fc.nat(5000), { maxLength: 200 });
  fc.assert(fc.property(fc.nat(2 ** 31 - 1), steps, fc.nat(60), (first, offsets, later) => {
    const wheel = new Wheel();
    const completed = new Completed(wheel, 32, () => {});
    const present = offsets.map((offset, index) => ({ sequence: (first + offset) % 2 ** 31, at: index / 4 }));
    for (const { sequence, at } of present) {
      wheel.advance(at);
      completed.add(sequence);
    }
    const now = present.length / 4 + later;
    wheel.advance(now);
    for (const { sequence, at } of present) {
      assertEquals(completed.has(sequence), Math.ceil(at + 32) > Math.floor(now));
      assertEquals(completed.has((sequence + 8192) % 2 ** 31), false);
    }
    assertEquals(completed.size, present.filter(({ at }) => Math.ceil(at + 32) > Math.floor(now)).length);
  }));
});

Deno.test("Completed forgets all of them when the layer closes, and no number twice", () => {
  const wheel = new Wheel();
  let forgotten = 0;
  const completed = new Completed(wheel, 5000, (count) => forgotten += count);
  for (let sequence = 0; sequence < 3000; sequence++) completed.add(sequence);
  completed.clear();
  wheel.advance(6000);
  assertEquals([completed.size, forgotten, completed.has(5)], [0, 3000, false]);
});
