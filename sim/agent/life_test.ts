import { assert, assertEquals } from "@std/assert";
import { Life, type OrderName } from "./life.ts";
import type { RunStateName } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

const ORDERS: readonly OrderName[] = ["start", "rate", "pause", "resume", "drain", "stop"];

/** A life that has come as far as a state, at moment 10. */
function lifeIn(state: RunStateName): Life {
  const life = new Life();
  if (state !== "preparing") life.becomeReady();
  if (state === "preparing" || state === "ready") return life;
  life.startAt(10);
  assertEquals(life.stateAt(10), "running");
  if (state === "paused") life.order("pause", 10);
  if (state === "draining") life.becomeDraining();
  if (state === "done" || state === "failed" || state === "aborted") life.end(state);
  return life;
}

/** The orders that a state takes. */
function takenBy(state: RunStateName): OrderName[] {
  return ORDERS.filter((order) => !(lifeIn(state).order(order, 10) instanceof Refusal));
}

Deno.test("Life takes in each state the orders of its table, and refuses the others with wrong_state", () => {
  assertEquals(takenBy("preparing"), ["rate", "drain", "stop"]);
  assertEquals(takenBy("ready"), ["start", "rate", "drain", "stop"]);
  assertEquals(takenBy("running"), ["rate", "pause", "resume", "drain", "stop"]);
  assertEquals(takenBy("paused"), ["rate", "pause", "resume", "drain", "stop"]);
  for (const state of ["draining", "done", "failed", "aborted"] as const) {
    assertEquals(takenBy(state), ["drain", "stop"], state);
  }
  const refusal = lifeIn("paused").order("start", 10);
  assert(refusal instanceof Refusal && refusal.code === "wrong_state");
});

Deno.test("Life is ready until the moment of its start, and has one start", () => {
  const life = lifeIn("ready");
  assertEquals(life.order("start", 0), true);
  life.startAt(50);
  assert(life.order("start", 1) instanceof Refusal);
  assertEquals([life.stateAt(49), life.stateAt(50)], ["ready", "running"]);
});

Deno.test("Life says of an order that changes nothing that nothing is to be done", () => {
  const paused = lifeIn("paused");
  assertEquals([paused.order("pause", 10), paused.order("resume", 10), paused.stateAt(10)], [false, true, "running"]);
  const stopped = lifeIn("running");
  assertEquals([stopped.order("stop", 10), stopped.order("stop", 10), stopped.order("drain", 10)], [
    true,
    false,
    false,
  ]);
  assertEquals(lifeIn("done").order("stop", 10), false);
  const draining = lifeIn("draining");
  assertEquals(draining.order("stop", 10), true, "what drains can be cut short");
});

Deno.test("Life keeps its end and its first reason", () => {
  const life = lifeIn("running");
  life.because("the first");
  life.end("failed", "the second");
  life.end("done");
  life.becomeDraining();
  assertEquals([life.stateAt(99), life.reason, life.isOver()], ["failed", "the first", true]);
});
