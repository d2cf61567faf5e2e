/** Writes the results folder of a run while it runs. */
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { makeRunFolder, pathIn, RUN_FILES, writeWhole } from "./files.ts";
import { RecordWriter } from "./record_file.ts";
import { closeManifest, type Manifest, type RunClosing } from "./run_record.ts";

/** The results folder of one run; everything that was appended can be read, also when the process is killed. */
export class ResultsWriter {
  /** The folder, as it was given. */
  readonly folder: string;
  readonly #manifest: Manifest;
  readonly #series: RecordWriter;
  readonly #evidence: RecordWriter;

  private constructor(folder: string, manifest: Manifest) {
    this.folder = folder;
    this.#manifest = manifest;
    this.#series = new RecordWriter(pathIn(folder, RUN_FILES.series));
    this.#evidence = new RecordWriter(pathIn(folder, RUN_FILES.evidence));
  }

  /** Makes the folder and its files; throws before anything is sent when it cannot be written or is not empty. */
  static create(folder: string, manifest: Manifest): ResultsWriter {
    makeRunFolder(folder);
    writeManifest(folder, manifest);
    return new ResultsWriter(folder, manifest);
  }

  /** Appends one second of one worker. */
  append(snapshot: Snapshot): void {
    this.#series.append({ ...snapshot, run: this.#manifest.run_id });
  }

  /** Appends a failure with its messages. */
  evidence(entry: Evidence): void {
    this.#evidence.append({ ...entry, run: this.#manifest.run_id });
  }

  /** Writes the footers and the end of the run into the manifest; gives that manifest. */
  finish(closing: RunClosing): Manifest {
    this.#series.finish();
    this.#evidence.finish();
    const manifest = closeManifest(this.#manifest, closing);
    writeManifest(this.folder, manifest);
    return manifest;
  }

  /** Closes the files without footers, after an error of our own. */
  abandon(): void {
    this.#series.abandon();
    this.#evidence.abandon();
  }

  /** Writes a report of the run as a whole. */
  report(file: "summary" | "html" | "junit", text: string): void {
    writeWhole(pathIn(this.folder, RUN_FILES[file]), text);
  }
}

function writeManifest(folder: string, manifest: Manifest): void {
  writeWhole(pathIn(folder, RUN_FILES.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
}
