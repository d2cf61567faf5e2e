/**
 * Runs every test and ends with the line `N passed, N failed`: units side by side, then in two lanes, each one after
 * another, whole runs and those against programs of others and with k6 in charge, which it installs where it may. Whole
 * runs mostly wait for moments to come: two lanes take half the time and leave the cores idle enough.
 *
 * `deno task test [--peers=none] [--update] [--filter=TEXT] [PATH PART]…`
 */

/** Which way a test file is run. */
export type Group = "unit" | "e2e" | "peers" | "k6";

/** What the command line asked for. */
export interface Selection {
  /** False with `--peers=none`: leaves out `sim/e2e/peers_*_test.ts` and `sim/e2e/k6/`. */
  readonly peers: boolean;
  /** Handed on to the tests, which then write their golden files anew. */
  readonly update: boolean;
  /** Runs only tests whose name contains it, or matches it when written `/…/`. */
  readonly filter: string | undefined;
  /** Runs only files whose path contains one of these; all when empty. */
  readonly pathParts: readonly string[];
}

/** What came of the tests of one call of `deno test`. */
export interface Tally {
  /** Tests and steps that passed. */
  readonly passed: number;
  /** Tests and steps that did not run: `ignore` in the test. */
  readonly ignored: number;
  /** `file: test` of those that failed, and files that could not be run at all. */
  readonly failures: readonly string[];
}

/** 24 minutes for all tests together: what hangs is ended and counted as a failure. */
const RUN_LIMIT = 24 * 60_000;
/** A test that passes the second time is shown as flaky: whole runs share two noisy cores with who knows what. */
const RETRIES = 1;
const ROOT = new URL("../../", import.meta.url).pathname;
/** What makes the programs of a group ready. */
const PREPARATIONS = { peers: "sim/e2e/peers/packages.ts", k6: "sim/e2e/k6/k6_program.ts" } as const;
/** Files whose examples run as tests. */
const DOCUMENTS = ["README.md", "mod.ts"];

/** Reads the arguments; throws on one that it does not know. */
export function parseSelection(args: readonly string[]): Selection {
  let peers = true;
  let update = false;
  let filter: string | undefined;
  const pathParts: string[] = [];
  for (const argument of args) {
    if (argument === "--peers=none") peers = false;
    else if (argument === "--peers=all") peers = true;
    else if (argument === "--update") update = true;
    else if (argument.startsWith("--filter=")) filter = argument.slice("--filter=".length);
    else if (argument.startsWith("-")) {
      throw new Error(`Cannot understand ${argument}: --peers=none, --update, --filter=TEXT or a part of a path`);
    } else pathParts.push(argument);
  }
  return { peers, update, filter, pathParts };
}

/** The group of a test file, by its path from the root; the tests of `sim/e2e/peers/` are those of the harness itself. */
export function groupOf(path: string): Group {
  if (path.startsWith("sim/e2e/k6/")) return "k6";
  if (!/^sim\/e2e\/(?:conformance\/)?[^/]+$/.test(path)) return "unit";
  return path.startsWith("sim/e2e/peers_") ? "peers" : "e2e";
}

/** Counts the cases of a JUnit file that `deno test` wrote. */
export function readJunit(xml: string): Tally & { readonly files: ReadonlySet<string> } {
  let passed = 0;
  let ignored = 0;
  const failures: string[] = [];
  /** Tests that passed, by file and name. */
  const whole: string[] = [];
  const files = new Set<string>();
  for (const [, name] of xml.matchAll(/<testsuite name="([^"]*)"/g)) files.add(plainPath(unescapeXml(name!)));
  for (
    const [, name, file, body] of xml.matchAll(
      /<testcase name="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g,
    )
  ) {
    if (body !== undefined && /<(failure|error)\b/.test(body)) {
      failures.push(`${plainPath(unescapeXml(file!))}: ${unescapeXml(name!)}`);
    } else if (body !== undefined && body.includes("<skipped")) ignored++;
    else {
      passed++;
      whole.push(`${plainPath(unescapeXml(file!))}: ${unescapeXml(name!)}`);
    }
  }
  // a step of a first try stays in the file, though the whole test passed when it was run again
  const lasting = failures.filter((failure) => !whole.some((name) => failure.startsWith(`${name} > `)));
  return { passed, ignored, failures: lasting, files };
}

/** As JUnit files name paths, without the leading `./`. */
function plainPath(path: string): string {
  return path.replace(/^\.\//, "");
}

function unescapeXml(text: string): string {
  const characters: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => characters[entity]!);
}

/** What JUnit does not tell: files that failed before their first test, and an end that nothing explains. */
export function unexplained(
  code: number,
  files: readonly string[],
  seen: Tally & { readonly files: ReadonlySet<string> },
  filtered: boolean,
): string[] {
  if (code === 0) return [];
  if (seen.files.size === 0) return [`deno test ended with ${code} before the first test`];
  const unseen = filtered ? [] : files.filter((file) => !seen.files.has(file));
  if (unseen.length > 0) return unseen.map((file) => `${file}: could not be run`);
  return seen.failures.length > 0 ? [] : [`deno test ended with ${code} although every test passed`];
}

async function print(text: string): Promise<void> {
  const octets = new TextEncoder().encode(`${text}\n`);
  for (let at = 0; at < octets.length;) at += await Deno.stdout.write(octets.subarray(at));
}

async function findTestFiles(folder: string, into: string[] = []): Promise<string[]> {
  for await (const entry of Deno.readDir(ROOT + folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await findTestFiles(path, into);
    else if (entry.name.endsWith("_test.ts")) into.push(path);
  }
  return into.sort();
}

async function findDocuments(): Promise<string[]> {
  const texts = await Promise.all(DOCUMENTS.map((path) => Deno.readTextFile(ROOT + path).catch(() => "")));
  return DOCUMENTS.filter((_, index) => texts[index]!.includes("```ts"));
}

/** Whose output goes on ours at once, and whose is kept until the end, as two at a time cannot be read. */
type Output = "shown" | "kept";

/** Runs `deno` in the root; its exit code, 143 when the limit ends it. */
async function runDeno(args: readonly string[], limit: AbortSignal, output: Output = "shown"): Promise<number> {
  if (limit.aborted) return 143;
  if (output === "kept") return await runKept(args, limit);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
    signal: limit,
  }).spawn();
  return (await child.status).code;
}

async function runKept(args: readonly string[], limit: AbortSignal): Promise<number> {
  const path = await Deno.makeTempFile({ prefix: "imstorm-tests-", suffix: ".log" });
  try {
    // one file for both outputs keeps their order
    const command = ["-c", 'exec "$0" "$@" > "$IMSTORM_LOG" 2>&1', Deno.execPath(), ...args];
    const options = { args: command, cwd: ROOT, stdin: "null", env: { IMSTORM_LOG: path }, signal: limit } as const;
    const child = new Deno.Command("sh", { ...options, stdout: "null", stderr: "inherit" }).spawn();
    const { code } = await child.status;
    await print(await Deno.readTextFile(path));
    return code;
  } finally {
    await Deno.remove(path);
  }
}

async function runGroup(
  args: readonly string[],
  files: readonly string[],
  selection: Selection,
  limit: AbortSignal,
  output: Output = "shown",
): Promise<Tally> {
  if (files.length === 0) return { passed: 0, ignored: 0, failures: [] };
  const report = await Deno.makeTempFile({ prefix: "imstorm-tests-", suffix: ".xml" });
  try {
    const code = await runDeno(
      [
        "test",
        `--retry=${RETRIES}`,
        ...args,
        `--junit-path=${report}`,
        ...(selection.filter === undefined ? [] : [`--filter=${selection.filter}`]),
        ...files,
        ...(selection.update ? ["--", "--update"] : []),
      ],
      limit,
      output,
    );
    const seen = readJunit(await Deno.readTextFile(report));
    const failures = [...seen.failures, ...unexplained(code, files, seen, selection.filter !== undefined)];
    return { passed: seen.passed, ignored: seen.ignored, failures };
  } finally {
    await Deno.remove(report);
  }
}

/** Whether the programs of others are there; installs them where it may. */
async function prepare(group: keyof typeof PREPARATIONS, limit: AbortSignal): Promise<boolean> {
  return await runDeno(["run", "-P=e2e", PREPARATIONS[group]], limit) === 0;
}

/** Every test that is asked for; `leftOut` are files that were not run because their programs are missing or unwanted. */
async function runAll(selection: Selection): Promise<{ tallies: Tally[]; leftOut: string[] }> {
  const limit = AbortSignal.timeout(RUN_LIMIT);
  const wanted = (path: string): boolean =>
    selection.pathParts.length === 0 || selection.pathParts.some((part) => path.includes(part));
  const files = (await findTestFiles("sim")).filter(wanted);
  const documents = (await findDocuments()).filter(wanted);
  if (files.length + documents.length === 0) {
    return { tallies: [failed(["no test file has such a path"])], leftOut: [] };
  }
  const of = (group: Group): string[] => files.filter((path) => groupOf(path) === group);
  const tallies = [
    await runGroup(["-P=test", "--parallel"], of("unit"), selection, limit),
    await runGroup(["-P=test", "--doc"], documents, selection, limit),
  ];
  const withOthers: string[] = [];
  const leftOut: string[] = [];
  for (const group of ["peers", "k6"] as const) {
    const needing = of(group);
    if (needing.length === 0) continue;
    if (selection.peers && await prepare(group, limit)) {
      withOthers.push(...needing);
      continue;
    }
    leftOut.push(...needing);
    if (selection.peers && Deno.env.get("CI") === "true") {
      tallies.push(failed(needing.map((file) => `${file}: its programs are missing`)));
    }
  }
  tallies.push(
    ...await Promise.all([
      runGroup(["-P=e2e"], of("e2e"), selection, limit),
      runGroup(["-P=e2e"], withOthers, selection, limit, "kept"),
    ]),
  );
  return { tallies, leftOut };
}

function failed(failures: readonly string[]): Tally {
  return { passed: 0, ignored: 0, failures };
}

if (import.meta.main) {
  const { tallies, leftOut } = await runAll(parseSelection(Deno.args));
  const failures = tallies.flatMap((tally) => tally.failures);
  const count = (key: "passed" | "ignored"): number => tallies.reduce((total, tally) => total + tally[key], 0);
  await print("");
  for (const failure of failures) await print(`failed: ${failure}`);
  for (const file of leftOut) await print(`left out, needs programs of others: ${file}`);
  if (count("ignored") > 0) await print(`${count("ignored")} ignored`);
  await print(`${count("passed")} passed, ${failures.length} failed`);
  Deno.exit(failures.length === 0 ? 0 : 1);
}
