/**
 * What a threshold says besides its condition: over which window, from when on, with how many samples, and what follows.
 *
 * term = "over" duration                     holds in every window of that length, not over the whole run
 *      | "with" number ["samples"]           fewer samples are no data
 *      | "after" duration                    judged from that moment of the load on, not before
 *      | "abort"                             a run that fails it ends
 *      | "waived until" date "because" text  fails without failing the run, up to that day; the last term
 */
import type { Millis } from "../clock/clock.ts";

/** Why a failure is let through, and how long. */
export interface Waiver {
  readonly reason: string;
  /** The last day it is good for, in UTC: `2026-12-31`. */
  readonly until: string;
}

/** The terms of a threshold, with what holds where one is left out. */
export interface ThresholdTerms {
  /** Whole seconds; undefined: the whole run. */
  readonly window?: Millis;
  /** Samples below which there is no data; 1 unless said. */
  readonly samples: number;
  /** Since the first phase began; 0 unless said. */
  readonly after: Millis;
  readonly abort: boolean;
  readonly waiver?: Waiver;
}

/** A threshold as a map of the scenario file. */
export interface ThresholdMap {
  readonly expression: string;
  readonly samples?: number | undefined;
  /** Milliseconds. */
  readonly after?: Millis | undefined;
  readonly abort?: boolean | undefined;
  readonly waiver?: Waiver | undefined;
}

/** First words of terms. */
export const TERM_NAMES = ["over", "with", "after", "abort", "waived"] as const;

const TERM_REGEXP =
  /^\s*(?:over\s+(?<over>\S+)|with\s+(?<samples>[0-9]+)(?:\s+samples?)?|after\s+(?<after>\S+)|(?<abort>abort)|waived\s+until\s+(?<until>\S+)\s+because\s+(?<reason>\S[^]*))(?=\s|$)/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const SHAPE = 'expected "over 60s", "with 100 samples", "after 30s", "abort" or "waived until 2026-12-31 because …"';

/** The terms after a condition, or one sentence on why they cannot be read. */
export function parseTerms(text: string): ThresholdTerms | { readonly fault: string } {
  const terms: { -readonly [Key in keyof ThresholdTerms]: ThresholdTerms[Key] } = {
    samples: 1,
    after: 0,
    abort: false,
  };
  const seen = new Set<string>();
  for (let rest = text; rest.trim() !== "";) {
    const match = TERM_REGEXP.exec(rest);
    if (match === null) return { fault: `Cannot read "${rest.trim()}": ${SHAPE}` };
    rest = rest.slice(match[0].length);
    const { over, samples, after, abort, until, reason } = match.groups!;
    const name = match[0].trim().split(/\s/)[0]!;
    if (seen.has(name)) return { fault: `Cannot take "${name}" twice` };
    seen.add(name);
    if (over !== undefined) {
      const window = millisOf(over);
      if (window === undefined || window < 1000 || window % 1000 !== 0) {
        return { fault: `Cannot judge over "${over}": expected whole seconds, as in "over 60s"` };
      }
      terms.window = window;
    } else if (after !== undefined) {
      const delay = millisOf(after);
      if (delay === undefined) {
        return { fault: `Cannot judge after "${after}": expected a duration, as in "after 30s"` };
      }
      terms.after = delay;
    } else if (samples !== undefined) {
      if (Number(samples) < 1) return { fault: "Cannot ask for 0 samples: at least 1" };
      terms.samples = Number(samples);
    } else if (abort !== undefined) terms.abort = true;
    else {
      if (!isDay(until!)) return { fault: `Cannot waive until "${until}": expected a day, as in "2026-12-31"` };
      terms.waiver = { until: until!, reason: reason!.trim() };
    }
  }
  return terms;
}

/** A threshold of a scenario file as one text; the terms of the map follow those of its expression. */
export function thresholdText(threshold: string | ThresholdMap): string {
  if (typeof threshold === "string") return threshold;
  const { expression, samples, after, abort, waiver } = threshold;
  return [
    expression.trim(),
    ...(samples === undefined ? [] : [`with ${samples} samples`]),
    ...(after === undefined ? [] : [`after ${after}ms`]),
    ...(abort === true ? ["abort"] : []),
    ...(waiver === undefined ? [] : [`waived until ${waiver.until} because ${waiver.reason.trim()}`]),
  ].join(" ");
}

/** Whether a text is a day of the calendar, `2026-12-31`. */
export function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month! < 1 || month! > 12 || day! < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const longest = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month!) ? 30 : 31;
  return day! <= longest;
}

function millisOf(text: string): Millis | undefined {
  const [, digits, unit] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Math.round(Number(digits) * UNITS[unit!]!);
}
