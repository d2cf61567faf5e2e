/** Thresholds that look at windows, end the run, or are waived: by the real program. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePort } from "./peers/ports.ts";
import { startTargetProgram } from "./program.ts";
import { assertConserved, runScenario } from "./scenario_run.ts";

const PAGER = `
name: gates
target: { uri: embedded, embedded: { loss: 0 } }
populations:
  - name: phones
    clients: 20
    register: { rate: 200/s }
    messages: { size: 100 }
phases:
  - { executor: constant-arrival-rate, rate: 40/s, duration: 3s }
limits: { lost_grace: 1s }
`;

Deno.test("a threshold over a window ends the run with 99, sessions and bindings released, results complete", async () => {
  await using target = await startTargetProgram(["--refuse", "0.5"], freePort());
  const thresholds = `thresholds:
  - messages.success_ratio >= 90% over 2s after 3s abort
  - pager_accept.p99 < 20s over 60s
`;
  const run = await runScenario(PAGER.replace("duration: 3s", "duration: 10m") + thresholds, {
    args: ["--target", `sip:${target.address}`],
  });
  assertEquals([run.code, run.summary.verdict], [99, "failed"], run.stderr);
  assertStringIncludes(run.stderr, "threshold failed: messages.success_ratio >= 90% over 2s");
  assertStringIncludes(run.stdout, "load by messages.success_ratio >= 90% over 2s.");
  const { summary } = run;
  const [gate, unmeasured] = summary.thresholds;
  assert(gate!.actual! > 0.1 && gate!.actual! < 0.9, String(gate!.actual));
  assertEquals([gate!.status, gate!.abort, gate!.windows?.length_s], ["failed", true, 2]);
  assertEquals([unmeasured!.status, unmeasured!.passed], ["no_data", false]);
  assertEquals(summary.aborted_by, "messages.success_ratio >= 90% over 2s");
  assert(summary.duration_s >= 3 && summary.duration_s < 30, "not before three seconds, and long before ten minutes");
  assertConserved(summary);
  assertStringIncludes(run.stderr, "left behind: nothing");
  assertEquals((await target.stop())("bindings"), 0);
});

Deno.test("a waived failure ends with 0, stays in every report and is no pass; too few samples end with 98", async () => {
  const waived = `thresholds:
  - { expression: "messages.delivered == 0", waiver: { reason: "ticket 7", until: "2999-12-31" } }
  - messages.lost == 0
`;
  const run = await runScenario(PAGER + waived);
  assertEquals([run.code, run.summary.verdict], [0, "passed"], run.stderr);
  assertStringIncludes(run.stdout, "1 of 2 thresholds passed, 1 waived");
  assertStringIncludes(run.stdout, "waived until 2999-12-31: ticket 7");
  const [result] = run.summary.thresholds;
  assertEquals([result!.status, result!.passed, result!.waiver?.reason], ["waived", false, "ticket 7"]);

  const few = await runScenario(`${PAGER}thresholds: ["pager_accept.p99 < 20s with 1000 samples"]\n`);
  assertEquals([few.code, few.summary.verdict], [98, "invalid"]);
  assertStringIncludes(few.stdout, "no data for the threshold pager_accept.p99 < 20s");
});
