/** Latency against size: p50 to p99 of each class of sizes, by mode, with the line where modes change. */
import type { Histogram } from "../../metrics/histogram.ts";
import { showCount, showMicros, showOctets } from "../units.ts";
import { logAxis, position } from "./axis.ts";
import { type Markup, markup } from "./markup.ts";
import { tableOf } from "./tables.ts";

const WIDTH = 1040;
const HEIGHT = 280;
const LEFT = 64;
const RIGHT = 20;
const TOP = 22;
const BOTTOM = 42;

/** The latencies of one class of sizes: contents of `least` octets and more, up to twice as many. */
export interface SizeClass {
  readonly mode: "pager" | "large";
  /** The name of the latency without its dimension. */
  readonly metric: string;
  readonly least: number;
  readonly histogram: Histogram;
}

/** Latencies that are drawn by size, the first of a mode that has classes. */
const METRICS = [["pager_accept", "pager"], ["large_delivery", "large"], ["large_accept", "large"]] as const;

/** The classes of a run, ascending; empty when its version did not record them. */
export function sizeClassesOf(latencies: ReadonlyMap<string, Histogram>): SizeClass[] {
  const classes: SizeClass[] = [];
  for (const [metric, mode] of METRICS) {
    if (classes.some((each) => each.mode === mode)) continue;
    for (const [name, histogram] of latencies) {
      const size = new RegExp(`^${metric}\\{size=b(\\d+)\\}$`).exec(name)?.[1];
      if (size === undefined || histogram.count() === 0) continue;
      classes.push({ mode, metric, least: Number(size), histogram });
    }
  }
  return classes.toSorted((a, b) => a.least - b.least);
}

/** The chart; `threshold`: octets from which a message is large. The x axis is logarithmic, a class as wide as another. */
export function sizeChartSvg(classes: readonly SizeClass[], threshold: number): Markup {
  const first = placeOf(classes[0]!.least);
  const last = placeOf(classes.at(-1)!.least) + 1;
  const width = (WIDTH - LEFT - RIGHT) / (last - first);
  const x = (place: number): number => LEFT + (place - first) * width;
  const lowest = Math.min(...classes.map(({ histogram }) => histogram.quantile(0.5)));
  const highest = Math.max(...classes.map(({ histogram }) => histogram.quantile(0.99)));
  const y = logAxis(Math.max(1, lowest / 1.2), Math.max(1, highest), HEIGHT - BOTTOM, TOP);
  const grid = y.ticks.map((tick) =>
    markup`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${position(y.at(tick))}" y2="${
      position(y.at(tick))
    }"/>
<text class="tick" x="${LEFT - 8}" y="${position(y.at(tick) + 4)}" text-anchor="end">${showMicros(tick)}</text>`
  );
  const edges = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const labels = edges.map((edge) =>
    markup`<text class="tick" x="${position(x(edge))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${
      showOctets(edge === 0 ? 0 : 2 ** (edge - 1))
    }</text>`
  );
  const marks = classes.map(({ mode, least, histogram }) => {
    const at = position(x(placeOf(least) + 0.5) + (mode === "pager" ? -7 : 7));
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => position(y.at(Math.max(1, histogram.quantile(share)))));
    return markup`<g class="range ${mode}"><line x1="${at}" x2="${at}" y1="${p50}" y2="${p99}"/>
${dot(mode, at, p50!)}<line x1="${Number(at) - 5}" x2="${Number(at) + 5}" y1="${p90}" y2="${p90}"/>
<line x1="${Number(at) - 5}" x2="${Number(at) + 5}" y1="${p99}" y2="${p99}"/></g>`;
  });
  const edge = Math.log2(threshold) + 1;
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Latency by size of the message">${grid}${labels}${
    edge < first || edge > last ? undefined : thresholdLine(x(edge), threshold)
  }${marks}</svg>`;
}

/** Where a class begins, in classes: 0 is that of no content, 1 that of one octet. */
function placeOf(least: number): number {
  return least === 0 ? 0 : Math.round(Math.log2(least)) + 1;
}

/** A round mark for pager mode, a square one for large. */
function dot(mode: SizeClass["mode"], x: string, y: string): Markup {
  return mode === "pager"
    ? markup`<circle cx="${x}" cy="${y}" r="4.5"/>`
    : markup`<rect x="${Number(x) - 4}" y="${Number(y) - 4}" width="8" height="8"/>`;
}

function thresholdLine(at: number, threshold: number): Markup {
  const x = position(at);
  return markup`<line class="threshold" x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${HEIGHT - BOTTOM}"/>
<text class="tick strong" x="${x}" y="${TOP - 10}" text-anchor="middle">${showCount(threshold)} bytes</text>`;
}

/** The same as figures. */
export function sizeTable(classes: readonly SizeClass[]): Markup {
  const rows = classes.map(({ mode, metric, least, histogram }) => [
    least === 0 ? "no content" : `${showOctets(least)} to ${showOctets(2 * least)}`,
    mode,
    metric,
    showCount(histogram.count()),
    ...[0.5, 0.9, 0.99, 1].map((share) => showMicros(histogram.quantile(share))),
  ]);
  return tableOf({
    caption: "Latency by size of the content",
    head: ["size", "mode", "latency", "samples", "p50", "p90", "p99", "max"],
    rows,
    texts: [1, 2],
  });
}
