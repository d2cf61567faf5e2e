/** Runs of scenarios by the real program, in folders of their own, and what must be true of each. */
import { assert, assertEquals } from "@std/assert";
import { Ajv } from "ajv";
import { RECEIVER_COUNTS, SENDER_COUNTS } from "../metrics/catalogue.ts";
import type { MessageSummary, Summary } from "../report/summary.ts";
import { summaryJsonSchema } from "../report/summary_schema.ts";
import { readScenario } from "../scenario/read.ts";
import { Program, type ProgramEnd, type ProgramOptions, ROOT } from "./program.ts";

/** A temporary folder that is removed at the end of its block. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes one. */
  static async make(): Promise<Folder> {
    return new Folder(await Deno.makeTempDir({ prefix: "imstorm-e2e-" }));
  }

  /** Writes a file into it and gives its path. */
  async write(name: string, text: string): Promise<string> {
    await Deno.writeTextFile(`${this.path}/${name}`, text);
    return `${this.path}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** A run that is over. */
export interface ScenarioRun extends ProgramEnd {
  readonly summary: Summary;
}

/** How a scenario is run. */
export interface RunSettings extends Omit<ProgramOptions, "folder"> {
  /** Besides the scenario and `--out`. */
  readonly args?: readonly string[];
  /** Files beside the scenario, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Limits of a machine that tests share: they say nothing about the program. */
export const SHARED_MACHINE: readonly string[] = [
  "--set",
  "limits.schedule_lag_p99=20s",
  "--set",
  "limits.cpu_share=1",
  "--set",
  "limits.validity.loop_delay=20s",
  "--set",
  "limits.validity.steal=1",
];

/** Runs a scenario given as its text, waits for the end and reads `summary.json`. */
export async function runScenario(text: string, settings: RunSettings = {}): Promise<ScenarioRun> {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", text);
  for (const [name, content] of Object.entries(settings.files ?? {})) await folder.write(name, content);
  return await runInto(folder, file, settings);
}

/** Runs a scenario of the repository by its name. */
export async function runShippedScenario(name: string, settings: RunSettings = {}): Promise<ScenarioRun> {
  await using folder = await Folder.make();
  return await runInto(folder, `scenarios/${name}.yaml`, settings);
}

async function runInto(folder: Folder, file: string, settings: RunSettings): Promise<ScenarioRun> {
  const out = `${folder.path}/out`;
  const { args = [], files: _files, ...options } = settings;
  await using program = Program.start(["run", file, "--out", out, ...SHARED_MACHINE, ...args], options);
  const end = await program.end();
  const text = await Deno.readTextFile(`${out}/summary.json`).catch(() => undefined);
  if (text === undefined) throw new Error(`No summary, exit code ${end.code}:\n${end.stdout}\n${end.stderr}`);
  return { ...end, summary: followingSchema(JSON.parse(text)) };
}

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(summaryJsonSchema(true));

/** A summary that some run has written, which follows the published schema and has no field that it does not name. */
export function followingSchema(summary: unknown): Summary {
  assert(validate(summary), JSON.stringify(validate.errors, null, 2));
  return summary as Summary;
}

/** `--set` options under which the latency thresholds of a scenario hold on a busy machine too; others stay. */
export function relaxedLatencies(name: string): string[] {
  return readScenario(`${ROOT}scenarios/${name}.yaml`).thresholds.flatMap((expression, index) => {
    const metric = /^(\w+\.p\d+) *< *\d+ *(us|ms|s)$/.exec(expression)?.[1];
    return metric === undefined ? [] : ["--set", `thresholds.${index}=${metric} < 30s`];
  });
}

/** Every message has one outcome at its sender and one at its receiver (contract of summary.json). */
export function assertConserved({ messages }: Summary): void {
  const sum = (counts: MessageSummary, names: readonly (keyof MessageSummary)[]): number =>
    names.reduce((total, name) => total + counts[name], 0);
  for (const [mode, counts] of [["all", messages], ["pager", messages.pager], ["large", messages.large]] as const) {
    assertEquals(sum(counts, SENDER_COUNTS), counts.attempted, `outcomes at senders, ${mode}`);
    assertEquals(sum(counts, RECEIVER_COUNTS), counts.attempted, `arrivals, ${mode}`);
  }
  for (const name of [...SENDER_COUNTS, ...RECEIVER_COUNTS, "duplicated", "corrupted", "misrouted"] as const) {
    assertEquals(messages.pager[name] + messages.large[name], messages[name], `both modes: ${name}`);
  }
}

/** Every message arrived once and whole, and nothing was left behind. */
export function assertAllDelivered({ summary, stderr }: ScenarioRun): void {
  const { messages, sessions } = summary;
  assertConserved(summary);
  for (const counts of [messages.pager, messages.large]) {
    assertEquals(counts.delivered, counts.attempted);
    assertEquals(counts.accepted_200 + counts.accepted_202, counts.attempted);
    assertEquals([counts.duplicated, counts.corrupted, counts.misrouted, counts.late], [0, 0, 0, 0]);
  }
  assertEquals(sessions.released, sessions.invited, "sessions released by themselves");
  assertEquals([sessions.failed, sessions.leaked], [0, 0]);
  assert(stderr.includes("left behind: nothing"), stderr);
}
