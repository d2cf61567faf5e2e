import { assertEquals } from "@std/assert";
import { Rest } from "./rest.ts";

Deno.test("a rest is told after five seconds without messages under way at any worker, and every five from then on", () => {
  const told: number[] = [];
  let second = 0;
  const rest = new Rest(() => told.push(second));
  const pass = (seconds: number, ...underWay: number[]): void => {
    for (let left = seconds; left > 0; left--) {
      second++;
      for (const [worker, count] of underWay.entries()) rest.note(worker === 0, count);
    }
  };
  pass(20, 0, 3);
  assertEquals(told, []);
  pass(4, 0, 0);
  pass(1, 1, 0);
  pass(11, 0, 0);
  assertEquals(told, [30, 35]);
});
