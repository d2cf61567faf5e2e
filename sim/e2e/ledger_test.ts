/** The ledger against servers whose faults are known to the message: what is reported is what was injected. */
import { assert, assertEquals } from "@std/assert";
import { freePort } from "./peers/ports.ts";
import { readRun } from "../results/reader.ts";
import type { Summary } from "../report/summary.ts";
import { Program, startTargetProgram } from "./program.ts";
import { assertConserved, Folder, runScenario, type ScenarioRun, SHARED_MACHINE } from "./scenario_run.ts";

/** 400 small messages among 30 clients. */
const SMALL = `
name: ledger
target: { uri: embedded }
populations:
  - name: phones
    clients: 30
    register: { rate: 200/s }
    messages: { size: 100 }
phases:
  - { executor: constant-arrival-rate, rate: 200/s, duration: 2s }
limits: { lost_grace: 1s }
`;

/** Of 400 messages: 5 lost, 6 changed, 7 cut, 3 gone astray, 4 doubled; none of them is due with another at the end. */
const EVERY = { lose: 79, corrupt: 66, truncate: 57, misroute: 130, duplicate: 98 };

function assertFaults({ summary }: ScenarioRun): void {
  const { messages, generator } = summary;
  assertConserved(summary);
  assertEquals(messages.attempted, 400);
  assertEquals(messages.accepted_200, 400, "the server answered every one with 200");
  assertEquals(
    [messages.corrupted, messages.truncated, messages.misrouted, messages.duplicated],
    [6, 7, 3, 4],
  );
  assertEquals([messages.lost, messages.delivered], [5 + 6 + 7 + 3, 400 - 21]);
  assertEquals([messages.late, messages.unknown, messages.unmarked, messages.out_of_order], [0, 0, 0, 0]);
  assertEquals(messages.pager, { ...messages.pager, corrupted: 6, truncated: 7, misrouted: 3, duplicated: 4 });
  assertEquals(generator.reasons, []);
}

Deno.test("exactly so many messages are lost, changed, cut, gone astray and doubled as the server says", async () => {
  await using target = await startTargetProgram(
    Object.entries(EVERY).flatMap(([name, count]) => [`--${name}-every`, String(count)]),
    freePort(),
  );
  const run = await runScenario(SMALL, {
    args: ["--target", `sip:${target.address}`, "--set", "target.domain=ims.example"],
  });
  assertFaults(run);
  const counted = await target.stop();
  const names = ["messages_lost", "corrupted", "truncated", "misrouted", "duplicated"];
  assertEquals(names.map((name) => counted(`faults.${name}`)), [5, 6, 7, 3, 4]);
});

Deno.test("two workers find the faults of the embedded server just as exactly", async () => {
  const sets = Object.entries(EVERY).map(([name, count]) => `target.embedded.${name}_every=${count}`);
  const run = await runScenario(SMALL.replace("uri: embedded", "uri: embedded, embedded: {}"), {
    args: ["--workers", "2", ...sets.flatMap((set) => ["--set", set])],
  });
  assertFaults(run);
  assertEquals(run.code, 0, run.stderr);
});

Deno.test("what arrives after its message was given up is late, and stays refused", async () => {
  // given up after 640 ms, refused 200 ms later, and then it arrives
  const run = await runScenario(SMALL.replace("uri: embedded", "uri: embedded, embedded: { delay: 1500ms }"), {
    args: ["--set", "limits.lost_grace=200ms", "--set", "timers.t1=10ms"],
  });
  assertConserved(run.summary);
  const { messages } = run.summary;
  assertEquals([messages.timed_out, messages.refused, messages.delivered], [400, 400, 0]);
  // the last ones are still on their way when the run ends
  assert(messages.late > 200 && messages.late <= 400, `${messages.late} late`);
});

Deno.test("a server that stands still for a while shows in the latency from the intended instant", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SMALL.replace("duration: 2s", "duration: 6s"));
  const out = `${folder.path}/out`;
  const args = ["--target", `sip:${target.address}`, "--set", "target.domain=ims.example", ...SHARED_MACHINE];
  await using program = Program.start(["run", file, "--out", out, ...args]);
  await program.until("messages", () => hasAttempted(out) || undefined);
  target.program.signal("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 2000));
  target.program.signal("SIGCONT");
  const end = await program.end();
  assertEquals(end.code, 0, end.stderr);
  const { messages, latency_us: latency }: Summary = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
  assertEquals([messages.attempted, messages.delivered, messages.lost], [1200, 1200, 0]);
  // a third of the messages became due while nobody answered: the earliest of them waited two seconds
  const { p50, p99, max } = latency.pager_accept;
  assert(p99! > 1_500_000 && max! > 1_900_000, `p99 ${p99} µs, max ${max} µs`);
  assert(p50! < 500_000, `p50 ${p50} µs`);
});

/** Whether the results of a run that goes on show messages already. */
function hasAttempted(folder: string): boolean {
  try {
    return readRun(folder).snapshots.some(({ counters }) => (counters["messages.attempted"] ?? 0) > 0);
  } catch {
    return false;
  }
}
