/** The runs that lie in one folder: the nights of a scenario, and which of them may go. */
import { pathIn, RUN_FILES } from "./files.ts";
import { readManifest } from "./reader.ts";
import type { Manifest } from "./run_record.ts";

/** One run of a folder of runs. */
export interface StoredRun {
  /** Its folder, as a path. */
  readonly folder: string;
  /** Name of that folder. */
  readonly name: string;
  readonly manifest: Manifest;
  /** What `summary.json` holds; undefined when it is missing or none. */
  readonly summary: unknown;
  /** Names of the reports that are there. */
  readonly reports: readonly string[];
}

/** What a folder of runs holds. */
export interface History {
  /** The earliest first. */
  readonly runs: readonly StoredRun[];
  /** Folders with a `run.json` that cannot be read, one sentence each. */
  readonly faults: readonly string[];
}

const REPORTS: readonly string[] = [
  RUN_FILES.html,
  RUN_FILES.comparisonPage,
  RUN_FILES.summary,
  RUN_FILES.junit,
];

/** Reads the manifests and summaries of all runs directly below a folder; throws when the folder cannot be read. */
export function historyIn(folder: string): History {
  const runs: StoredRun[] = [];
  const faults: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = pathIn(folder, name);
    if (!isDirectory || !exists(pathIn(path, RUN_FILES.manifest))) continue;
    try {
      const reports = REPORTS.filter((each) => exists(pathIn(path, each)));
      runs.push({ folder: path, name, manifest: readManifest(path), summary: readSummary(path), reports });
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  const startOf = ({ manifest, name }: StoredRun): string => `${manifest.started_at} ${name}`;
  return { runs: runs.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1)), faults };
}

/**
 * The runs of a scenario that are beyond the latest `keep`, the earliest first.
 *
 * Only folders that a run of this scenario named itself; what has a name of its own, or still runs, stays. `spared`: the
 * baseline and others that must stay, as paths.
 */
export function surplusRuns(
  runs: readonly StoredRun[],
  scenario: string,
  keep: number,
  spared: readonly string[] = [],
): StoredRun[] {
  const stay = new Set(spared.map(realPath));
  // as `runFolderName` makes them
  const ownName = new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ-${scenario}$`);
  const nights = runs.filter(({ name, manifest }) =>
    manifest.scenario.name === scenario && ownName.test(name) && manifest.outcome !== "running"
  );
  return nights.slice(0, Math.max(0, nights.length - keep)).filter(({ folder }) => !stay.has(realPath(folder)));
}

function readSummary(folder: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(pathIn(folder, RUN_FILES.summary)));
  } catch {
    return undefined;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
