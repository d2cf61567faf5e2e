/** The highest rate of a plan. */
import type { Millis } from "../clock/clock.ts";
import { meanTime } from "../scenario/time_spread.ts";
import { rateAt } from "./pacer.ts";
import type { Plan, PlannedPhase } from "./plan.ts";
import { vusAt } from "./vus.ts";

/** Milliseconds in which an action of a closed phase is assumed to be settled. */
const ANSWER: Millis = 20;

/** Milliseconds from one action of a client of a closed phase to the next; an estimate. */
export function cycleOf({ closed }: PlannedPhase): Millis {
  return meanTime(closed!.think) + ANSWER;
}

/** Messages a second at the highest rate of all phases together; an estimate where phases are closed. */
export function peakRateOf({ phases }: Plan): number {
  const rateOf = (at: Millis): number =>
    phases.reduce((sum, phase) => {
      const inside = at - phase.start;
      if (inside < 0 || inside > phase.duration) return sum;
      if (phase.open !== undefined) return sum + rateAt(phase.open, inside);
      return sum + vusAt(phase.closed!, inside) * (1000 / cycleOf(phase));
    }, 0);
  // rates are highest where a stretch begins or ends; a jump belongs to what follows it
  const moments = phases.flatMap(({ start, open, closed }) =>
    (open?.segments ?? closed!.segments).filter(({ duration }) => duration > 0)
      .flatMap((segment) => [start + segment.start, start + segment.start + segment.duration - 1e-6])
  );
  return Math.max(0, ...moments.map((at) => Math.round(rateOf(at) * 1000) / 1000));
}
