/** Which clients act in a closed phase, when each of them may, and how many actions fall to a worker: arithmetic. */
import type { Millis } from "../clock/clock.ts";
import type { Share } from "./clients.ts";
import type { ClosedLoad, Plan, PlannedPhase } from "./plan.ts";

/**
 * The client of each VU of a phase: from each population in proportion to its clients, its first ones, and so mixed
 * that the first VUs are in that proportion too.
 */
export function clientsOfVus(plan: Plan, phase: PlannedPhase): Int32Array {
  const populations = phase.populations.map((index) => plan.populations[index]!);
  const all = populations.reduce((sum, { count }) => sum + count, 0);
  const taken = populations.map(() => 0);
  return Int32Array.from({ length: phase.closed!.vus }, (_, vu) => {
    let most = -Infinity;
    let chosen = 0;
    for (const [index, { count }] of populations.entries()) {
      const missing = ((vu + 1) * count) / all - taken[index]!;
      if (taken[index]! >= count || missing <= most) continue;
      most = missing;
      chosen = index;
    }
    taken[chosen]!++;
    return populations[chosen]!.first + taken[chosen]! - 1;
  });
}

/**
 * The first moment from `at` on, from the start of the phase, at which VU number `vu` may begin an action; Infinity when
 * there is none. Where their number grows, VU k joins as it reaches k + 1; where it falls, VU k leaves as it reaches k.
 */
export function activeFrom({ segments }: ClosedLoad, vu: number, at: Millis): Millis {
  for (const { start, duration, from, to } of segments) {
    const end = start + duration;
    if (end <= at) continue;
    const moment = Math.max(at, start);
    if (to >= from) {
      const joins = to === from ? start : start + (duration * (vu + 1 - from)) / (to - from);
      if (to > vu && Math.max(moment, joins) < end) return Math.max(moment, joins);
    } else if (moment < start + (duration * (from - vu)) / (from - to)) {
      return moment;
    }
  }
  return Infinity;
}

/** Clients acting at a moment of a phase, not whole on a ramp. */
export function vusAt({ segments }: ClosedLoad, at: Millis): number {
  const segment = segments.findLast(({ start, duration }) => start <= at && duration > 0);
  if (segment === undefined || at >= segment.start + segment.duration) return 0;
  return segment.from + ((segment.to - segment.from) * (at - segment.start)) / segment.duration;
}

/** The iterations `[first, first + count)` of shared ones that fall to a worker: in proportion to its VUs, none twice. */
export function sharedIterations(
  iterations: number,
  clients: Int32Array,
  { index, count }: Share,
): { first: number; count: number } {
  let before = 0;
  let own = 0;
  for (const client of clients) {
    if (client % count < index) before++;
    else if (client % count === index) own++;
  }
  const until = (vus: number): number => Math.floor((iterations * vus) / clients.length);
  return { first: until(before), count: until(before + own) - until(before) };
}
