/** `--baseline` of `run` and `nightly`: a run that is worse than its baseline does not pass. */
import { compareRuns, type Comparison, type ComparisonSettings } from "../report/comparison/comparison.ts";
import { comparisonCases } from "../report/comparison/comparison_cases.ts";
import { toComparisonJson } from "../report/comparison/comparison_json.ts";
import { toComparisonPage } from "../report/comparison/comparison_page.ts";
import { toComparisonText } from "../report/comparison/comparison_text.ts";
import { type JunitCase, toJunit } from "../report/junit.ts";
import { pathIn, RUN_FILES, writeWhole } from "../results/files.ts";
import { readManifest } from "../results/reader.ts";
import { comparisonExit, type ComparisonOptions, measuredRun, settingsOf } from "./comparing.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { mayColour, print, tell } from "./print.ts";

/** A baseline that can be read, and how runs are compared with it. */
export interface BaselineGate {
  readonly folder: string;
  readonly settings: ComparisonSettings;
}

/** Options of commands with a gate. */
export interface GateOptions extends Pick<ComparisonOptions, "margin" | "marginLatency"> {
  readonly baseline?: string | undefined;
}

/** The gate of a command line, undefined without `--baseline`; says what is wrong with it and gives an exit code. */
export function gateOf(options: GateOptions): BaselineGate | undefined | ExitCode {
  const { margin, marginLatency } = options;
  const settings = settingsOf({ margin, marginLatency });
  if (typeof settings === "string") {
    tell(settings);
    return EXIT.USAGE;
  }
  if (options.baseline === undefined) return undefined;
  try {
    readManifest(options.baseline);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return EXIT.USAGE;
  }
  return { folder: options.baseline, settings };
}

/** Whether a scenario can be compared with the baseline at all; says so before anything is sent. */
export function suits(gate: BaselineGate, scenarioHash: string): boolean {
  if (readManifest(gate.folder).scenario_sha256 === scenarioHash) return true;
  tell(`${gate.folder} is a run of another scenario, or of this one with other values: it is no baseline of this run`);
  return false;
}

/** What came of a gate. */
export interface Gated {
  readonly code: ExitCode;
  readonly cases: readonly JunitCase[];
}

/**
 * Compares the run in a folder, which ended with `code`, with the baseline; prints the comparison and leaves it in the
 * folder. A run that was not measured well is not compared.
 */
export function passGate(gate: BaselineGate, folder: string, code: ExitCode, isQuiet: boolean): Gated {
  if (code !== EXIT.OK && code !== EXIT.THRESHOLD) return { code, cases: [] };
  let comparison: Comparison;
  try {
    comparison = compareRuns(measuredRun(gate.folder), measuredRun(folder), gate.settings);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return { code: EXIT.USAGE, cases: [] };
  }
  writeWhole(pathIn(folder, RUN_FILES.comparison), toComparisonJson([comparison]));
  writeWhole(pathIn(folder, RUN_FILES.comparisonPage), toComparisonPage([comparison]));
  if (!isQuiet) print(`\n${toComparisonText([comparison], mayColour())}`);
  // a threshold that failed says more than a comparison can
  return { code: code === EXIT.OK ? comparisonExit([comparison], true) : code, cases: comparisonCases(comparison) };
}

/** Writes the JUnit file of a run again, with further cases. */
export function addCases(folder: string, cases: readonly JunitCase[]): void {
  if (cases.length === 0) return;
  const { manifest, summary } = measuredRun(folder);
  writeWhole(pathIn(folder, RUN_FILES.junit), toJunit(manifest, summary, cases));
}
