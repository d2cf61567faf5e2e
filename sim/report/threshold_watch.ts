/** Judges the thresholds of a run while it goes on. */
import type { Account } from "./account.ts";
import { evaluate, type ThresholdResult } from "./thresholds.ts";

/** Every threshold by what has been counted so far; `startedAt`: ISO 8601, for waivers. */
export function thresholdsNow(expressions: readonly string[], account: Account, startedAt: string): ThresholdResult[] {
  return evaluate(expressions, {
    totals: account.totals,
    seconds: account.secondsWith("messages.attempted"),
    gaugePeaks: account.gaugePeaks(),
    windows: account.windows(),
    startedAt,
  });
}

/** The first threshold that fails now and ends the run by it; what has no data yet does not. */
export function abortingThreshold(
  expressions: readonly string[],
  account: Account,
  startedAt: string,
): ThresholdResult | undefined {
  const elapsed = account.secondsWith("generator.arrivals");
  if (elapsed === 0) return undefined;
  return thresholdsNow(expressions, account, startedAt).find(({ abort, status, after_s: after = 0 }) =>
    abort === true && status === "failed" && elapsed >= after
  );
}
