/** What is kept of a run as a whole: its results folder while it runs, its summary when it is over. */
import { wholeReason } from "../load/worker_count.ts";
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { toJson } from "../report/json.ts";
import { toJunit } from "../report/junit.ts";
import { Account } from "../report/account.ts";
import { writePage } from "../report/page/page_file.ts";
import { summarise, type Summary, summaryOf } from "../report/summary.ts";
import { abortingThreshold } from "../report/threshold_watch.ts";
import type { ThresholdResult } from "../report/thresholds.ts";
import { pathIn, RUN_FILES, runFolderName } from "../results/files.ts";
import { readRun } from "../results/reader.ts";
import { closeManifest, type Manifest, openManifest, type RunClosing } from "../results/run_record.ts";
import { ResultsWriter } from "../results/writer.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { SettledRequest } from "./workers_of_request.ts";

/** Failures held for queries: the first ones tell most; all are in the folder. */
const EVIDENCE_HELD = 1000;

/** What a run leaves behind. */
export class RunRecord {
  readonly manifest: Manifest;
  readonly evidence: Evidence[] = [];
  /** The sums so far, those of other agents included. */
  readonly account: Account;
  /** When the run is over. */
  summary: Summary | undefined;
  readonly #writer: ResultsWriter;
  #failure: string | undefined;

  private constructor(manifest: Manifest, writer: ResultsWriter) {
    this.manifest = manifest;
    this.#writer = writer;
    this.account = new Account({ thresholds: manifest.scenario.thresholds, workers: manifest.workers });
  }

  /** Opens a new folder below `results` for a run of all its agents; throws when it cannot be written. */
  static open(results: string, scenario: Scenario, { chosen, share }: SettledRequest, startedAt: Date): RunRecord {
    const workers = chosen.count * share.count;
    const manifest = openManifest({ scenario, workers, workersReason: wholeReason(chosen), startedAt });
    return new RunRecord(manifest, ResultsWriter.create(freeFolder(results, startedAt, scenario.name), manifest));
  }

  /** The results folder. */
  folder(): string {
    return this.#writer.folder;
  }

  /** Why it can no longer be written; undefined while it can. */
  failure(): string | undefined {
    return this.#failure;
  }

  /** Appends one second of one worker; gives the threshold that ends the run by failing now. */
  add(snapshot: Snapshot): ThresholdResult | undefined {
    this.account.add(snapshot);
    this.#keep(() => this.#writer.append(snapshot));
    return abortingThreshold(this.manifest.scenario.thresholds, this.account, this.manifest.started_at);
  }

  /** Appends failures. */
  addEvidence(entries: readonly Evidence[]): void {
    this.evidence.push(...entries.slice(0, EVIDENCE_HELD - this.evidence.length));
    for (const entry of entries) this.#keep(() => this.#writer.evidence(entry));
  }

  /** Ends the run in its folder and judges it. */
  async close(closing: RunClosing): Promise<void> {
    let manifest = closeManifest(this.manifest, closing);
    this.#keep(() => manifest = this.#writer.finish(closing));
    // windows of thresholds have seen what is refused now: they are judged again
    this.summary = manifest.refused_latencies === undefined || this.#failure !== undefined
      ? summaryOf(manifest, this.account)
      : summarise(manifest, readRun(this.folder()).snapshots);
    const summary = this.summary;
    this.#keep(() => {
      this.#writer.report("summary", toJson(summary));
      this.#writer.report("junit", toJunit(manifest, summary));
    });
    if (this.#failure !== undefined) return;
    try {
      await writePage(this.#writer, summary);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Removes the folder of a run that did not come about. */
  discard(): void {
    this.#writer.abandon();
    Deno.removeSync(this.folder(), { recursive: true });
  }

  /** A file of the folder; undefined when there is none of that name or not yet. */
  async read(name: string): Promise<ReadableStream<Uint8Array> | undefined> {
    if (!Object.values(RUN_FILES).some((known) => known === name)) return undefined;
    try {
      return (await Deno.open(pathIn(this.folder(), name))).readable;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  #keep(write: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      write();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure = `cannot write results to ${this.folder()}: ${error instanceof Error ? error.message : error}`;
  }
}

/** Two runs may start in one second. */
function freeFolder(results: string, startedAt: Date, scenario: string): string {
  const name = runFolderName(startedAt, scenario);
  for (let attempt = 1;; attempt++) {
    const folder = pathIn(results, attempt === 1 ? name : `${name}-${attempt}`);
    if (!exists(folder)) return folder;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
