import { assertEquals } from "@std/assert";
import { isFaults, parseScenario } from "./read.ts";

/** The faults of a scenario with these populations and phases, without their places. */
function faults(populations: readonly string[], phases: readonly string[]): string[] {
  const list = (lines: readonly string[]): string => lines.map((line) => `  - {${line}}\n`).join("");
  const text = `name: load\ntarget: {uri: embedded}\npopulations:\n${list(populations)}phases:\n${list(phases)}`;
  const scenario = parseScenario(text, "x");
  return isFaults(scenario) ? scenario.map(({ path, what }) => `${path}: ${what}`) : [];
}

const PHONES = "name: phones, clients: 10, messages: {size: 9}";
const QUIET = "name: quiet, clients: 5";
const BUSY = "name: busy, clients: 5, actions: [{action: reregister}]";
const RATE = "executor: constant-arrival-rate, rate: 5/s, duration: 1s";
const VUS = "executor: constant-vus, duration: 1s";

Deno.test("phases of all executors are sound with k6's defaults", () => {
  const others = [
    "per-vu-iterations, max_duration: 1s",
    "shared-iterations, max_duration: 1s",
    "ramping-vus, stages: [{target: 9, duration: 1s}]",
  ];
  assertEquals(faults([PHONES, QUIET], [RATE, VUS, ...others.map((each) => `executor: ${each}`)]), []);
});

Deno.test("a phase cannot ask for clients that are not there, or that do nothing", () => {
  assertEquals(faults([PHONES, QUIET], [`${VUS}, vus: 11`]), [
    "phases[0].vus: needs 11 clients that act; there are 10",
  ]);
  assertEquals(faults([PHONES, BUSY], [`${VUS}, vus: 15`]), []);
  assertEquals(faults([PHONES, QUIET], [`${RATE}, populations: [phone, quiet, phones, phones]`]), [
    `phases[0].populations[0]: is no population: "phone"; did you mean "phones"?`,
    `phases[0].populations[1]: has neither messages nor actions: "quiet"`,
    `phases[0].populations[3]: is there twice: "phones"`,
  ]);
  assertEquals(faults([PHONES], ["executor: shared-iterations, vus: 5, iterations: 4"]), [
    "phases[0].iterations: must be at least the number of vus: 4 < 5",
  ]);
});

Deno.test("a rate counts messages: populations without any need a phase of their own", () => {
  const what = "counts messages, and busy has none beside others that do: name populations in a phase for each";
  assertEquals(faults([PHONES, BUSY], [RATE]), [`phases[0].executor: ${what}`]);
  assertEquals(faults([PHONES, BUSY], [`${RATE}, populations: [phones]`, `${RATE}, populations: [busy]`]), []);
});

Deno.test("actions need what they act on", () => {
  assertEquals(faults(["name: a, clients: 2, actions: [{action: reply}]"], [VUS]), [
    "populations[0].actions[0].action: sends messages, but the population has no messages: reply",
  ]);
  assertEquals(faults(["name: a, clients: 2, register: false, actions: [{action: deregister}]"], [VUS]), [
    "populations[0].actions[0].action: needs clients that register: deregister",
  ]);
  assertEquals(faults(["name: a, clients: 2, messages: {size: 9}, actions: [{action: shout}]"], [VUS]), [
    'populations[0].actions[0].action: needs an action, one of auto, pager, large, reply, reregister, deregister, idle: "shout"',
  ]);
});

Deno.test("a run in which nothing counts, or which waits ten minutes for nothing, is refused", () => {
  assertEquals(faults([PHONES], [`${RATE}, stir: true`]), ["phases: are all stir: nothing would count"]);
  assertEquals(faults([PHONES], ["executor: per-vu-iterations", RATE]), [
    "phases[0].executor: would keep the next phase waiting for 10m: give max_duration, or start_time there",
  ]);
  assertEquals(faults([PHONES], ["executor: per-vu-iterations", `${RATE}, start_time: 5s`]), []);
});
