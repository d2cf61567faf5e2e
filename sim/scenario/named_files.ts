/** Files that a scenario names: users and histograms of sizes, which stand beside it. */
import type { FileText } from "./contradictions.ts";
import type { FieldFault, FieldPath } from "./fault.ts";
import type { Scenario } from "./scenario.ts";
import { parseSizeHistogram, type SizeBin } from "./size_histogram.ts";

type Fields = Record<string, unknown>;

/** A map with a field `csv`, and where it stands in the scenario. */
interface NamedFile {
  readonly map: { csv: string };
  readonly path: FieldPath;
}

/** Makes the paths of files, which are relative to the scenario, relative to the current folder. */
export function rebaseFiles(value: unknown, scenarioFile: string): void {
  const folder = scenarioFile.slice(0, scenarioFile.replaceAll("\\", "/").lastIndexOf("/") + 1);
  const maps = [...userFiles(value), ...histogramFiles(value)].map(({ map }) => map);
  // an alias is the same map twice
  for (const map of new Set(maps)) if (!/^([/\\]|[A-Za-z]:)/.test(map.csv)) map.csv = folder + map.csv;
}

/** The histograms of a scenario as a file writes it, by file, and what is wrong with them. */
export function readHistograms(
  value: unknown,
  fileText: FileText,
): { histograms: ReadonlyMap<string, readonly SizeBin[]>; faults: FieldFault[] } {
  const histograms = new Map<string, readonly SizeBin[]>();
  const faults: FieldFault[] = [];
  for (const { map: { csv }, path } of histogramFiles(value)) {
    const text = fileText(csv);
    const found = typeof text === "string" ? parseSizeHistogram(text) : text;
    if (!("fault" in found)) histograms.set(csv, found);
    else if (typeof text === "string") faults.push({ path, what: `is no histogram: ${csv}:${found.fault}` });
    else faults.push({ path, what: `cannot be read: ${found.fault}` });
  }
  return { histograms, faults };
}

/** Puts histograms in the place of the files that they were read from. */
export function withHistograms(scenario: Scenario, histograms: ReadonlyMap<string, readonly SizeBin[]>): Scenario {
  if (histograms.size === 0) return scenario;
  type Sizes = NonNullable<Scenario["populations"][number]["messages"]>["size"];
  const filled = (sizes: Sizes): Sizes =>
    sizes.map((part) => part.kind === "csv" ? { ...part, bins: histograms.get(part.file) ?? [] } : part);
  const populations = scenario.populations.map((population) => ({
    ...population,
    messages: population.messages && { ...population.messages, size: filled(population.messages.size) },
    actions: population.actions.map((action) =>
      "size" in action && action.size !== undefined ? { ...action, size: filled(action.size) } : action
    ),
  }));
  return { ...scenario, populations };
}

function userFiles(value: unknown): NamedFile[] {
  return entriesOf(fieldOf(value, "populations")).flatMap((population, index) =>
    namedFile(fieldOf(population, "users"), ["populations", index, "users"])
  );
}

function histogramFiles(value: unknown): NamedFile[] {
  return entriesOf(fieldOf(value, "populations")).flatMap((population, index) => [
    ...filesOfSize(fieldOf(fieldOf(population, "messages"), "size"), ["populations", index, "messages", "size"]),
    ...entriesOf(fieldOf(population, "actions")).flatMap((action, number) =>
      filesOfSize(fieldOf(action, "size"), ["populations", index, "actions", number, "size"])
    ),
  ]);
}

function filesOfSize(size: unknown, path: FieldPath): NamedFile[] {
  if (!Array.isArray(size)) return namedFile(size, path);
  return size.flatMap((part, index) => namedFile(part, [...path, index]));
}

function namedFile(map: unknown, path: FieldPath): NamedFile[] {
  if (typeof fieldOf(map, "csv") !== "string") return [];
  return [{ map: map as { csv: string }, path: [...path, "csv"] }];
}

function entriesOf(list: unknown): unknown[] {
  return Array.isArray(list) ? list : [];
}

function fieldOf(map: unknown, name: string): unknown {
  return typeof map === "object" && map !== null ? (map as Fields)[name] : undefined;
}
