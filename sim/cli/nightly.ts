/** `imstorm nightly`: a run, its gates, the nights before it, and a page that lists them. */
import { DEFAULT_SETTINGS } from "../report/comparison/comparison.ts";
import { changesOf, earlierNights } from "../report/history/change.ts";
import { historyCases, toHistoryText } from "../report/history/history_text.ts";
import { nightOf } from "../report/history/night.ts";
import { pathIn, RUN_FILES, runFolderName, writeWhole } from "../results/files.ts";
import { historyIn, surplusRuns } from "../results/history.ts";
import { scenarioHash } from "../results/run_record.ts";
import { ScenarioError } from "../scenario/fault.ts";
import { readScenario } from "../scenario/read.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Arguments } from "./arguments.ts";
import { addCases, gateOf, passGate, suits } from "./baseline_gate.ts";
import { settingsOf } from "./comparing.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { writeIndex } from "./index_file.ts";
import { mayColour, print, tell } from "./print.ts";
import { run } from "./run.ts";

/** Runs one night; its exit code tells a slow server (99) from a measurement that says nothing (98). */
export async function nightly(line: Arguments<"nightly">): Promise<ExitCode> {
  const scenario = readOrTell(line);
  if (scenario === undefined) return EXIT.SCENARIO;
  const gate = gateOf(line);
  if (typeof gate === "number") return gate;
  // the run itself is worth having: it can be the next baseline
  const isComparable = gate === undefined || suits(gate, scenarioHash(scenario));
  const folder = pathIn(line.results, runFolderName(new Date(), scenario.name));
  const { baseline: _, ...runLine } = line;
  const code = await run({ ...runLine, command: "run", baseline: undefined, out: folder });
  if (code === EXIT.USAGE || code === EXIT.INTERNAL) return code;
  const gated = gate === undefined || !isComparable
    ? { code: code === EXIT.OK && !isComparable ? EXIT.INVALID : code, cases: [] }
    : passGate(gate, folder, code, line.quiet);
  const beside = besideNights(line, folder, gated.code);
  addCases(folder, [...gated.cases, ...beside.cases]);
  publishJunit(line.results, folder);
  prune(line, scenario.name, [folder, ...(gate === undefined ? [] : [gate.folder])]);
  tell(`index: ${writeIndex(line.results)}`);
  return beside.code;
}

/** Compares with the earlier nights, when the night was measured well. */
function besideNights(line: Arguments<"nightly">, folder: string, code: ExitCode) {
  const { runs, faults } = historyIn(line.results);
  for (const fault of faults) tell(fault);
  const nights = runs.map(nightOf);
  const tonight = nights.find((night) => night.folder === folder);
  if (tonight === undefined || tonight.summary?.generator.validity !== "valid" || code === EXIT.INTERRUPTED) {
    return { code, cases: [] };
  }
  const settings = settingsOf({ margin: line.margin, marginLatency: line.marginLatency });
  const margins = typeof settings === "string" ? DEFAULT_SETTINGS : settings;
  const earlier = earlierNights(nights, tonight, line.nights);
  const changes = changesOf(tonight, earlier, margins);
  if (!line.quiet) print(`\n${toHistoryText(changes, earlier.length, mayColour())}`);
  const isWorse = changes.some(({ verdict }) => verdict === "worse");
  // a server slower than on all other nights is slow, whatever a comparison with one of them could not say
  return { code: isWorse ? EXIT.THRESHOLD : code, cases: historyCases(changes) };
}

/** CI servers want a path that is the same every night; one of the night before would say the wrong thing. */
function publishJunit(results: string, folder: string): void {
  const published = pathIn(results, RUN_FILES.junit);
  try {
    writeWhole(published, Deno.readTextFileSync(pathIn(folder, RUN_FILES.junit)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.writeTextFileSync(published, "");
    Deno.removeSync(published);
  }
}

function prune({ results, keep }: Arguments<"nightly">, scenario: string, spared: readonly string[]): void {
  for (const { folder } of surplusRuns(historyIn(results).runs, scenario, keep, spared)) {
    try {
      Deno.removeSync(folder, { recursive: true });
      tell(`removed: ${folder}`);
    } catch (error) {
      tell(`Cannot remove ${folder}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

function readOrTell(line: Arguments<"nightly">): Scenario | undefined {
  try {
    return readScenario(line.scenario, { target: line.target, seed: line.seed, set: line.sets });
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    tell(error.message);
    return undefined;
  }
}
