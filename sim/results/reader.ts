/** Reads the results folder of a run, also one that was cut off. */
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { pathIn, RUN_FILES } from "./files.ts";
import { readRecords } from "./record_file.ts";
import { type Manifest, RESULTS_FORMAT } from "./run_record.ts";

/** A run as it lies in its folder. */
export interface Run {
  readonly manifest: Manifest;
  readonly snapshots: readonly Snapshot[];
  readonly evidence: readonly Evidence[];
  /** Whether both files have their footer and nothing is wrong with them. */
  readonly complete: boolean;
  /** What is wrong with the folder, one sentence each. */
  readonly faults: readonly string[];
}

/** Reads a results folder; throws when it has no manifest, which is what makes it one. */
export function readRun(folder: string): Run {
  const faults: string[] = [];
  const manifest = readManifest(folder);
  if (manifest.format !== RESULTS_FORMAT) {
    faults.push(`${RUN_FILES.manifest}: format ${manifest.format}, this imstorm reads format ${RESULTS_FORMAT}`);
  }
  const snapshots = readFile(folder, RUN_FILES.series, isSnapshot, faults);
  const evidence = readFile(folder, RUN_FILES.evidence, isEvidence, faults);
  return { manifest, snapshots, evidence, complete: faults.length === 0, faults };
}

function readManifest(folder: string): Manifest {
  const path = pathIn(folder, RUN_FILES.manifest);
  try {
    const manifest: unknown = JSON.parse(Deno.readTextFileSync(path));
    if (isManifest(manifest)) return manifest;
  } catch (cause) {
    throw new Error(`Cannot read run ${folder}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  throw new Error(`Cannot read run ${folder}: ${path} is no manifest`);
}

const MEANINGS = {
  cut_off: "the last record is cut off",
  no_footer: "there is no footer: the run was killed or still runs",
  wrong_count: "the footer counts other records",
  wrong_checksum: "the checksum is not that of the records",
  after_footer: "there are records after the footer",
} as const;

function readFile<T>(folder: string, name: string, isRecord: (value: unknown) => value is T, faults: string[]): T[] {
  let octets: Uint8Array;
  try {
    octets = Deno.readFileSync(pathIn(folder, name));
  } catch (error) {
    faults.push(`${name}: ${error instanceof Error ? error.message : error}`);
    return [];
  }
  const read = readRecords(octets);
  for (const fault of read.faults) faults.push(`${name}: ${MEANINGS[fault]}`);
  const records = read.records.filter(isRecord);
  const strange = read.records.length - records.length;
  if (strange > 0) faults.push(`${name}: ${strange} of ${read.records.length} records are of another kind`);
  return records;
}

function isManifest(value: unknown): value is Manifest {
  return isRecordOf(value) && typeof value.format === "number" && isRecordOf(value.scenario) &&
    typeof value.started_at === "string";
}

function isSnapshot(value: unknown): value is Snapshot {
  return isRecordOf(value) && typeof value.worker === "number" && typeof value.index === "number" &&
    typeof value.at === "number" && isRecordOf(value.counters) && isRecordOf(value.gauges) &&
    isRecordOf(value.histograms) && Object.values(value.histograms).every((each) => each instanceof Uint8Array);
}

function isEvidence(value: unknown): value is Evidence {
  return isRecordOf(value) && typeof value.kind === "string" && Array.isArray(value.messages);
}

function isRecordOf(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
