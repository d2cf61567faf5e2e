import { assertEquals } from "@std/assert";
import type { UserAgent } from "../ua/user_agent.ts";
import { Pacing } from "./pacing.ts";

/** Pacing looks at nothing of a client but whose settings it has. */
function clients(count: number, settings: object): UserAgent[] {
  return Array.from({ length: count }, (_, index) => ({ index, settings }) as unknown as UserAgent);
}

Deno.test("Pacing starts each client at its own moment, late ones with the moment they were due", () => {
  const pacing = new Pacing(clients(4, {}), () => 100, 1000);
  const started: [number, number][] = [];
  const act = (agent: UserAgent, dueAt: number) => started.push([agent.index, dueAt]);
  pacing.start(1000, act);
  assertEquals([started, pacing.nextDue(), pacing.isOver()], [[[0, 1000]], 1010, false]);
  pacing.start(1025, act);
  assertEquals(started, [[0, 1000], [1, 1010], [2, 1020]]);
  pacing.start(1030, act);
  assertEquals([pacing.started(), pacing.isOver(), pacing.nextDue(), pacing.planned()], [4, true, Infinity, 40]);
});

Deno.test("Pacing gives each population its own rate", () => {
  const slow = {};
  const agents = [...clients(2, slow), ...clients(2, {})];
  const pacing = new Pacing(agents, (agent) => ((agent.settings as object) === slow ? 1 : 1000), 0);
  pacing.start(1, () => {});
  assertEquals([pacing.started(), pacing.nextDue()], [3, 1000]);
});

Deno.test("Pacing starts nobody else after skipRest", () => {
  const pacing = new Pacing(clients(10, {}), () => 10, 0);
  pacing.start(0, () => {});
  pacing.skipRest();
  pacing.start(5000, () => {});
  assertEquals([pacing.started(), pacing.isOver()], [1, true]);
});

Deno.test("Pacing starts a bounded number in a turn, and the others in the next ones, each with its own moment", () => {
  const pacing = new Pacing(clients(1200, {}), () => 1_000_000, 0);
  const dueAt: number[] = [];
  const turns = [1, 2, 3].map(() => {
    pacing.start(5000, (_agent, at) => void dueAt.push(at));
    return pacing.started();
  });
  assertEquals([turns, pacing.isOver()], [[500, 1000, 1200], true]);
  assertEquals([dueAt[999], dueAt[1199]], [0.999, 1.199]);
});
