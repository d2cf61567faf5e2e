/**
 * The README does what it says: its commands run on a copy of the checkout, its scenario is valid, its links lead
 * somewhere.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Ended, runToEnd } from "./peers/child.ts";
import { ROOT, runProgram } from "./program.ts";
import { Folder, relaxedLatencies, SHARED_MACHINE } from "./scenario_run.ts";

const README = await Deno.readTextFile(`${ROOT}README.md`);
/** What a clone has and the commands need. */
const PARTS = ["deno.json", "deno.lock", "mod.ts", "README.md", "LICENSE", "scenarios", "sim"];

/** The contents of the fenced blocks of one language. */
function blocksOf(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, text]) => text!);
}

/** One command for each line; a line that ends in a backslash goes on. */
function commandsOf(block: string): string[] {
  return block.replaceAll(/\\\n\s*/g, "").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** A copy of the checkout, with `deno` and `npx -y deno@2` in `bin` that both are the Deno of this test. */
async function copyCheckout(folder: Folder): Promise<void> {
  const sources = PARTS.map((part) => `${ROOT}${part}`);
  const copy = await runToEnd("cp", ["-r", ...sources, folder.path], 60_000);
  assertEquals(copy.code, 0, copy.errors);
  await Deno.mkdir(`${folder.path}/bin`);
  const deno = `exec '${Deno.execPath()}' "$@"`;
  const npx = `[ "$1 $2" = "-y deno@2" ] || exit 64; shift 2; ${deno}`;
  for (const [name, script] of [["deno", deno], ["npx", npx]] as const) {
    await Deno.writeTextFile(`${folder.path}/bin/${name}`, `#!/bin/sh\n${script}\n`);
    await Deno.chmod(`${folder.path}/bin/${name}`, 0o755);
  }
}

/** Runs a command; one that measures with the limits and latencies of a machine that others use as well. */
function runCommand(command: string, folder: string): Promise<Ended> {
  const scenario = /^deno task imstorm run scenarios\/([\w-]+)\.yaml\b/.exec(command)?.[1];
  const further = scenario === undefined ? [] : [...SHARED_MACHINE, ...relaxedLatencies(scenario)];
  const script = `PATH="$PWD/bin:$PATH"; ${[command, ...further.map((text) => `'${text}'`)].join(" ")}`;
  return runToEnd("bash", ["-c", script], 120_000, { folder });
}

Deno.test("every command of a sh block in the README runs", async (t) => {
  const commands = blocksOf("sh").flatMap(commandsOf);
  assert(commands.length >= 5, "the README has commands to run");
  assert(commands.includes("npx -y deno@2 task demo"), "the first of the two commands");
  await using folder = await Folder.make();
  await copyCheckout(folder);
  for (const command of commands) {
    await t.step(command, async () => {
      const { code, output, errors } = await runCommand(command, folder.path);
      assertEquals(code, 0, `${output.slice(0, 1000)}${errors}\n${output.match(/✗.*/g)?.join("\n") ?? ""}`);
      assert(output.length > 0, "says something on standard output");
    });
  }
  const results = await Array.fromAsync(Deno.readDir(`${folder.path}/results`), ({ name }) => name);
  assert(results.some((name) => name.endsWith("-demo")), "the demo leaves its results in results/");
});

Deno.test("the complete scenario of the README is valid", async () => {
  const scenarios = blocksOf("yaml").filter((text) => text.includes("populations:"));
  assertEquals(scenarios.length, 1);
  await using folder = await Folder.make();
  const file = await folder.write("office.yaml", scenarios[0]!);
  const { code, stderr } = await runProgram(["validate", file]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("every file that the README links to is there", async () => {
  const links = [...README.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
  assert(links.length > 3);
  const missing = await Promise.all(
    links.map((path) => Deno.stat(`${ROOT}${path}`).then(() => undefined, () => path)),
  );
  assertEquals(missing.filter((path) => path !== undefined), []);
});

Deno.test("the recipes of the README for nightly runs are whole, and at most ten lines each", async () => {
  const isRecipe = (text: string): boolean => text.includes("imstorm nightly ") && !text.startsWith("deno ");
  const recipes = ["text", "ini", "yaml"].map((language) => blocksOf(language).filter(isRecipe));
  assertEquals(recipes.map((blocks) => blocks.length), [1, 1, 2], "cron; systemd; GitHub and GitLab");
  for (const recipe of recipes.flat()) assert(recipe.trimEnd().split("\n").length <= 10, recipe);
  const { parse } = await import("yaml");
  const [github, gitlab] = recipes[2]!.map((text) => parse(text));
  assertStringIncludes(github.jobs.nightly.steps[1].run, "imstorm nightly scenarios/nightly.yaml");
  assertStringIncludes(gitlab.nightly.script, "imstorm nightly scenarios/nightly.yaml");
});
