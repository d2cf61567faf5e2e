/** Runs that do not end by themselves: Ctrl-C once and twice, and `kill -9`. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readRun, type Run } from "../results/reader.ts";
import { totalsOf } from "../metrics/snapshot.ts";
import { pass } from "./peers/child.ts";
import { freePort } from "./peers/ports.ts";
import { Program, runProgram, startTargetProgram } from "./program.ts";
import { assertConserved, Folder, followingSchema, SHARED_MACHINE } from "./scenario_run.ts";

/** Small messages and sessions that are held longer than any test waits. */
const HOLDING = `
name: holding
target: { uri: embedded }
populations:
  - name: phones
    clients: 20
    register: { rate: 200/s }
    session: { hold: 10m }
    messages: { size: [{ weight: 1, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 20/s, duration: 10m }
thresholds: [messages.lost == 0]
`;

/** Starts the run in a folder and waits until some seconds of it are in its results. */
async function startRun(
  folder: Folder,
  target: string,
  seconds: number,
  further: readonly string[] = [],
): Promise<Program> {
  const file = await folder.write("scenario.yaml", HOLDING);
  const args = ["run", file, "--out", `${folder.path}/out`, "--target", target, ...SHARED_MACHINE, ...further];
  const program = Program.start(args);
  try {
    await program.until(`${seconds} seconds of results`, () => seenOf(folder) >= seconds || undefined);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return program;
}

/** Seconds of the results in which messages started. */
function seenOf(folder: Folder): number {
  try {
    return secondsOf(readRun(`${folder.path}/out`));
  } catch {
    return 0;
  }
}

function hasResults(folder: Folder): boolean {
  try {
    return Deno.statSync(`${folder.path}/out/series.msgpack`).size > 0;
  } catch {
    return false;
  }
}

function secondsOf({ snapshots }: Run): number {
  return snapshots.filter(({ counters }) => counters["generator.arrivals"] !== undefined).length;
}

async function reportOf(folder: Folder, format: string): Promise<string> {
  const { code, stdout } = await runProgram(["report", `${folder.path}/out`, "--format", format]);
  assertEquals(code, 0);
  return stdout;
}

for (const [signal, workers] of [["SIGINT", 1], ["SIGTERM", 1], ["SIGINT", 2]] as const) {
  Deno.test(`${signal} releases sessions and bindings of ${workers} worker(s), and leaves complete results`, async () => {
    await using target = await startTargetProgram([], freePort());
    await using folder = await Folder.make();
    await using program = await startRun(folder, `sip:${target.address}`, 3 * workers, ["--workers", `${workers}`]);
    program.signal(signal);
    const { code, stdout, stderr } = await program.end();
    assertEquals(code, 130, stderr);
    assertStringIncludes(stderr, "interrupted: releasing sessions and bindings");
    assertStringIncludes(stderr, "left behind: nothing");
    assertStringIncludes(stdout, "INTERRUPTED");

    const summary = followingSchema(JSON.parse(await Deno.readTextFile(`${folder.path}/out/summary.json`)));
    assertEquals(summary.verdict, "interrupted");
    assertConserved(summary);
    assert(summary.messages.delivered > 30);
    const { sessions } = summary;
    assert(sessions.established > 10);
    assertEquals(sessions.released + sessions.released_by_peer, sessions.established);
    // an INVITE that the signal met on its way was given up by CANCEL
    assertEquals([sessions.leaked, sessions.failed], [0, sessions.invited - sessions.established]);
    const run = readRun(`${folder.path}/out`);
    assert(run.complete, run.faults.join("\n"));
    assertEquals(JSON.parse(await reportOf(folder, "json")), summary);

    const counted = await target.stop();
    assertEquals(counted("bindings"), 0, "bindings are removed");
    assertEquals(counted("requests.REGISTER"), 40, "20 made, 20 removed");
    assert(counted("requests.BYE") >= sessions.established);
  });
}

Deno.test("SIGINT while clients register removes the bindings that there are and those in the making", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", HOLDING.replace("rate: 200/s", "rate: 5/s"));
  const args = ["run", file, "--out", `${folder.path}/out`, "--target", `sip:${target.address}`];
  await using program = Program.start(args);
  const registered = (): number => totalsOf(readRun(`${folder.path}/out`).snapshots).counter("clients.registered");
  await program.until("the first clients", () => (hasResults(folder) && registered() >= 4) || undefined);
  // a server that hears nothing for a moment: what is sent meanwhile is answered after the interruption
  target.program.signal("SIGSTOP");
  await pass(600);
  program.signal("SIGINT");
  await program.until("the interruption", () => program.stderr().includes("interrupted:") || undefined);
  target.program.signal("SIGCONT");
  const { code, stderr } = await program.end();
  assertEquals(code, 130, stderr);
  const counted = await target.stop();
  assert(counted("requests.REGISTER") >= 10);
  assertEquals(counted("bindings"), 0);
});

Deno.test("a second SIGINT stops at once, and what was recorded can be read", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  await using program = await startRun(folder, `sip:${target.address}`, 2);
  // nobody answers BYE any more: a clean end would take 5 s for sessions and 5 s for bindings
  target.program.signal("SIGSTOP");
  program.signal("SIGINT");
  await program.until("the first signal", () => program.stderr().includes("interrupted:") || undefined);
  const before = performance.now();
  program.signal("SIGINT");
  const { code, stderr } = await program.end();
  assertEquals(code, 130, stderr);
  assert(performance.now() - before < 4000, "does not wait for anybody");
  target.program.signal("SIGCONT");
  const run = readRun(`${folder.path}/out`);
  assert(run.complete, run.faults.join("\n"));
  assert(secondsOf(run) >= 2);
  assertEquals(JSON.parse(await reportOf(folder, "json")).verdict, "interrupted");
});

Deno.test("an interruption whose sessions nobody releases any more ends within a bounded wait", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  await using program = await startRun(folder, `sip:${target.address}`, 2);
  // silent, unlike one that is gone: that one's port is closed, which ends a session as well
  target.program.signal("SIGSTOP");
  program.signal("SIGINT");
  const { code, stderr } = await program.end();
  assertEquals(code, 130, stderr);
  const summary = followingSchema(JSON.parse(await Deno.readTextFile(`${folder.path}/out/summary.json`)));
  assertConserved(summary);
  assert(summary.sessions.leaked > 0, "sessions that could not be released are named");
});

Deno.test("after kill -9 every second but the last can be read, in every format", async () => {
  await using folder = await Folder.make();
  await using program = await startRun(folder, "embedded", 3);
  const before = seenOf(folder);
  program.signal("SIGKILL");
  assertEquals((await program.end()).code, 137);

  const run = readRun(`${folder.path}/out`);
  assert(secondsOf(run) >= before, `${before} seconds before, ${secondsOf(run)} after`);
  const totals = totalsOf(run.snapshots);
  // 20 messages became due each second, the one under way and the first one apart
  assert(totals.counter("generator.arrivals") >= (secondsOf(run) - 2) * 20);
  const json = JSON.parse(await reportOf(folder, "json"));
  assertEquals(json.verdict, "interrupted");
  assertEquals(json.load.arrivals, totals.counter("generator.arrivals"));
  assertConserved(json);
  assertStringIncludes(await reportOf(folder, "text"), "holding");
  assertStringIncludes(await reportOf(folder, "junit"), "<testsuite");
  assert((await reportOf(folder, "csv")).split("\n").length > 3);
  const { stdout, stderr } = await runProgram(["report", `${folder.path}/out`]);
  assert(stdout.startsWith("INCOMPLETE: "), stdout);
  assertStringIncludes(stderr, "the run was killed or still runs");
});
