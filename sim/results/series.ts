/** The records of a series as seconds of one run: what belongs together, and what is missing. */
import type { Snapshot } from "../metrics/snapshot.ts";
import type { FileRecord } from "./record_file.ts";

/** What a series file holds of one run. */
export interface Series {
  readonly snapshots: readonly Snapshot[];
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
}

/** The seconds of one run among these records; `runId`: undefined in folders of older versions, which have none. */
export function seriesOf(records: readonly FileRecord[], runId: string | undefined): Series {
  const snapshots: Snapshot[] = [];
  const seen = new Set<string>();
  const counts = { strange: 0, foreign: 0, twice: 0 };
  for (const record of records) {
    const { run, ...snapshot } = record;
    if (!isSnapshot(snapshot)) counts.strange++;
    else if (run !== runId) counts.foreign++;
    else {
      const key = `${snapshot.worker} ${snapshot.index} ${snapshot.at}`;
      if (seen.has(key)) counts.twice++;
      else snapshots.push(snapshot);
      seen.add(key);
    }
  }
  const of = `of ${records.length} records`;
  const faults = [
    ...(counts.foreign > 0 ? [`${counts.foreign} ${of} belong to another run and are left out`] : []),
    ...(counts.twice > 0 ? [`${counts.twice} ${of} are there twice and counted once`] : []),
    ...(counts.strange > 0 ? [`${counts.strange} ${of} are of another kind`] : []),
  ];
  return { snapshots, faults };
}

/** Which seconds of which workers are there, for people who must know what is missing. */
export function coverageOf(snapshots: readonly Snapshot[], workers: number): string[] {
  if (snapshots.length === 0) return ["no second of the run is left"];
  const seconds = Map.groupBy(snapshots, (snapshot) => snapshot.worker);
  const last = snapshots.reduce((latest, { index }) => Math.max(latest, index), 0);
  const lines = [`what is left ends with second ${last} of the run; later ones are missing`];
  for (let worker = 0; worker < workers; worker++) {
    const indices = new Set(seconds.get(worker)?.map((snapshot) => snapshot.index));
    const missing = Array.from({ length: last + 1 }, (_, index) => index).filter((index) => !indices.has(index));
    if (missing.length > 0) lines.push(`worker ${worker} lacks ${rangesOf(missing)}`);
  }
  return lines;
}

/** Ascending numbers as people say them: `second 3`, `seconds 3 to 7, 9`. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range !== undefined && number === range[1] + 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const shown = ranges.slice(0, 5).map(([from, to]) => from === to ? `${from}` : `${from} to ${to}`);
  const more = ranges.length > 5 ? ` and ${ranges.length - 5} more gaps` : "";
  return `${numbers.length === 1 ? "second" : "seconds"} ${shown.join(", ")}${more}`;
}

function isSnapshot(value: FileRecord): value is FileRecord & Snapshot {
  const { worker, index, at, counters, gauges, histograms } = value;
  return isCount(worker) && isCount(index) && Number.isFinite(at) && isNumbers(counters) && isNumbers(gauges) &&
    Object.values(counters).every((count) => count >= 0) && isRecord(histograms) &&
    Object.values(histograms).every((each) => each instanceof Uint8Array);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isNumbers(value: unknown): value is Record<string, number> {
  return isRecord(value) && Object.values(value).every(Number.isFinite);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
