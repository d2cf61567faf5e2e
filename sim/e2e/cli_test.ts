/** What the program says about itself and about scenario files; nothing here sends anything. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT, runProgram } from "./program.ts";
import { Folder } from "./scenario_run.ts";

const COMMANDS = ["run", "target", "send", "validate", "explain", "report", "compare", "agent"];

async function scenarioFiles(): Promise<string[]> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(`${ROOT}scenarios`)) {
    if (name.endsWith(".yaml")) files.push(`scenarios/${name}`);
  }
  return files.sort();
}

Deno.test("the help of the program and of every command explains itself on standard output with an example", async () => {
  for (const command of ["", ...COMMANDS]) {
    const { code, stdout, stderr } = await runProgram([...(command === "" ? [] : [command]), "--help"]);
    assertEquals([code, stderr], [0, ""], command);
    assertStringIncludes(stdout, `Usage: imstorm ${command}`);
    assertStringIncludes(stdout, `Example: imstorm ${command}`);
  }
  const overview = await runProgram([]);
  assertEquals(overview.code, 0);
  for (const command of COMMANDS) assertStringIncludes(overview.stdout, `\n  ${command} `);
});

Deno.test("the examples of the help are command lines that the program understands", async () => {
  for (const command of COMMANDS) {
    const { stdout } = await runProgram([command, "--help"]);
    const example = /^Example: imstorm (.*)$/m.exec(stdout)?.[1];
    assert(example !== undefined, command);
    // one more argument that nobody knows: everything before it must have been understood
    const { code, stderr } = await runProgram([...example.replaceAll("'", "").split(" "), "--nonsense"]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "--nonsense");
  }
});

Deno.test("--version prints the version of deno.json", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  assertEquals(await runProgram(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
});

Deno.test("wrong usage ends with 2, says why on standard error and nothing on standard output", async () => {
  const wrong: [args: string[], what: string][] = [
    [["launch"], "launch"],
    [["run"], "SCENARIO"],
    [["run", "scenarios/demo.yaml", "--workers", "none"], "none"],
    [["report", "no/such/folder"], "no/such/folder"],
    [["send", "--from", "alice", "--to", "sip:bob@h", "--target", "embedded"], "--from alice"],
    [["target", "--listen", "http://127.0.0.1"], "--listen http://127.0.0.1"],
  ];
  for (const [args, what] of wrong) {
    const { code, stdout, stderr } = await runProgram(args);
    assertEquals([code, stdout], [2, ""], `${args.join(" ")}\n${stderr}`);
    assertStringIncludes(stderr, what);
  }
});

Deno.test("validate finds no fault in the scenarios of the repository", async () => {
  const files = await scenarioFiles();
  const { code, stdout, stderr } = await runProgram(["validate", ...files]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.trimEnd().split("\n").map((line) => line.split(": ok: ")[0]), files);
});

Deno.test("validate names every fault of every file by line and column and ends with 3", async () => {
  await using folder = await Folder.make();
  const file = await folder.write(
    "wrong.yaml",
    `name: wrong
target: { uri: embedded }
populations:
  - name: phones
    clients: 10
    colour: red
    messages: { size: 100 }
phases:
  - { executor: constant-arrival-rate, rate: 10, duration: 5 }
thresholds:
  - pager_acept.p99 < 50ms
`,
  );
  const { code, stdout, stderr } = await runProgram(["validate", file, "scenarios/demo.yaml"]);
  assertEquals(code, 3);
  assertStringIncludes(stdout, "scenarios/demo.yaml: ok");
  const places = stderr.trimEnd().split("\n").map((line) =>
    line.slice(`${file}:`.length).split(": ").slice(0, 2).join(" ")
  );
  assertEquals(places, [
    "6:5 populations[0].colour",
    "9:46 phases[0].rate",
    "9:60 phases[0].duration",
    "11:5 thresholds[0]",
  ]);
  assertStringIncludes(stderr, "pager_accept");
});

Deno.test("explain says what each scenario would do", async () => {
  for (const file of await scenarioFiles()) {
    const { code, stdout, stderr } = await runProgram(["explain", file, "--workers", "2"]);
    assertEquals([code, stderr], [0, ""]);
    for (const what of ["clients", "pager", "large", "/s"]) assertStringIncludes(stdout, what);
  }
});

Deno.test("explain refuses an invalid option as run does", async () => {
  const { code, stdout, stderr } = await runProgram(["explain", "scenarios/demo.yaml", "--set", "phases.7.rate=1/s"]);
  assertEquals([code, stdout], [3, ""]);
  assertStringIncludes(stderr, "--set phases.7.rate=1/s");
});

Deno.test("completions are scripts that their shell can read", async () => {
  const { code, stdout } = await runProgram(["completions", "bash"]);
  assertEquals(code, 0);
  await using folder = await Folder.make();
  const file = await folder.write("completion.bash", stdout);
  const bash = new Deno.Command("bash", {
    args: ["-c", 'bash -n "$1" && source "$1" && complete -p imstorm', "bash", file],
  });
  const read = await bash.output();
  const text = new TextDecoder();
  assertEquals([read.code, text.decode(read.stderr)], [0, ""]);
  assertStringIncludes(text.decode(read.stdout), "imstorm");
  for (const shell of ["zsh", "fish"]) {
    const script = await runProgram(["completions", shell]);
    assertEquals(script.code, 0);
    assertStringIncludes(script.stdout, "imstorm");
  }
});
