/** Several workers do what one does, and a run says how many it has. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Manifest } from "../results/run_record.ts";
import { Program } from "./program.ts";
import { assertAllDelivered, Folder, runScenario } from "./scenario_run.ts";

/** Both modes, exact sizes, contacts, sessions that are held, actions besides messages, a closed phase. */
const EVERYTHING = `
name: everything
seed: 11
target: { uri: embedded }
populations:
  - name: phones
    clients: 31
    register: { rate: 200/s }
    session: { hold: 200ms }
    messages:
      size:
        - { weight: 5, uniform: [40, 300] }
        - { weight: 1, constant: 3 }
        - { weight: 2, uniform: [2KiB, 8KiB] }
        - { weight: 2, total: [1299, 1300, 1301] }
      to: { population: phones, pick: contacts }
phases:
  - { executor: constant-arrival-rate, rate: 100/s, duration: 1500ms, arrivals: poisson }
  - { executor: per-vu-iterations, vus: 7, iterations: 3, max_duration: 20s }
thresholds:
  - messages.lost == 0
`;

Deno.test("two workers, and more than there are clients for, give the totals of one", async () => {
  const totals = async (workers: number, ...args: string[]) => {
    const run = await runScenario(EVERYTHING, { args: ["--workers", String(workers), ...args] });
    assertAllDelivered(run);
    const { messages, clients, decisions, sessions, session_timer, failures } = run.summary;
    // how often somebody overtook somebody else is chance
    const { out_of_order: _, ...counts } = messages;
    const perMode = [counts.pager, counts.large].map(({ out_of_order: _, ...mode }) => mode);
    return { ...counts, pager: perMode[0], large: perMode[1], clients, decisions, sessions, session_timer, failures };
  };
  const one = await totals(1);
  assertEquals(one.attempted, 150 + 21);
  assert(one.decisions.pager > 0 && one.decisions.large > 0 && one.decisions.at_boundary > 0);
  assertEquals(await totals(2), one);

  const few = ["--set", "populations.phones.clients=2", "--set", "phases.1.vus=2"];
  assertEquals(await totals(3, ...few), await totals(1, ...few));
});

Deno.test("run says how many workers it has and why, and keeps it; the load may ask for more than fit", async () => {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", EVERYTHING);
  const end = async (name: string, ...args: string[]) => {
    await using program = Program.start(["run", file, "--out", `${folder.path}/${name}`, "--no-calibration", ...args]);
    const { stderr } = await program.end();
    const manifest: Manifest = JSON.parse(await Deno.readTextFile(`${folder.path}/${name}/run.json`));
    return { stderr, manifest };
  };
  const quick = ["--set", "phases.0.duration=100ms", "--set", "phases.1.iterations=1"];
  const light = await end("light", ...quick);
  assert(/^1 worker: \d+ messages\/s at the peak: about 0\.\d\d of \d+ cores?/m.test(light.stderr), light.stderr);
  assertEquals(light.manifest.workers, 1);
  assertStringIncludes(light.stderr, light.manifest.workers_reason!);
  assert(!light.stderr.includes("warning"), light.stderr);

  // 1000 workers could not send that; the phase is over before it begins to
  const heavy = await end(
    "heavy",
    "--quiet",
    "--workers",
    "1",
    ...quick,
    "--set",
    "phases.0.rate=1000000/s",
    "--set",
    "phases.0.duration=1ms",
  );
  assert(
    /^warning: the load asks for \d+ workers, and there is 1: the generator may be the limit$/m.test(heavy.stderr),
    heavy.stderr,
  );
  assertStringIncludes(heavy.manifest.workers_reason!, "as asked for; the load asks for");
});

Deno.test("a target that is not there is found by several workers as by one, though one of them has no clients", async () => {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", EVERYTHING);
  const args = [
    "--target",
    "sip:127.0.0.1:9",
    "--workers",
    "3",
    "--set",
    "populations.phones.clients=2",
    "--set",
    "phases.1.vus=2",
    "--set",
    "populations.phones.transport=tcp",
  ];
  await using program = Program.start(["run", file, "--out", `${folder.path}/out`, ...args]);
  const { code, stderr } = await program.end();
  assertEquals(code, 4, stderr);
});

Deno.test("explain counts the cores that this process may use, not those of the machine", async () => {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", EVERYTHING);
  await using program = Program.start(["explain", file, "--set", "phases.0.rate=90000/s"], {
    prefix: ["taskset", "-c", "0"],
  });
  const { stdout } = await program.end();
  assertStringIncludes(stdout, "of 1 core, the embedded server on one; no more fit");
  assert(/^ {2}warning: the load asks for \d+ workers, and there is 1/m.test(stdout), stdout);
});
