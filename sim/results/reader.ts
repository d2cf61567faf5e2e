/** Reads the results folder of a run, also one that was cut off, damaged or put together from several. */
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { pathIn, RUN_FILES } from "./files.ts";
import { withoutRefused } from "./refused_latency.ts";
import { type FileRecord, readRecords, type RecordFault } from "./record_file.ts";
import { type Manifest, RESULTS_FORMAT, scenarioHash } from "./run_record.ts";
import { withLaterFields } from "./older_scenario.ts";
import { coverageOf, seriesOf } from "./series.ts";

/** A run as it lies in its folder. */
export interface Run {
  /** Its `outcome` is `running` as well when seconds of the series were lost after the run had ended. */
  readonly manifest: Manifest;
  /** Seconds that are as they were written; all others are left out. */
  readonly snapshots: readonly Snapshot[];
  readonly evidence: readonly Evidence[];
  /** Whether nothing is missing and nothing is wrong. */
  readonly complete: boolean;
  /** What is wrong with the folder, one sentence each: with any of these its figures are of a part of the run. */
  readonly faults: readonly string[];
  /** What is missing without a figure being wrong, one sentence each. */
  readonly notes: readonly string[];
}

/** Reads a results folder; throws a sentence for people when it is none, or of a format that cannot be read. */
export function readRun(folder: string): Run {
  const read = readManifest(folder);
  const written: Manifest = {
    ...read,
    scenario: withLaterFields(read.scenario),
    ...(read.run_id === undefined && { notes: [...read.notes ?? [], UNCOUNTED] }),
  };
  const notes = written.outcome === "running" ? [] : [...missingReports(folder)];
  const faults = [...manifestFaults(read)];
  const { records, isWhole, faults: fileFaults } = readFile(folder, RUN_FILES.series, written.run_id);
  const series = seriesOf(records, written.run_id);
  const seriesFaults = [...fileFaults, ...series.faults];
  if (!isWhole || series.faults.length > 0) seriesFaults.push(...coverageOf(series.snapshots, written.workers));
  faults.push(...seriesFaults.map((fault) => `${RUN_FILES.series}: ${fault}`));
  const hasEnded = ["completed", "interrupted", "aborted"].includes(written.outcome);
  const manifest: Manifest = hasEnded && seriesFaults.length > 0 ? { ...written, outcome: "running" } : written;
  const { evidence, faults: evidenceFaults } = readEvidence(folder, written.run_id);
  faults.push(...evidenceFaults.map((fault) => `${RUN_FILES.evidence}: ${fault}`));
  const refused = manifest.refused_latencies ?? {};
  const snapshots = series.snapshots.map((snapshot) => withoutRefused(snapshot, refused));
  return { manifest, snapshots, evidence, complete: faults.length === 0, faults, notes };
}

/** Reads `run.json` alone; throws as `readRun`. */
export function readManifest(folder: string): Manifest {
  const path = pathIn(folder, RUN_FILES.manifest);
  let manifest: unknown;
  try {
    manifest = JSON.parse(Deno.readTextFileSync(path));
  } catch (cause) {
    const hint = cause instanceof Deno.errors.NotFound ? ": a results folder has a run.json" : "";
    throw new Error(`Cannot read run ${folder}: ${cause instanceof Error ? cause.message : cause}${hint}`, { cause });
  }
  if (isRecordOf(manifest) && typeof manifest.format === "number" && manifest.format !== RESULTS_FORMAT) {
    // what its figures mean is not known here, so none is shown
    throw new Error(
      `Cannot read run ${folder}: ${path} has format ${manifest.format}, this imstorm reads format ${RESULTS_FORMAT}; ` +
        `${RUN_FILES.summary} and ${RUN_FILES.html} there are as the other version wrote them`,
    );
  }
  if (!isManifest(manifest)) throw new Error(`Cannot read run ${folder}: ${path} is no manifest`);
  return manifest;
}

/** Counts that are 0 in runs without an identifier, because their version did not know them. */
const UNCOUNTED =
  "an older version wrote this run: it counted cut messages as corrupted, and neither overtaken ones nor full send buffers, " +
  "which are 0 here";

const MEANINGS = {
  cut_off: "it ends inside a record, or makes no sense from there on",
  damaged: "it makes no sense after the last record that could be read",
  changed_record: "records that were changed since they were written are left out",
  no_footer: "there is no footer: the run was killed or still runs, or the file was cut off",
  wrong_count: "the footer counts other records",
  wrong_checksum: "the checksum is not that of the records",
  after_footer: "what follows the footer is left out: it belongs to another file",
} as const satisfies Record<RecordFault, string>;

interface FileRead {
  readonly records: readonly FileRecord[];
  readonly isWhole: boolean;
  readonly faults: readonly string[];
}

/** Records have their own checks since runs have identifiers. */
function readFile(folder: string, name: string, runId: string | undefined): FileRead {
  let octets: Uint8Array;
  try {
    octets = Deno.readFileSync(pathIn(folder, name));
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "the file is missing" : String(error);
    return { records: [], isWhole: false, faults: [why] };
  }
  const { records, complete, faults } = readRecords(octets, runId !== undefined);
  return { records, isWhole: complete, faults: faults.map((fault) => MEANINGS[fault]) };
}

function readEvidence(folder: string, runId: string | undefined): { evidence: Evidence[]; faults: string[] } {
  const { records, faults } = readFile(folder, RUN_FILES.evidence, runId);
  const evidence: Evidence[] = [];
  let foreign = 0;
  for (const { run, ...entry } of records) {
    if (run !== runId) foreign++;
    else if (isEvidence(entry)) evidence.push(entry);
  }
  const strange = records.length - evidence.length - foreign;
  return {
    evidence,
    faults: [
      ...faults,
      ...(foreign > 0 ? [`${foreign} of ${records.length} records belong to another run and are left out`] : []),
      ...(strange > 0 ? [`${strange} of ${records.length} records are of another kind`] : []),
    ],
  };
}

/** A scenario that was edited afterwards: what was asked for is no longer known. */
function* manifestFaults({ scenario, scenario_sha256: hash }: Manifest): Generator<string> {
  // with masked passwords the hash cannot be made again
  if (JSON.stringify(scenario).includes('"***"') || scenarioHash(scenario) === hash) return;
  yield `${RUN_FILES.manifest}: the scenario is not the one of its hash: it was changed since, or is of another run`;
}

function* missingReports(folder: string): Generator<string> {
  for (const name of [RUN_FILES.summary, RUN_FILES.junit]) {
    try {
      Deno.statSync(pathIn(folder, name));
    } catch {
      yield `${name} is missing; every report is made again from the series`;
    }
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecordOf(value) || !isRecordOf(value.scenario) || !isRecordOf(value.versions)) return false;
  const { name, phases, populations, thresholds, limits } = value.scenario;
  return typeof value.format === "number" && typeof value.started_at === "string" &&
    typeof value.outcome === "string" &&
    typeof value.workers === "number" && typeof name === "string" && isRecordOf(limits) &&
    [phases, populations, thresholds].every(Array.isArray);
}

function isEvidence(value: FileRecord): value is FileRecord & Evidence {
  return typeof value.kind === "string" && Array.isArray(value.messages);
}

function isRecordOf(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
