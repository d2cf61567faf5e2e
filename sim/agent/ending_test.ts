import { assertEquals } from "@std/assert";
import type { RunEnd } from "../load/coordinator.ts";
import { endStateOf, outcomeOf } from "./ending.ts";

function ended(outcome: RunEnd["outcome"]): RunEnd {
  const leftovers = { timers: 0, dialogs: 0, transactions: 0, msrpSessions: 0, msrpConnections: 0 };
  return { outcome, detail: "", transport: { implementation: "none", reason: "" }, leftovers };
}

Deno.test("outcomeOf says who ended a run", () => {
  assertEquals(outcomeOf(undefined, true, true), "failed");
  assertEquals(outcomeOf(ended("unreachable"), true, false), "unreachable");
  assertEquals(outcomeOf(ended("completed"), true, false), "interrupted", "it drained because nobody asked");
  assertEquals(outcomeOf(ended("interrupted"), false, true), "aborted", "a threshold ended it");
  assertEquals(
    outcomeOf(ended("completed"), false, true),
    "completed",
    "it was over before the threshold could end it",
  );
});

Deno.test("endStateOf is done only for a whole run whose measurement is not known to be wrong", () => {
  assertEquals(endStateOf("completed", []), "done");
  assertEquals(endStateOf("completed", ["an agent could not hand over 5 records"]), "failed");
  assertEquals([endStateOf("unreachable", []), endStateOf("failed", [])], ["failed", "failed"]);
  assertEquals([endStateOf("interrupted", []), endStateOf("aborted", [])], ["aborted", "aborted"]);
});
