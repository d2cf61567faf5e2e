/** Nights, baselines and comparisons by the real program: a server, the same one again, and a slowed one. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePort } from "./peers/ports.ts";
import { type ProgramEnd, runProgram, startTargetProgram } from "./program.ts";
import { Folder, SHARED_MACHINE } from "./scenario_run.ts";

/** Six seconds of load. */
const scenarioOf = (port: number): string => `
name: watch
target: { uri: "sip:127.0.0.1:${port}", domain: ims.example }
populations:
  - name: phones
    clients: 40
    register: { rate: 200/s }
    messages: { size: 100 }
phases:
  - { executor: constant-arrival-rate, rate: 40/s, duration: 7s, warmup: 1s }
limits: { lost_grace: 2s }
thresholds: [messages.lost == 0]
`;
/**
 * What a machine that tests share does to latencies must be little beside what the server does: it takes 150 ms for each
 * request, and more than three times as long when it is slow.
 */
const [USUAL, SLOW] = [["--delay", "150ms"], ["--delay", "480ms"]];
const MARGINS = ["--margin", "100%"];
const DAY = 86_400_000;

async function foldersIn(path: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(path), ({ name, isDirectory }) => isDirectory ? name : "");
  return names.filter((name) => name !== "").sort();
}

/** Puts earlier nights beside a run: copies of it, a day apart. */
async function copyNights(results: string, night: string, count: number): Promise<void> {
  const manifest = JSON.parse(await Deno.readTextFile(`${results}/${night}/run.json`));
  const start = Date.parse(manifest.started_at);
  for (let days = 1; days <= count; days++) {
    const at = new Date(start - days * DAY).toISOString();
    const folder = `${results}/${at.slice(0, 19).replaceAll(":", "-")}Z-watch`;
    await Deno.mkdir(folder);
    for await (const { name } of Deno.readDir(`${results}/${night}`)) {
      await Deno.copyFile(`${results}/${night}/${name}`, `${folder}/${name}`);
    }
    await Deno.writeTextFile(`${folder}/run.json`, JSON.stringify({ ...manifest, "started_at": at }));
  }
}

Deno.test("two equal runs are the same, and a slowed server is worse for compare, baseline and nights", async (t) => {
  await using folder = await Folder.make();
  const port = freePort();
  const file = await folder.write("watch.yaml", scenarioOf(port));
  const results = `${folder.path}/nights`;
  const nightly = (...args: string[]): Promise<ProgramEnd> =>
    runProgram(["nightly", file, "--results", results, "--no-calibration", ...SHARED_MACHINE, ...MARGINS, ...args]);
  const again = `${folder.path}/again`;
  {
    await using _target = await startTargetProgram(USUAL, port);
    const first = await nightly();
    assertEquals(first.code, 0, first.stdout + first.stderr);
    assertStringIncludes(first.stdout, "0 earlier nights of this scenario");
    const second = await runProgram(["run", file, "--out", again, "--no-calibration", "--quiet", ...SHARED_MACHINE]);
    assertEquals(second.code, 0, second.stderr);
  }
  const [night = ""] = await foldersIn(results);
  const baseline = `${results}/${night}`;

  await t.step("equal runs are the same", async () => {
    const { code, stdout } = await runProgram(["compare", again, "--baseline", baseline, ...MARGINS]);
    assertEquals(code, 0, stdout);
    assert(stdout.split("\n")[0]!.endsWith("SAME"), stdout);
  });

  await copyNights(results, night, 6);
  await Deno.mkdir(`${results}/notes`);
  await Deno.rename(`${results}/${(await foldersIn(results))[0]}`, `${results}/kept-by-name`);
  let slow: ProgramEnd;
  {
    await using _target = await startTargetProgram(SLOW, port);
    slow = await nightly("--baseline", baseline, "--keep", "3");
  }
  const slowed = (await foldersIn(results)).findLast((name) => name.endsWith("-watch"))!;

  await t.step("a night on a slowed server ends with 99, and says beside what it is worse", async () => {
    assertEquals(slow.code, 99, slow.stdout + slow.stderr);
    assertStringIncludes(slow.stdout, "WORSE");
    assertStringIncludes(slow.stdout, "7 earlier nights of this scenario");
    const junit = await Deno.readTextFile(`${results}/${slowed}/junit.xml`);
    for (const name of ["no regression from the baseline", "nights: pager_accept.p50"]) {
      assert(junit.includes(`name="${name}" time="0">\n      <failure`), `${name} fails\n${junit}`);
    }
    assertStringIncludes(junit, 'name="baseline: pager_accept.p50"');
    assertEquals(await Deno.readTextFile(`${results}/junit.xml`), junit);
    const { verdict } = JSON.parse(await Deno.readTextFile(`${results}/${slowed}/comparison.json`));
    assertEquals(verdict, "worse");
  });

  await t.step("the latest nights stay, with the baseline and what is none of these", async () => {
    const names = await foldersIn(results);
    assertEquals(names.filter((name) => name.endsWith("-watch")).length, 3);
    for (const name of [night, slowed, "kept-by-name", "notes"]) assert(names.includes(name), name);
    const index = await Deno.readTextFile(`${results}/index.html`);
    assertStringIncludes(index, `href="${slowed}/comparison.html"`);
    await Deno.remove(`${results}/index.html`);
    const { code, stdout } = await runProgram(["report", results, "--index"]);
    assertEquals([code, stdout], [0, `${results}/index.html\n`]);
    assertEquals(await Deno.readTextFile(`${results}/index.html`), index);
  });

  await t.step("compare says so in every format", async () => {
    const compare = (...args: string[]) =>
      runProgram(["compare", baseline, again, `${results}/${slowed}`, ...MARGINS, ...args]);
    const json = await compare("--format", "json");
    const { runs } = JSON.parse(json.stdout);
    assertEquals([json.code, runs.map((run: { verdict: string }) => run.verdict)], [99, ["same", "worse"]]);
    const html = await compare("--format", "html");
    assert(html.stdout.startsWith("<!DOCTYPE html>") && !/https?:/.test(html.stdout));
  });

  await t.step("a run that was cut short is refused with 98, and compared when forced", async () => {
    const path = `${again}/series.msgpack`;
    await Deno.truncate(path, (await Deno.stat(path)).size - 200);
    const refused = await runProgram(["compare", baseline, again, ...MARGINS]);
    assertEquals(refused.code, 98, refused.stdout);
    assertStringIncludes(refused.stdout, "extent: whole → cut short");
    assertStringIncludes(refused.stderr, "series.msgpack: ");
    const forced = await runProgram(["compare", baseline, again, "--force", ...MARGINS]);
    assertStringIncludes(forced.stdout, "pager_accept.p50");
  });
});

Deno.test("a night whose measurement says nothing ends with 98, and a baseline of another scenario too", async () => {
  await using folder = await Folder.make();
  const text = scenarioOf(1).replace(/target: .*/, "target: { uri: embedded }").replace("7s, warmup: 1s", "1s");
  const file = await folder.write("watch.yaml", text);
  const run = (command: string, ...args: string[]): Promise<ProgramEnd> =>
    runProgram([command, file, "--no-calibration", ...SHARED_MACHINE, ...args]);
  const results = `${folder.path}/nights`;
  const bad = await run("nightly", "--results", results, "--set", "thresholds=[large_delivery.p95 < 2s]");
  assertEquals(bad.code, 98, bad.stderr);
  const [night = ""] = await foldersIn(results);
  assertStringIncludes(await Deno.readTextFile(`${results}/index.html`), "invalid");
  const out = `${folder.path}/out`;
  const other = await run("run", "--out", out, "--baseline", `${results}/${night}`);
  assertEquals(other.code, 98, other.stderr);
  assertStringIncludes(other.stderr, "it is no baseline of this run");
  assertEquals(await Deno.stat(out).catch(() => "nothing was run"), "nothing was run");
});

Deno.test("compare and nightly name what is wrong with their arguments, and end with 2", async () => {
  const none = "/no/such/run";
  for (
    const [args, part] of [
      [["compare", none], "name two, or one and --baseline RUN"],
      [["compare", none, none], "Cannot read run /no/such/run"],
      [["compare", none, none, "--margin", "half"], "--margin half: it is a share such as 5%"],
      [["compare", none, none, "--margin-latency", "5"], "--margin-latency 5: it is a duration"],
      [["compare", none, none, "--confidence", "100%"], "between 50% and 99.9%"],
      [["run", "scenarios/demo.yaml", "--baseline", none], "Cannot read run /no/such/run"],
      [["nightly", "scenarios/nightly.yaml", "--margin", "-3"], "--margin"],
      [["nightly", "scenarios/nightly.yaml", "--keep", "0"], "--keep"],
      [["report", none, "--index"], "Cannot list the runs of /no/such/run"],
    ] as const
  ) {
    const { code, stdout, stderr } = await runProgram(args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertStringIncludes(stderr, part);
  }
});
