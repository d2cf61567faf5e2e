/** The highest rate that a sender holds without a loss, found by trials. */
import type { SippCalling } from "../e2e/peers/sipp.ts";

/** Requests sent again, as a share of all, that still count as no loss. */
export const MOST_RETRANSMISSIONS = 1e-4;
/** SIPp may be so much below its rate. */
const LEAST_SHARE = 0.97;

/** What was found. */
export interface FoundRate {
  /** The highest rate that was held, per second; 0: not even the lowest one. */
  readonly rate: number;
  /** The rates that were tried, and what came of them. */
  readonly tried: readonly (readonly [rate: number, lossFree: boolean])[];
}

/** Where a search goes. */
export interface RateRange {
  /** The lowest rate that is tried. */
  readonly first: number;
  /** No sender is asked for more. */
  readonly last: number;
  /** Steps between the highest rate held and the lowest one not held. */
  readonly halvings: number;
}

/**
 * Tries rates within a range, from three quarters of what was `found` before: fewer trials, where it is still so.
 * `tell` hears of each trial.
 */
export async function searchRate(
  isLossFree: (rate: number) => Promise<boolean>,
  { first, last, halvings }: RateRange,
  tell: (text: string) => void,
  found?: FoundRate,
): Promise<FoundRate> {
  const tried: [number, boolean][] = [];
  const holds = async (rate: number): Promise<boolean> => {
    // one trial may be disturbed by what else the machine does
    const lossFree = await isLossFree(rate) || await isLossFree(rate);
    tried.push([rate, lossFree]);
    tell(`${rate}/s ${lossFree ? "without a loss" : "not held"}`);
    return lossFree;
  };
  const near = Math.round((found?.rate ?? 0) * 0.75);
  const rate = near <= first ? 0 : await highest(holds, { first: near, last: Math.min(last, 2 * near), halvings });
  return { rate: rate > 0 ? rate : await highest(holds, { first, last, halvings }), tried };
}

/** Doubled from `first` while it holds, then the distance is halved. */
async function highest(
  holds: (rate: number) => Promise<boolean>,
  { first, last, halvings }: RateRange,
): Promise<number> {
  let low = 0;
  let high = first;
  while (high <= last && await holds(high)) {
    low = high;
    high *= 2;
  }
  if (low === 0 || high > last) return low;
  for (let step = 0; step < halvings; step++) {
    const middle = Math.round((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Whether a SIPp made all its calls without a loss, in the seconds they were to take; its last call takes `tail` ms
 * more.
 */
export async function hasHeld(calling: SippCalling, calls: number, seconds: number, tail: number): Promise<boolean> {
  const { failed, retransmissions, duration, successful } = await calling.end();
  const inTime = duration * LEAST_SHARE <= seconds * 1000 + tail;
  return failed === 0 && successful === calls && inTime && retransmissions <= calls * MOST_RETRANSMISSIONS;
}
