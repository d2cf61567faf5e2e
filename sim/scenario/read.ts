/** Reads scenarios: from text, from files, and from programs; every fault at once. */
import { contradictionsOf, type FileText } from "./contradictions.ts";
import { MAX_FILE_SIZE, parseSource, type SourceDocument } from "./document.ts";
import { type FieldFault, type FieldPath, formatPath, ScenarioError, type ScenarioFault, sortFaults } from "./fault.ts";
import { fieldNames, scenarioJsonSchema } from "./json_schema.ts";
import { readHistograms, rebaseFiles, withHistograms } from "./named_files.ts";
import { applyOptions, type Override, type ScenarioOptions } from "./overrides.ts";
import { readableParts } from "./readable.ts";
import { type Scenario, type ScenarioInput, scenarioSchema } from "./scenario.ts";
import { faultsOf, wordIssue } from "./wording.ts";

/**
 * The scenario of a YAML or JSON text, or everything that is wrong with it.
 *
 * `file` names it in faults; its CSV files are looked for beside it.
 */
export function parseScenario(
  text: string,
  file: string,
  options: ScenarioOptions = {},
): Scenario | readonly ScenarioFault[] {
  const source = parseSource(text, file);
  if (Array.isArray(source)) return sortFaults(source);
  return resolve(source as SourceDocument, file, options);
}

/** Reads a scenario file; throws `ScenarioError` with all its faults. */
export function readScenario(path: string, options: ScenarioOptions = {}): Scenario {
  const text = readText(path);
  const whole = (what: string) => new ScenarioError([{ file: path, line: 0, column: 0, path: "", what }]);
  if (typeof text !== "string") throw whole(`cannot be read: ${text.fault}`);
  const scenario = parseScenario(text, path, options);
  if (isFaults(scenario)) throw new ScenarioError(scenario);
  return scenario;
}

/** A scenario written in TypeScript, checked as a file is; CSV files are looked for in the current folder. */
export function defineScenario(input: ScenarioInput): Scenario {
  const scenario = resolve({ value: structuredClone(input), placeOf: () => ({ line: 0, column: 0 }) }, "", {});
  if (isFaults(scenario)) throw new ScenarioError(scenario);
  return scenario;
}

/** Faults that show only when a scenario is to be run, with their places in its file and the options as it was read with. */
export function placeFaults(path: string, options: ScenarioOptions, found: readonly FieldFault[]): ScenarioFault[] {
  const text = readText(path);
  const source = typeof text === "string" ? parseSource(text, path) : [];
  const read = Array.isArray(source)
    ? { value: {}, placeOf: () => ({ line: 0, column: 0 }) }
    : source as SourceDocument;
  const { overrides } = applyOptions(read.value, options);
  return sortFaults(found.map((fault) => placed(fault, read, path, overrides)));
}

/** Whether parsing gave faults. */
export function isFaults(result: Scenario | readonly ScenarioFault[]): result is readonly ScenarioFault[] {
  return Array.isArray(result);
}

function resolve(
  source: SourceDocument,
  file: string,
  options: ScenarioOptions,
): Scenario | readonly ScenarioFault[] {
  const { overrides, faults } = applyOptions(source.value, options);
  rebaseFiles(source.value, file);
  const result = scenarioSchema.safeParse(source.value, { error: wordIssue });
  const found: FieldFault[] = [];
  if (!result.success) {
    const schema = scenarioJsonSchema();
    found.push(...faultsOf(result.error.issues, (path) => fieldNames(schema, path)));
  }
  const { histograms, faults: histogramFaults } = readHistograms(source.value, readText);
  found.push(...contradictionsOf(readableParts(source.value), readText), ...histogramFaults);
  if (result.success && found.length + faults.length === 0) return withHistograms(result.data, histograms);
  return sortFaults([...faults, ...found.map((fault) => placed(fault, source, file, overrides))]);
}

function placed(
  { path, what, atName }: FieldFault,
  source: SourceDocument,
  file: string,
  overrides: readonly Override[],
): ScenarioFault {
  const from = overrides.findLast((override) =>
    isWithin(path, override.path) || (atName && isWithin(override.path, path))
  );
  const field = formatPath(path);
  if (from !== undefined) return { file: from.origin, line: 0, column: 0, path: field, what };
  return { file, ...source.placeOf(path, atName), path: field, what };
}

function isWithin(path: FieldPath, outer: FieldPath): boolean {
  return outer.every((part, depth) => part === path[depth]);
}

const readText: FileText = (path) => {
  try {
    const { size, isDirectory } = Deno.statSync(path);
    if (isDirectory) return { fault: `${path} is a folder` };
    if (size > MAX_FILE_SIZE && !path.endsWith(".csv")) return { fault: `it is larger than ${MAX_FILE_SIZE} bytes` };
    return Deno.readTextFileSync(path);
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
};
