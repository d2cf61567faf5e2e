/** Large mode by phases: where the time of a message goes, from its intended instant to the release of its session. */
import { LARGE_PHASES, type LargePhase } from "../../metrics/dimensions.ts";
import type { Histogram } from "../../metrics/histogram.ts";
import { showCount, showMicros, showShare } from "../units.ts";
import { evenTicks, position } from "./axis.ts";
import { type Markup, markup } from "./markup.ts";
import { tableOf } from "./tables.ts";

const WIDTH = 1040;
const LEFT = 130;
const RIGHT = 110;
const ROW = 30;
const TOP = 8;
const BOTTOM = 26;

/** One phase, in the order of a message's life. */
export interface WaterfallPhase {
  readonly name: LargePhase;
  readonly meaning: string;
  readonly histogram: Histogram;
}

const MEANINGS: Readonly<Record<LargePhase, string>> = {
  setup: "due until the 200 to the INVITE",
  connect: "until the MSRP connection was ready",
  "first_octet": "until the first octet of content left",
  transfer: "until the last octet of content left",
  "last_ack": "until the last 200 of MSRP",
  report: "until the report",
  hold: "until the BYE; not drawn, because the scenario says how long",
  release: "until the 200 to the BYE",
};

/** The phases that a run has recorded; those that never took any time are left out. */
export function phasesOf(latencies: ReadonlyMap<string, Histogram>): WaterfallPhase[] {
  return LARGE_PHASES.flatMap((name) => {
    const histogram = latencies.get(`large_phase{phase=${name}}`);
    return histogram === undefined || histogram.quantile(1) === 0 ? [] : [{ name, meaning: MEANINGS[name], histogram }];
  });
}

/** A bar for each phase, as long as its mean and beginning where the one before it ends; a whisker reaches to p99. */
export function waterfallSvg(all: readonly WaterfallPhase[]): Markup {
  const phases = all.filter(({ name }) => name !== "hold");
  const means = phases.map(({ histogram }) => histogram.mean());
  const starts = means.map((_, i) => means.slice(0, i).reduce((sum, mean) => sum + mean, 0));
  const ends = phases.map(({ histogram }, i) => starts[i]! + Math.max(means[i]!, histogram.quantile(0.99)));
  const most = Math.max(...ends, 1);
  const x = (micros: number): string => position(LEFT + micros / most * (WIDTH - LEFT - RIGHT));
  const rows = phases.map((phase, i) => {
    const y = TOP + i * ROW;
    const middle = y + ROW / 2;
    const end = starts[i]! + means[i]!;
    const bar = `${x(starts[i]!)}`;
    const width = Math.max(1.5, Number(x(end)) - Number(bar));
    return markup`<text class="label" x="${LEFT - 12}" y="${middle + 4}" text-anchor="end">${worded(phase.name)}</text>
<line class="whisker" x1="${x(end)}" x2="${x(ends[i]!)}" y1="${middle}" y2="${middle}"/>
<line class="whisker" x1="${x(ends[i]!)}" x2="${x(ends[i]!)}" y1="${middle - 5}" y2="${middle + 5}"/>
<rect class="bar large${phase.name === "release" ? " after" : ""}" x="${bar}" y="${y + 6}" width="${
      position(width)
    }" height="${ROW - 12}" rx="2"><title>${phase.meaning}</title></rect>
<text class="tick" x="${position(Number(x(ends[i]!)) + 8)}" y="${middle + 4}">${showMicros(means[i]!)}</text>`;
  });
  const height = TOP + phases.length * ROW;
  const scale = evenTicks(most).map((tick) =>
    markup`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${height}"/>
<text class="tick" x="${x(tick)}" y="${height + 18}" text-anchor="middle">${showMicros(tick)}</text>`
  );
  return markup`<svg viewBox="0 0 ${WIDTH} ${
    height + BOTTOM
  }" role="img" aria-label="Phases of a large message">${scale}${rows}</svg>`;
}

/** The same as figures; means of the phases add up to that of the whole. */
export function waterfallTable(phases: readonly WaterfallPhase[]): Markup {
  const whole = phases.filter(({ name }) => name !== "hold").reduce((sum, { histogram }) => sum + histogram.mean(), 0);
  const rows = phases.map(({ name, meaning, histogram }) => [
    markup`${worded(name)} <span class="muted">${meaning}</span>`,
    showCount(histogram.count()),
    showMicros(histogram.mean()),
    name === "hold" || whole === 0 ? "–" : showShare(Number((histogram.mean() / whole).toFixed(3))),
    showMicros(histogram.quantile(0.5)),
    showMicros(histogram.quantile(0.99)),
    showMicros(histogram.quantile(1)),
  ]);
  return tableOf({
    caption: "Phases of a large message",
    head: ["phase", "samples", "mean", "share without hold", "p50", "p99", "max"],
    rows,
    isQuiet: true,
  });
}

function worded(name: LargePhase): string {
  return { setup: "set-up", connect: "connection", "first_octet": "first octet", "last_ack": "last response" }[
    name as string
  ] ?? name;
}
