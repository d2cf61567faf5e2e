/** Which part of a run was what: registering, warm-up, load, draining, and where a phase began. */
import type { Timeline } from "./timeline.ts";

/** A part of a run that is not measured load. */
export interface Span {
  /** Seconds of the run. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** A moment of a run worth a line in every chart over time. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

/** The parts of a run that are shaded in charts; the measured load is what they leave. */
export function spansOf({ starts, step, counters }: Timeline): Span[] {
  const due = counters.get("generator.arrivals") ?? [];
  const counted = counters.get("messages.attempted") ?? [];
  const isAbove = (count: number): boolean => count > 0;
  const first = due.findIndex(isAbove);
  if (first < 0) return [];
  const firstCounted = counted.findIndex(isAbove);
  const last = due.findLastIndex(isAbove);
  const end = (starts.at(-1) ?? 0) + step;
  const spans: Span[] = [
    { from: 0, to: starts[first]!, label: "registering" },
    { from: starts[first]!, to: firstCounted < 0 ? end : starts[firstCounted]!, label: "warm-up" },
    { from: starts[last]! + step, to: end, label: "draining" },
  ];
  return spans.filter(({ from, to }) => to > from);
}

/** Where the phase under way changed, from the gauge `load.phase`. */
export function marksOf({ starts, gauges }: Timeline): Mark[] {
  const phases = gauges.get("load.phase") ?? [];
  const marks: Mark[] = [];
  let before: number | null = null;
  for (const [i, phase] of phases.entries()) {
    if (phase === null) continue;
    if (before !== null && phase !== before) marks.push({ at: starts[i]!, label: `phase ${phase + 1}` });
    before = phase;
  }
  return marks;
}
