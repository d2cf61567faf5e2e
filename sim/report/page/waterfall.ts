/** Large mode by phases: where the time of a message goes, from its intended instant to the release of its session. */
import type { Histogram } from "../../metrics/histogram.ts";
import { showCount, showMicros, showShare } from "../units.ts";
import { evenTicks, position } from "./axis.ts";
import { type Markup, markup } from "./markup.ts";
import { tableOf } from "./tables.ts";

const WIDTH = 1040;
const LEFT = 190;
const RIGHT = 110;
const ROW = 30;
const TOP = 8;
const BOTTOM = 26;

/** One phase, in the order of a message's life. */
export interface WaterfallPhase {
  readonly label: string;
  readonly meaning: string;
  /** False: it comes after the acceptance, and after the session was held. */
  readonly isPartOfAcceptance: boolean;
  readonly histogram: Histogram;
}

/** Names of the phases as they are recorded, in order; a run has those of its version. */
const PHASES = [
  ["large_lag", "start", "due until the message was started", true],
  ["large_setup", "set-up", "due until the 200 to the INVITE", true],
  ["large_connect", "connection", "ACK until the MSRP connection was ready", true],
  ["large_first_octet", "first octet", "connection ready until the first octet of content left", true],
  ["large_transfer", "transfer", "first octet until the last response or report", true],
  ["large_last_ack", "last response", "last octet until the last chunk was answered", true],
  ["large_report", "report", "last response until the REPORT", true],
  ["large_teardown", "release", "BYE until its 2xx, after the session was held", false],
] as const;

/** The phases that a run has recorded. */
export function phasesOf(latencies: ReadonlyMap<string, Histogram>): WaterfallPhase[] {
  return PHASES.flatMap(([name, label, meaning, isPartOfAcceptance]) => {
    const histogram = latencies.get(name);
    return histogram === undefined || histogram.count() === 0
      ? []
      : [{ label, meaning, isPartOfAcceptance, histogram }];
  });
}

/** A bar for each phase, as long as its mean and beginning where the one before it ends; a whisker reaches to p99. */
export function waterfallSvg(phases: readonly WaterfallPhase[]): Markup {
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
    return markup`<text class="label" x="${LEFT - 12}" y="${middle + 4}" text-anchor="end">${phase.label}</text>
<line class="whisker" x1="${x(end)}" x2="${x(ends[i]!)}" y1="${middle}" y2="${middle}"/>
<line class="whisker" x1="${x(ends[i]!)}" x2="${x(ends[i]!)}" y1="${middle - 5}" y2="${middle + 5}"/>
<rect class="bar large${phase.isPartOfAcceptance ? "" : " after"}" x="${bar}" y="${y + 6}" width="${
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

/** The same as figures; shares are of the phases until acceptance, whose means add up to it. */
export function waterfallTable(phases: readonly WaterfallPhase[]): Markup {
  const whole = phases.filter((phase) => phase.isPartOfAcceptance)
    .reduce((sum, { histogram }) => sum + histogram.mean(), 0);
  const rows = phases.map(({ label, meaning, isPartOfAcceptance, histogram }) => [
    markup`${label} <span class="muted">${meaning}</span>`,
    showCount(histogram.count()),
    showMicros(histogram.mean()),
    isPartOfAcceptance && whole > 0 ? showShare(Number((histogram.mean() / whole).toFixed(3))) : "–",
    showMicros(histogram.quantile(0.5)),
    showMicros(histogram.quantile(0.99)),
    showMicros(histogram.quantile(1)),
  ]);
  return tableOf({
    caption: "Phases of a large message",
    head: ["phase", "samples", "mean", "share of acceptance", "p50", "p99", "max"],
    rows,
  });
}
