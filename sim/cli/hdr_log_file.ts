/** `--hdr-log`: a histogram log that grows while the run goes on. */
import type { Snapshot } from "../metrics/snapshot.ts";
import { HdrLog, type LoggedRun } from "../report/hdr_log.ts";
import { SecondMerger } from "../report/second_merger.ts";

/** An open histogram log. */
export class HdrLogFile {
  readonly #file: Deno.FsFile;
  readonly #merger: SecondMerger;
  readonly #encoder = new TextEncoder();

  /** Creates the file; throws when it cannot be written. */
  constructor(path: string, run: LoggedRun, workers: number) {
    const log = new HdrLog(run);
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    this.#merger = new SecondMerger(workers, (second) => this.#write(log.second(second)));
    this.#write(log.header());
  }

  /** Takes one second of one worker in; throws when the disk is full. */
  add(snapshot: Snapshot): void {
    this.#merger.add(snapshot);
  }

  /** Writes what is left and closes the file. */
  close(): void {
    try {
      this.#merger.end();
    } finally {
      this.#file.close();
    }
  }

  #write(text: string): void {
    const octets = this.#encoder.encode(text);
    for (let written = 0; written < octets.length;) written += this.#file.writeSync(octets.subarray(written));
  }
}
