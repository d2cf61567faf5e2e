/** Whose limit was measured: a generator that is starved or asked too much is called invalid, a server that stalls is not. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePort } from "./peers/ports.ts";
import { Program, startTargetProgram } from "./program.ts";
import { assertConserved, Folder, runScenario } from "./scenario_run.ts";

const STEADY = `
name: steady
target: { uri: embedded }
populations:
  - name: phones
    clients: 20
    register: { rate: 200/s }
    messages: { size: 100 }
phases:
  - { executor: constant-arrival-rate, rate: 50/s, duration: 5s }
limits: { lost_grace: 2s }
`;

Deno.test("a generator that is stopped for a moment is called invalid for it, before any figure, with 98", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", STEADY);
  const out = `${folder.path}/out`;
  await using program = Program.start(["run", file, "--target", `sip:${target.address}`, "--out", out]);
  // the second record of the series is that of a second of load
  await program.until("load", () => sizeOf(`${out}/series.msgpack`) > 4000 || undefined);
  program.signal("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  program.signal("SIGCONT");
  const { code, stdout, stderr } = await program.end();
  assertEquals(code, 98, stdout + stderr);
  const summary = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
  assertEquals([summary.verdict, summary.generator.validity], ["invalid", "invalid"]);
  const reasons: string[] = summary.generator.reasons;
  assert(
    reasons.some((each) => /^messages started late: p99 of the schedule lag is 1\.\d+ s/.test(each)),
    `${reasons}`,
  );
  assert(reasons.some((each) => /^our event loop stood still for 1\.\d+ s, limit 500 ms/.test(each)), `${reasons}`);
  assert(stdout.indexOf("the measurement is invalid") < stdout.indexOf("Messages"), "the verdict comes first");
  // what was late is in the latencies all the same: they count from the intended instant
  assert(summary.latency_us.pager_accept.max > 1_000_000);
  assertConserved(summary);
});

Deno.test("a generator that is asked for more than it can send is called invalid with 98", async () => {
  const scenario = STEADY.replace("rate: 50/s, duration: 5s", "rate: 3000000/s, duration: 1s")
    .replace("lost_grace: 2s", "lost_grace: 2s, drain: 2s");
  const run = await runScenario(scenario, { args: ["--set", "limits.schedule_lag_p99=5ms"], within: 90_000 });
  assertEquals([run.code, run.summary.verdict], [98, "invalid"], run.stderr);
  const { reasons } = run.summary.generator;
  assert(reasons.some((each) => each.startsWith("messages started late")), `${reasons}`);
});

Deno.test("a server that stalls for two seconds shows them at p99 from the intended instant, and the run is valid", async () => {
  await using target = await startTargetProgram(["--stall-at", "1500ms", "--stall-for", "2s"], freePort());
  const run = await runScenario(STEADY, {
    args: ["--target", `sip:${target.address}`, "--set", "limits.validity.socket_drops=1000"],
  });
  assertEquals(run.code, 0, run.stdout + run.stderr);
  const { pager_accept: accept, pager_delivery: delivery } = run.summary.latency_us;
  // 40 % of the messages were due while the server stood still
  assert(accept.p99! > 1_800_000 && accept.p99! < 6_000_000, String(accept.p99));
  assert(delivery.p99! > 1_800_000, String(delivery.p99));
  assert(accept.p50! < 1_000_000, "the others are as quick as ever");
  assertEquals(run.summary.generator.validity, "valid");
  assertEquals((await target.stop())("faults.stalled"), 1);
});

Deno.test("the tool's own error stands beside the results, unless it is left out", async () => {
  const short = STEADY.replace("duration: 5s", "duration: 1s");
  const run = await runScenario(short);
  const { calibration, clock, socket_drops: drops } = run.summary.generator;
  assert(calibration !== null && calibration !== undefined && calibration.p50_us > 0);
  assert(clock !== null && clock !== undefined && Math.abs(clock.offset_us) - clock.error_us < 5000);
  assertEquals(drops, 0);
  assertStringIncludes(run.stdout, "own error   p50");
  const without = await runScenario(short, { args: ["--no-calibration"] });
  assertEquals(without.summary.generator.calibration, null);
  assertStringIncludes(without.stdout, "own error   not measured");
});

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
