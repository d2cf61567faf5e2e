/** Whether a night is unlike the nights before it, by median and median absolute deviation. */
import { median, medianAbsoluteDeviation } from "simple-statistics";
import { isSound, type Night, NIGHT_FIGURES, type NightFigure } from "./night.ts";

/** Fewer earlier nights than these do not say what is usual. */
export const MIN_NIGHTS = 5;
/** Deviations beyond which a night is unusual; a normal distribution has 0.3 % beyond three. */
const DEVIATIONS = 3;
/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const NORMAL = 1.4826;

/** What is not relevant, however unusual. */
export interface ChangeMargins {
  /** A share of the usual value, of latencies and rates. */
  readonly margin: number;
  readonly marginMicros: number;
  readonly marginShare: number;
}

/** One figure of a night beside the earlier nights. */
export interface Change {
  readonly figure: NightFigure;
  readonly value: number;
  /** The median of the earlier nights. */
  readonly usual: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: "better" | "worse" | "same";
}

/** The earlier nights of the same scenario whose measurement was valid, at most `most`, the earliest first. */
export function earlierNights(nights: readonly Night[], tonight: Night, most: number): Night[] {
  const { manifest } = tonight;
  return nights.filter((night) =>
    night.manifest.scenario_sha256 === manifest.scenario_sha256 && night.manifest.started_at < manifest.started_at &&
    isSound(night)
  ).slice(-most);
}

/** The range of the usual: three deviations around the median, and not less than what is relevant. */
export function usualRange(
  values: readonly number[],
  { unit }: NightFigure,
  { margin, marginMicros, marginShare }: ChangeMargins,
): { usual: number; low: number; high: number } {
  const usual = median([...values]);
  const spread = DEVIATIONS * NORMAL * medianAbsoluteDeviation([...values]);
  const least = unit === "share" ? marginShare : Math.max(margin * usual, unit === "us" ? marginMicros : 0);
  const reach = Math.max(spread, least);
  return { usual, low: Math.max(0, usual - reach), high: Math.min(unit === "share" ? 1 : Infinity, usual + reach) };
}

/** Each figure of a night beside those of earlier nights; empty when there are fewer than `MIN_NIGHTS` of these. */
export function changesOf(tonight: Night, earlier: readonly Night[], margins: ChangeMargins): Change[] {
  if (earlier.length < MIN_NIGHTS || tonight.summary === undefined) return [];
  const { summary } = tonight;
  return NIGHT_FIGURES.flatMap((figure) => {
    const value = figure.valueOf(summary);
    const values = earlier.map((night) => figure.valueOf(night.summary!)).filter((each) => each !== null);
    if (value === null || values.length < MIN_NIGHTS) return [];
    const range = usualRange(values, figure, margins);
    const side = value > range.high ? "higher" : value < range.low ? "lower" : undefined;
    return [{
      figure,
      value,
      ...range,
      verdict: side === undefined ? "same" as const : side === figure.better ? "better" as const : "worse" as const,
    }];
  });
}
