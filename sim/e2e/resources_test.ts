/** What a run takes from its machine and may not get: file descriptors, addresses, permissions. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Program, type ProgramEnd } from "./program.ts";
import { assertConserved, Folder, runScenario } from "./scenario_run.ts";

const CROWDED = `
name: crowded
target: { uri: embedded }
populations:
  - name: phones
    clients: 100
    register: { rate: 500/s }
    session: { hold: 4s }
    messages: { size: 2000 }
phases:
  - { executor: constant-arrival-rate, rate: 60/s, duration: 2s }
`;

/** Without FFI: portable sockets, and nothing is known of the limits of the process. */
const NO_FFI = ["--allow-net", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"];

/** Starts a run that must not begin: it ends by itself and leaves no folder. */
async function refused(
  scenario: string,
  args: readonly string[],
  options: Parameters<typeof Program.start>[1] = {},
): Promise<ProgramEnd & { readonly hasFolder: boolean }> {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", scenario);
  const out = `${folder.path}/out`;
  await using program = Program.start(["run", file, "--out", out, "--no-calibration", ...args], options);
  const end = await program.end();
  const stat = await Deno.stat(`${out}/run.json`).catch(() => undefined);
  return { ...end, hasFolder: stat !== undefined };
}

const SOURCES = CROWDED.replace("clients: 100", "clients: 100\n    source: { ports: 100 }");

Deno.test("a run whose sockets need more descriptors than it may open ends before it begins, with 98", async () => {
  const { code, stderr, hasFolder } = await refused(SOURCES, [], { prefix: ["prlimit", "--nofile=200"] });
  assertEquals([code, hasFolder], [98, false], stderr);
  assertStringIncludes(stderr, "Cannot open the sockets of crowded: 100 sources, two for each, need about ");
  assertStringIncludes(stderr, "and this process may open 200 (ulimit -n)");
});

Deno.test("where the limit is not known before, the run ends at the socket that cannot be opened, invalid, with 98", async () => {
  const run = await runScenario(SOURCES, {
    args: ["--no-calibration"],
    prefix: ["prlimit", "--nofile=160"],
    permissions: NO_FFI,
  });
  assertEquals([run.code, run.summary.verdict], [98, "invalid"], run.stdout + run.stderr);
  assertStringIncludes(run.summary.generator.reasons[0]!, "sockets cannot be opened: Too many open files");
  assertStringIncludes(run.stderr, "sockets cannot be opened: Too many open files");
  assertEquals(run.summary.messages.attempted, 0);
});

Deno.test("connections that find no descriptor fail as such, are counted and make the run invalid", async () => {
  const run = await runScenario(CROWDED, { args: ["--no-calibration"], prefix: ["prlimit", "--nofile=150"] });
  const { summary } = run;
  assertConserved(summary);
  assertEquals([run.code, summary.verdict], [98, "invalid"], run.stdout + run.stderr);
  const failed = summary.messages.large.failed;
  assert(failed > 10 && summary.messages.large.delivered > 10, JSON.stringify(summary.messages.large));
  assertEquals(summary.failures, { msrp_no_resources: failed });
  // those that peers could not take are in it as well
  assert(summary.generator.no_resources >= failed);
  const reason = `we had no file descriptor or port left for ${summary.generator.no_resources} connections`;
  assert(summary.generator.reasons.includes(reason), `${summary.generator.reasons}`);
  assert(summary.generator.cpu_share! >= 0);
  assertStringIncludes(run.stderr, "left behind: nothing");
});

Deno.test("addresses that are not this machine's are faults of the scenario at their place, or of the command line", async () => {
  const at = SOURCES.replace("{ ports: 100 }", "{ addresses: 192.0.2.0/28 }");
  const source = await refused(at, []);
  assertEquals([source.code, source.hasFolder], [3, false], source.stderr);
  const fault = "cannot be sent from: 192.0.2.1 is no address of this machine";
  assert(/scenario\.yaml:7:26: populations\[0\]\.source\.addresses: /.test(source.stderr), source.stderr);
  assertStringIncludes(source.stderr, fault);
  const local = await refused(CROWDED, ["--local", "192.0.2.7"]);
  assertEquals([local.code, local.hasFolder], [2, false], local.stderr);
  assertStringIncludes(local.stderr, "Cannot use --local 192.0.2.7: 192.0.2.7 is no address of this machine");
});
