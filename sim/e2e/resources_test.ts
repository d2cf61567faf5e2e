/** What a run takes from its machine and may not get: file descriptors, addresses, permissions. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AgentProgram } from "./agents.ts";
import { AnsweringServer } from "./answering_server.ts";
import { Program, type ProgramEnd } from "./program.ts";
import { assertConserved, Folder, runScenario, SHARED_MACHINE } from "./scenario_run.ts";

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

  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SOURCES);
  await using explaining = Program.start(["explain", file], { prefix: ["prlimit", "--nofile=200"] });
  const explained = await explaining.end();
  assertEquals(explained.code, 0, explained.stderr);
  assertStringIncludes(explained.stdout, "from 100 ports");
  assertStringIncludes(explained.stderr, "warning: 100 sources, two for each, need about ");
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

Deno.test({
  name: "where an address has fewer ports than clients are to send from, the run ends with 98 and says so",
  // a network of its own takes rights
  ignore: Deno.uid() !== 0,
  fn: async () => {
    // a network of its own with 61 ports
    const few = 'ip link set lo up; echo "40000 40060" > /proc/sys/net/ipv4/ip_local_port_range; exec "$@"';
    const run = await runScenario(SOURCES, {
      args: ["--no-calibration"],
      prefix: ["unshare", "-n", "sh", "-c", few, "sh"],
    });
    assertEquals([run.code, run.summary.verdict], [98, "invalid"], run.stdout + run.stderr);
    const said = "sockets cannot be opened: Cannot bind 127.0.0.1: none of its ports is free for both UDP and TCP";
    assertStringIncludes(run.stderr, said);
  },
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

Deno.test("without the permission for FFI datagrams move all the same, and the report says how, why and what is not known", async () => {
  const scenario = CROWDED.replace("size: 2000", "size: 100");
  const run = await runScenario(scenario, { args: ["--no-calibration"], permissions: NO_FFI });
  assertEquals([run.code, run.summary.verdict], [0, "passed"], run.stdout + run.stderr);
  assertStringIncludes(run.stdout, "portable UDP (the permission ffi is not granted)");
  assertStringIncludes(run.stdout, "datagrams dropped by our kernel: unknown");
  assertEquals([run.summary.generator.socket_drops, run.summary.generator.descriptors], [null, null]);
  assertEquals(run.summary.messages.delivered, 120);
});

Deno.test("an agent whose sockets cannot be opened says so, and takes the next run", async () => {
  await using folder = await Folder.make();
  await using agent = await AgentProgram.start(folder.path);
  await agent.make({ id: "far", scenario: SOURCES.replace("{ ports: 100 }", "{ addresses: 192.0.2.0/28 }") });
  const end = await agent.until("far", "done", "failed", "aborted");
  assertEquals([end.state, end.verdict], ["failed", "invalid"]);
  assertStringIncludes(end.reason!, "sockets cannot be opened: Cannot bind 192.0.2.1:0: it is no address of this host");
  await agent.make({ id: "near", scenario: SOURCES });
  await agent.until("near", "ready");
});

const FLOOD = `
name: flood
target: { uri: "sip:127.0.0.1:5060", domain: ims.example }
populations:
  - name: phones
    clients: 5
    register: { rate: 500/s }
    unregister: false
    messages: { size: 100, to: { uri: "sip:bob@ims.example" } }
phases:
  - { executor: constant-arrival-rate, rate: 20/s, duration: 4s }
`;

for (const env of [{}, { SIM_UDP: "portable" }]) {
  const way = "SIM_UDP" in env ? "portable" : "batched";
  Deno.test(`a receive queue that overflows is counted and makes the run invalid, ${way}`, async () => {
    await using server = AnsweringServer.start();
    await using folder = await Folder.make();
    const file = await folder.write("scenario.yaml", FLOOD);
    const out = `${folder.path}/out`;
    const target = ["--target", `sip:127.0.0.1:${server.port}`, "--out", out, "--no-calibration"];
    await using program = Program.start(["run", file, ...target, ...SHARED_MACHINE], { env });
    await server.untilSeen(20);
    const port = Number(server.seen[0]!.from.split(":")[1]);
    program.signal("SIGSTOP");
    await flood(port, 30_000);
    program.signal("SIGCONT");
    const { code, stdout, stderr } = await program.end();
    assertEquals(code, 98, stdout + stderr);
    const { generator, verdict } = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
    assertEquals([verdict, generator.validity], ["invalid", "invalid"]);
    assert(generator.socket_drops > 100, `${generator.socket_drops}`);
    assert(generator.reasons.some((reason: string) => reason.startsWith("our kernel dropped ")), generator.reasons);
  });
}

/** Sends as many small datagrams; a queue of 16 MiB takes about 20,000 of them, as the kernel counts its own memory. */
async function flood(port: number, count: number): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port };
  const octets = new TextEncoder().encode("no SIP");
  for (let i = 0; i < count; i++) await socket.send(octets, to);
  socket.close();
}

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
