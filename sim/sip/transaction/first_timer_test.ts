import { assertEquals } from "@std/assert";
import { type Due, Wheel } from "../../clock/wheel.ts";
import { FirstTimer } from "./first_timer.ts";

const T1 = 500;

/** Transactions that note when their timer fires, as a layer would know them. */
function stand() {
  const wheel = new Wheel(0);
  const fired: [sequence: number, at: number][] = [];
  const waiting = new Map<number, Due>();
  const timer = new FirstTimer(wheel, T1, waiting);
  const send = (sequence: number): void => {
    waiting.set(sequence, { due: (_name, now) => void fired.push([sequence, now]) });
    timer.add(sequence);
  };
  return { wheel, fired, waiting, timer, send };
}

Deno.test("FirstTimer fires T1 after each request that is still unanswered, in their order", () => {
  const { wheel, fired, waiting, send } = stand();
  for (const [at, sequence] of [[0, 7], [100, 8], [100, 9], [250, 10]] as const) {
    wheel.advance(at);
    send(sequence);
  }
  waiting.delete(8);
  wheel.advance(499);
  assertEquals(fired, []);
  wheel.advance(2000);
  assertEquals(fired, [[7, 500], [9, 600], [10, 750]]);
  assertEquals(wheel.armed, 0);
});

Deno.test("FirstTimer has one alarm for all, and none when everybody was answered", () => {
  const { wheel, fired, waiting, send } = stand();
  for (let sequence = 0; sequence < 100; sequence++) send(sequence);
  assertEquals(wheel.armed, 1);
  waiting.clear();
  wheel.advance(T1);
  assertEquals([wheel.armed, fired.length], [0, 0]);
  send(100);
  wheel.advance(2 * T1);
  assertEquals(fired, [[100, 2 * T1]]);
});

Deno.test("FirstTimer forgets nobody however many wait, and reuses the room of those that were answered", () => {
  const { wheel, fired, waiting, send } = stand();
  for (let sequence = 0; sequence < 10_000; sequence++) {
    wheel.advance(sequence / 100);
    send(sequence);
    if (sequence % 10 !== 0) waiting.delete(sequence);
  }
  wheel.advance(2000);
  assertEquals(fired.map(([sequence]) => sequence), Array.from({ length: 1000 }, (_, place) => 10 * place));
  assertEquals(fired.filter(([sequence, at]) => at !== Math.ceil(sequence / 100 + T1)), []);
});

Deno.test("FirstTimer fires for those that wait on when some were sent again, and for nobody after clear", () => {
  const { wheel, fired, timer, send } = stand();
  send(1);
  wheel.advance(200);
  send(2);
  wheel.advance(T1);
  assertEquals(fired, [[1, T1]]);
  timer.clear();
  wheel.advance(5000);
  assertEquals([fired.length, wheel.armed], [1, 0]);
});

Deno.test("FirstTimer fires in time for those before a request that is sent while it fires", () => {
  const { wheel, fired, waiting, timer, send } = stand();
  waiting.set(1, { due: () => send(3) });
  timer.add(1);
  wheel.advance(200);
  send(2);
  wheel.advance(5000);
  assertEquals(fired, [[2, 700], [3, 2 * T1]]);
});
