/** What every command that compares runs does: reading runs and margins, and saying a verdict by an exit code. */
import { type Comparison, type ComparisonSettings, DEFAULT_SETTINGS } from "../report/comparison/comparison.ts";
import { overallVerdict } from "../report/comparison/comparison_json.ts";
import type { MeasuredRun } from "../report/comparison/comparison.ts";
import { summarise } from "../report/summary.ts";
import { readRun } from "../results/reader.ts";
import { parseDuration, parseShare } from "../scenario/quantity.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";

/** Options as people write them. */
export interface ComparisonOptions {
  readonly margin?: string | undefined;
  readonly marginLatency?: string | undefined;
  readonly confidence?: string | undefined;
  readonly seed?: number | undefined;
  readonly force?: boolean;
}

/** Settings of a comparison, or what is wrong with the options. */
export function settingsOf(options: ComparisonOptions): ComparisonSettings | string {
  const { margin: marginText, marginLatency, confidence: confidenceText, seed, force = false } = options;
  const margin = marginText === undefined ? DEFAULT_SETTINGS.margin : parseShare(marginText);
  if (margin === undefined) return `Cannot read --margin ${marginText}: it is a share such as 5%`;
  const latency = marginLatency === undefined ? DEFAULT_SETTINGS.marginMicros / 1000 : parseDuration(marginLatency);
  if (latency === undefined) return `Cannot read --margin-latency ${marginLatency}: it is a duration such as 500us`;
  const confidence = confidenceText === undefined ? DEFAULT_SETTINGS.confidence : parseShare(confidenceText);
  if (confidence === undefined || confidence < 0.5 || confidence > 0.999) {
    return `Cannot read --confidence ${confidenceText}: it is a share between 50% and 99.9%`;
  }
  return {
    ...DEFAULT_SETTINGS,
    margin,
    marginMicros: latency * 1000,
    confidence,
    seed: seed ?? DEFAULT_SETTINGS.seed,
    force,
  };
}

/** Reads a run for a comparison; throws a sentence for people when it is none. */
export function measuredRun(folder: string): MeasuredRun {
  const { manifest, snapshots, faults } = readRun(folder);
  return { folder, manifest, snapshots, faults, summary: summarise(manifest, snapshots, faults) };
}

/** The exit code of comparisons; `isGate`: a baseline was asked for, so no evidence is no pass. */
export function comparisonExit(comparisons: readonly Comparison[], isGate: boolean): ExitCode {
  switch (overallVerdict(comparisons)) {
    case "worse":
      return EXIT.THRESHOLD;
    case "not_comparable":
      return EXIT.INVALID;
    case "unclear":
      return isGate ? EXIT.INVALID : EXIT.OK;
    case "better":
    case "same":
      return EXIT.OK;
  }
}
