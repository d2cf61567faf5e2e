/**
 * The latencies of a run as a histogram log, version 1.3, which the tools of HdrHistogram read: one line a second and
 * latency, with the name of the latency as its tag. Values are microseconds.
 */
import { deflateSync } from "node:zlib";
import type { Millis } from "../clock/clock.ts";
import { Histogram } from "../metrics/histogram.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { secondsOf } from "./series.ts";

/** Compressed V2 encodings begin with this. */
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
const COOKIES_SIZE = 8;

/** What a log says of its run. */
export interface LoggedRun {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly version: string;
}

/** Writes the lines of one log. */
export class HdrLog {
  readonly #run: LoggedRun;
  /** End of the second before. */
  #before: Millis = 0;

  /** Nothing is written yet. */
  constructor(run: LoggedRun) {
    this.#run = run;
  }

  /** The lines before the first second, with a line end. */
  header(): string {
    const { startedAt, version } = this.#run;
    const moment = (Date.parse(startedAt) / 1000).toFixed(3);
    return [
      `#[imstorm ${version}; values are microseconds; Interval_Max is in milliseconds]`,
      "#[Histogram log format version 1.3]",
      `#[StartTime: ${moment} (seconds since epoch)]`,
      // what follows counts from here
      `#[BaseTime: ${moment} (seconds since epoch)]`,
      `"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"`,
      "",
    ].join("\n");
  }

  /** The lines of one second of all workers, each with a line end; seconds must come in order. */
  second({ at, histograms }: Snapshot): string {
    const from = seconds(this.#before);
    const length = seconds(Math.max(0, at - this.#before));
    this.#before = at;
    return Object.entries(histograms).map(([name, encoding]) => {
      const longest = seconds(Histogram.decode(encoding)?.quantile(1) ?? 0);
      return `Tag=${name},${from},${length},${longest},${compressed(encoding)}\n`;
    }).join("");
  }
}

/** The whole log of a run that is over, piece by piece. */
export function* hdrLogOf(run: LoggedRun, snapshots: readonly Snapshot[]): Generator<string> {
  const log = new HdrLog(run);
  yield log.header();
  for (const second of secondsOf(snapshots)) yield log.second(second);
}

/** A number of thousandths as the log has numbers. */
function seconds(thousandths: number): string {
  return (thousandths / 1000).toFixed(3);
}

/** The compressed V2 encoding in Base64: cookie, length, and the plain encoding deflated with zlib's header. */
function compressed(encoding: Uint8Array): string {
  const deflated = deflateSync(encoding);
  const octets = new Uint8Array(COOKIES_SIZE + deflated.length);
  const header = new DataView(octets.buffer);
  header.setInt32(0, COMPRESSED_COOKIE);
  header.setInt32(4, deflated.length);
  octets.set(deflated, COOKIES_SIZE);
  return octets.toBase64();
}
