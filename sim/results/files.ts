/** Names of the files of a run, and ways to write them that leave no half of a file behind. */
import { freeOctetsOf } from "./free_space.ts";

/** The files of a results folder. */
export const RUN_FILES = {
  manifest: "run.json",
  series: "series.msgpack",
  evidence: "evidence.msgpack",
  summary: "summary.json",
  html: "report.html",
  junit: "junit.xml",
  comparison: "comparison.json",
  comparisonPage: "comparison.html",
} as const;

/** Below this a run could fill the disk: 64 MiB. */
export const MIN_FREE_OCTETS = 67_108_864;

/** The name of a run's folder: UTC to the second without colons, and the scenario. */
export function runFolderName(start: Date, scenario: string): string {
  return `${start.toISOString().slice(0, 19).replaceAll(":", "-")}Z-${scenario}`;
}

/** Path of a file in a folder. */
export function pathIn(folder: string, name: string): string {
  return `${folder.replace(/\/+$/, "")}/${name}`;
}

/** Writes a whole file: readers see the old one or the new one, never a part. */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.unfinished`;
  Deno.writeTextFileSync(unfinished, text);
  Deno.renameSync(unfinished, path);
}

/**
 * Makes a folder for a run, or takes an empty one; throws when it holds anything, cannot be written or has too little
 * space, as `freeOctets` tells it.
 */
export function makeRunFolder(folder: string, freeOctets: (folder: string) => number | undefined = freeOctetsOf): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    if ([...Deno.readDirSync(folder)].length > 0) throw new Deno.errors.AlreadyExists("the folder is not empty");
    const probe = pathIn(folder, ".probe");
    Deno.writeTextFileSync(probe, "imstorm");
    Deno.removeSync(probe);
  } catch (cause) {
    throw new Error(`Cannot write results to ${folder}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const free = freeOctets(folder);
  if (free !== undefined && free < MIN_FREE_OCTETS) {
    const mebibytes = Math.floor(free / 1_048_576);
    throw new Error(`Cannot write results to ${folder}: ${mebibytes} MiB free, at least 64 MiB are needed`);
  }
}
