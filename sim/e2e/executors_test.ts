/** Every executor on the embedded target: exact counts, and every message arrives, with one worker and with three. */
import { assert, assertEquals } from "@std/assert";
import { assertAllDelivered, runScenario, type ScenarioRun } from "./scenario_run.ts";

const WHOLE = `
name: executors
seed: 5
target: { uri: embedded }
populations:
  - name: phones
    clients: 30
    register: { rate: 300/s }
    messages:
      size: [{ weight: 9, pareto: { least: 60, shape: 2 }, max: 900 }, { constant: 4KiB }]
      to: { population: phones, pick: contacts, contacts: 5 }
phases:
`;

function phases(...lines: readonly string[]): string {
  return WHOLE + lines.map((line) => `  - { ${line} }\n`).join("");
}

function run(lines: readonly string[], workers: number): Promise<ScenarioRun> {
  return runScenario(phases(...lines), { args: ["--workers", String(workers)] });
}

for (const workers of [1, 3]) {
  Deno.test(`executors that count their work do exactly so much, with ${workers} worker(s)`, async () => {
    const done = await run([
      "executor: per-vu-iterations, vus: 7, iterations: 5, max_duration: 20s, start_time: 0s",
      "executor: shared-iterations, vus: 9, iterations: 50, max_duration: 20s, start_time: 0s",
      "executor: constant-arrival-rate, rate: 50/s, duration: 1s, arrivals: poisson, burst: { size: 4, by: one }, start_time: 0s",
      "executor: ramping-arrival-rate, start: 0/s, stages: [{ target: 60/s, duration: 1s }], start_time: 500ms",
    ], workers);
    assertAllDelivered(done);
    assertEquals(done.summary.messages.attempted, 35 + 50 + 50 + 30);
    assert(done.summary.messages.large.attempted > 5);
  });
}

Deno.test("VUs send one message after another, and a stir phase is in no count", async () => {
  const done = await run([
    "executor: constant-vus, vus: 5, duration: 500ms, think: 20ms, stir: true",
    "executor: constant-vus, vus: 10, duration: 1s, think: 50ms",
    "executor: ramping-vus, start_vus: 10, stages: [{ target: 0, duration: 1s }], think: 50ms",
  ], 2);
  assertAllDelivered(done);
  const { attempted } = done.summary.messages;
  // at most one a client and 50 ms: 200 and half of that
  assert(attempted > 30 && attempted <= 200 + 115, `${attempted}`);
  assert(done.summary.load.arrivals > attempted, "the stir phase sent too");
});
