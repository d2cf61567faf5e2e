/** From resampled values to an interval, and from an interval to a verdict. */
import { probit, quantileSorted } from "simple-statistics";
import { MIN_BLOCKS } from "./blocks.ts";

/** What a difference is found to be, seen from the later run. */
export type MetricVerdict = "better" | "worse" | "same" | "unclear";

/** A difference and the interval it lies in with the asked confidence. */
export interface Interval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The percentile interval of a bootstrap, widened for few blocks as Student's t is over the normal distribution
 * (Hesterberg, "What Teachers Should Know About the Bootstrap", 2015: expanded percentile interval).
 */
export function intervalOf(
  difference: number,
  resampled: readonly number[],
  blocks: number,
  confidence: number,
): Interval {
  const sorted = resampled.toSorted((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  const widening = wideningOf(blocks, confidence);
  return {
    difference,
    low: difference - widening * Math.max(0, difference - quantileSorted(sorted, tail)),
    high: difference + widening * Math.max(0, quantileSorted(sorted, 1 - tail) - difference),
  };
}

/** By how much percentile intervals of so few independent blocks are too narrow. */
export function wideningOf(blocks: number, confidence: number): number {
  if (blocks < MIN_BLOCKS) return Infinity;
  const normal = probit(1 - (1 - confidence) / 2);
  return studentOf(normal, blocks - 1) / normal * Math.sqrt(blocks / (blocks - 1));
}

/** The quantile of Student's t whose normal counterpart is known (Cornish and Fisher's expansion). */
function studentOf(normal: number, freedom: number): number {
  const [z3, z5, z7] = [normal ** 3, normal ** 5, normal ** 7];
  return normal + (z3 + normal) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * normal) / (96 * freedom ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * normal) / (384 * freedom ** 3);
}

/**
 * Judges an interval: worse or better when all of it lies beyond `margin`, same when all of it lies within
 * `resolution` (at least `margin`), unclear else.
 */
export function judge(
  { low, high }: Interval,
  better: "lower" | "higher",
  margin: number,
  resolution = margin,
): MetricVerdict {
  if (low > margin) return better === "lower" ? "worse" : "better";
  if (high < -margin) return better === "lower" ? "better" : "worse";
  return low >= -resolution && high <= resolution ? "same" : "unclear";
}
