/** How `run` ends: its exit codes, its streams, and what it must find before it sends anything. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runToEnd } from "./peers/child.ts";
import { freePort, LOOPBACK } from "./peers/ports.ts";
import { Program, runProgram, startTargetProgram } from "./program.ts";
import { assertAllDelivered, assertConserved, Folder, runScenario, SHARED_MACHINE } from "./scenario_run.ts";

/** A few small messages on the embedded target. */
const SHORT = `
name: short
target: { uri: embedded }
populations:
  - name: phones
    clients: 10
    register: { rate: 200/s }
    messages: { size: 100 }
phases:
  - { executor: constant-arrival-rate, rate: 20/s, duration: 1s }
`;

/** A server that takes datagrams and never answers; `seen` are those it got. */
class SilentServer implements AsyncDisposable {
  readonly port: number;
  readonly seen: string[] = [];
  readonly #socket: Deno.DatagramConn;
  readonly #reading: Promise<void>;

  constructor() {
    this.#socket = Deno.listenDatagram({ hostname: LOOPBACK, port: 0, transport: "udp" });
    this.port = (this.#socket.addr as Deno.NetAddr).port;
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    for await (const [octets] of this.#socket) this.seen.push(new TextDecoder().decode(octets));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#reading;
  }

  /** Whatever was sent before has arrived: a datagram of our own came after it. */
  async settled(): Promise<readonly string[]> {
    const sender = Deno.listenDatagram({ hostname: LOOPBACK, port: 0, transport: "udp" });
    await sender.send(new TextEncoder().encode("end"), { transport: "udp", hostname: LOOPBACK, port: this.port });
    while (this.seen.at(-1) !== "end") await new Promise((resolve) => setTimeout(resolve, 5));
    sender.close();
    return this.seen.slice(0, -1);
  }
}

Deno.test("a run that passes ends with 0 and shows its summary on standard output", async () => {
  const run = await runScenario(SHORT, { args: ["--set", "thresholds=[messages.lost == 0]"] });
  assertEquals([run.code, run.summary.verdict], [0, "passed"], run.stderr);
  assertAllDelivered(run);
  assertEquals(run.summary.messages.attempted, 20);
  for (const what of ["short", "passed", "messages.lost == 0"]) assertStringIncludes(run.stdout, what);
  assertStringIncludes(run.stderr, "results: ");
});

Deno.test("a threshold that fails ends the run with 99", async () => {
  const run = await runScenario(SHORT, { args: ["--set", "thresholds=[pager_accept.p99 < 1us, messages.lost == 0]"] });
  assertEquals([run.code, run.summary.verdict], [99, "failed"]);
  assertEquals(run.summary.thresholds.map(({ passed }) => passed), [false, true]);
  assertAllDelivered(run);
});

Deno.test("a threshold without data ends the run with 98, whatever it says", async () => {
  const run = await runScenario(SHORT, { args: ["--set", "thresholds=[large_delivery.p95 < 2s]"] });
  assertEquals([run.code, run.summary.verdict, run.summary.generator.validity], [98, "invalid", "invalid"]);
  assertEquals(run.summary.thresholds, [
    { expression: "large_delivery.p95 < 2s", actual: null, passed: false, samples: 0, status: "no_data" },
  ]);
  assertStringIncludes(run.stdout, "no data for the threshold large_delivery.p95 < 2s");
});

Deno.test("an invalid scenario ends with 3, names every fault and sends nothing", async () => {
  await using server = new SilentServer();
  await using folder = await Folder.make();
  const file = await folder.write(
    "scenario.yaml",
    SHORT.replace("embedded", `"sip:127.0.0.1:${server.port}"`).replace("size: 100", "size: 100, colour: red")
      .replace("rate: 20/s", "rate: 20"),
  );
  const { code, stdout, stderr } = await runProgram(["run", file, "--out", `${folder.path}/out`]);
  assertEquals([code, stdout], [3, ""]);
  assertEquals(stderr.trimEnd().split("\n").map((line) => line.split(": ")[0]), [`${file}:8:28`, `${file}:10:46`]);
  assertEquals(await server.settled(), []);
});

Deno.test("a results folder that cannot be used is found before anything is sent", async () => {
  await using server = new SilentServer();
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SHORT);
  const target = ["--target", `sip:127.0.0.1:${server.port}`];
  const beneathFile = await runProgram(["run", file, ...target, "--out", `${file}/out`]);
  assertEquals([beneathFile.code, beneathFile.stdout], [2, ""]);
  assertStringIncludes(beneathFile.stderr, `${file}/out`);
  const notEmpty = await runProgram(["run", file, ...target, "--out", folder.path]);
  assertEquals([notEmpty.code, notEmpty.stdout], [2, ""]);
  assertStringIncludes(notEmpty.stderr, folder.path);
  const capture = ["--pcap", `${folder.path}/no/such/folder.pcapng`];
  const noCapture = await runProgram(["run", file, ...target, "--out", `${folder.path}/out`, ...capture]);
  assertEquals([noCapture.code, noCapture.stdout], [2, ""]);
  assertStringIncludes(noCapture.stderr, "no/such/folder.pcapng");
  const summary = ["--summary", `${folder.path}/no/such/summary.json`];
  const noSummary = await runProgram(["run", file, ...target, "--out", `${folder.path}/other`, ...summary]);
  assertEquals([noSummary.code, noSummary.stdout], [2, ""]);
  assertStringIncludes(noSummary.stderr, "no/such/summary.json");
  assertEquals(await server.settled(), []);
});

/** A small disk in a folder; undefined where nothing may be mounted: only root does, and not in every container. */
async function mountDisk(folder: string, size: string): Promise<AsyncDisposable | undefined> {
  await Deno.mkdir(folder);
  const { code } = await runToEnd("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], 10_000);
  if (code !== 0) return undefined;
  return { [Symbol.asyncDispose]: async () => void await runToEnd("umount", [folder], 10_000) };
}

Deno.test("a disk that is nearly full is found before anything is sent", async (t) => {
  await using server = new SilentServer();
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SHORT);
  await using disk = await mountDisk(`${folder.path}/disk`, "1m");
  await t.step({
    name: "1 MiB",
    ignore: disk === undefined,
    fn: async () => {
      const args = ["--target", `sip:127.0.0.1:${server.port}`, "--out", `${folder.path}/disk/out`];
      const { code, stdout, stderr } = await runProgram(["run", file, ...args]);
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, "at least 64 MiB are needed");
      assertEquals(await server.settled(), []);
    },
  });
});

Deno.test("a disk that fills up during the run ends it with 2, and sessions and bindings are released", async (t) => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SHORT.replace("duration: 1s", "duration: 10m"));
  await using disk = await mountDisk(`${folder.path}/disk`, "66m");
  await t.step({
    name: "66 MiB",
    ignore: disk === undefined,
    fn: async () => {
      const out = `${folder.path}/disk/out`;
      await using program = Program.start(["run", file, "--target", `sip:${target.address}`, "--out", out]);
      const size = (): number => statOrNothing(`${out}/series.msgpack`);
      await program.until("the first results", () => size() > 0 || undefined);
      await runToEnd("dd", ["if=/dev/zero", `of=${folder.path}/disk/rest`, "bs=4096"], 30_000);
      const { code, stderr } = await program.end();
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, `Cannot write results to ${out}: No space left on device`);
      assert(!/^ +at /m.test(stderr), "no stack trace");
      assertEquals((await target.stop())("bindings"), 0);
    },
  });
});

function statOrNothing(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

Deno.test("a target that does not answer ends the run with 4 and what was tried, over UDP", async () => {
  await using server = new SilentServer();
  // Timer F is 64 times T1
  const args = ["--target", `sip:127.0.0.1:${server.port}`, "--set", "timers.t1=20ms"];
  const run = await runScenario(SHORT, { args });
  assertEquals(run.code, 4, run.stderr);
  assertStringIncludes(run.stderr, `127.0.0.1:${server.port}`);
  assertStringIncludes(run.stderr, "no answer to REGISTER");
  assertEquals(run.summary.clients.registered, 0);
  assertEquals(run.summary.messages.attempted, 0);
  const seen = await server.settled();
  assert(seen.length > 1 && seen.every((text) => text.startsWith("REGISTER ")), "REGISTER and its retransmissions");
});

Deno.test("a target that refuses connections ends the run with 4 and what was tried, over TCP", async () => {
  const target = `127.0.0.1:${freePort()}`;
  const run = await runScenario(SHORT, { args: ["--target", `sip:${target};transport=tcp`] });
  assertEquals(run.code, 4, run.stderr);
  assertStringIncludes(run.stderr, target);
  assertStringIncludes(run.stderr, "connection_refused");
  assertEquals(run.summary.clients.registered, 0);
});

Deno.test("clients that do not register and can send nothing end the run with 4 as well", async () => {
  const target = `127.0.0.1:${freePort()}`;
  const args = [
    "--target",
    `sip:${target};transport=tcp`,
    "--set",
    "populations.phones.register=false",
    "--set",
    "limits.lost_grace=1s",
  ];
  const run = await runScenario(SHORT, { args });
  assertEquals(run.code, 4, run.stderr);
  assertStringIncludes(run.stderr, `tried ${target}: nothing could be sent: connection_refused`);
  assertEquals([run.summary.messages.attempted, run.summary.messages.failed], [20, 20]);
  assertConserved(run.summary);
});

Deno.test("a target whose host nobody knows ends the run with 4", async () => {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SHORT);
  const end = await runProgram(["run", file, "--target", "sip:no-such-host.invalid", "--out", `${folder.path}/out`]);
  assertEquals([end.code, end.stdout], [4, ""]);
  assertStringIncludes(end.stderr, "sip:no-such-host.invalid");
});

Deno.test("--summary - leaves nothing but JSON on standard output, the same as summary.json", async () => {
  const run = await runScenario(SHORT, { args: ["--summary", "-"] });
  assertEquals(run.code, 0);
  assertEquals(JSON.parse(run.stdout), run.summary);
});

Deno.test("--quiet prints nothing at all, and --summary writes to a file", async () => {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SHORT);
  const summary = `${folder.path}/summary.json`;
  const out = `${folder.path}/out`;
  const args = ["--quiet", "--out", out, "--summary", summary, ...SHARED_MACHINE];
  assertEquals(await runProgram(["run", file, ...args]), { code: 0, stdout: "", stderr: "" });
  assertEquals(await Deno.readTextFile(summary), await Deno.readTextFile(`${out}/summary.json`));
});

Deno.test("without --out the results lie in results/ of the working folder, named by time and scenario", async () => {
  await using folder = await Folder.make();
  await folder.write("scenario.yaml", SHORT);
  const end = await runProgram(["run", "scenario.yaml", ...SHARED_MACHINE], { folder: folder.path });
  assertEquals(end.code, 0, end.stderr);
  const names = await Array.fromAsync(Deno.readDir(`${folder.path}/results`), ({ name }) => name);
  assertEquals(names.length, 1);
  assert(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-short$/.test(names[0]!), names[0]!);
  assertStringIncludes(end.stderr, `results: results/${names[0]}`);
});
