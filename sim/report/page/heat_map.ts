/** Where the latencies of a run lay, over time: one cell for an interval and a tenth of a power of ten. */
import { showMicros } from "../units.ts";
import { position } from "./axis.ts";
import { clockTime } from "./clock_time.ts";
import { type Markup, markup } from "./markup.ts";
import { type Bins, BINS_PER_DECADE, startOfBin } from "./timeline.ts";

const WIDTH = 1040;
const LEFT = 64;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 26;
const ROW = 9;
/** Shades of a cell; a share of an interval's samples doubles from one to the next. */
const SHADES = 7;

/** What a heat map is drawn from. */
export interface HeatMap {
  /** Unique in the page. */
  readonly id: string;
  /** Class of its colour. */
  readonly role: "pager" | "large";
  readonly title: string;
  readonly starts: readonly number[];
  readonly step: number;
  readonly bins: readonly Bins[];
}

/** Lowest and highest bin with a sample; undefined when there is none. */
export function rangeOf(bins: readonly Bins[]): { least: number; most: number } | undefined {
  let least = Infinity;
  let most = -Infinity;
  for (const column of bins) {
    for (const bin of column.keys()) {
      least = Math.min(least, bin);
      most = Math.max(most, bin);
    }
  }
  return most < least ? undefined : { least, most };
}

/** The shade of a cell, 1 to `SHADES`: 1 holds less than a hundredth of its interval, the last more than half. */
export function shadeOf(samples: number, ofInterval: number): number {
  return Math.max(1, Math.min(SHADES, SHADES + Math.ceil(Math.log2(samples / ofInterval))));
}

/** The heat map as SVG; undefined when nothing was recorded. */
export function heatMapSvg(map: HeatMap): Markup | undefined {
  const range = rangeOf(map.bins);
  if (range === undefined) return undefined;
  const least = range.least - 1;
  const rows = range.most - least + 2;
  const height = TOP + rows * ROW;
  const column = (WIDTH - LEFT - RIGHT) / map.bins.length;
  const paths: string[] = Array.from({ length: SHADES + 1 }, () => "");
  for (const [i, bins] of map.bins.entries()) {
    const total = [...bins.values()].reduce((sum, count) => sum + count, 0);
    const x = position(LEFT + i * column);
    for (const [bin, samples] of bins) {
      const y = position(height - (bin - least + 1) * ROW);
      paths[shadeOf(samples, total)] += `M${x} ${y}h${position(column)}v${ROW}h-${position(column)}z`;
    }
  }
  const cells = paths.map((path, shade) =>
    path === "" ? undefined : markup`<path class="shade-${shade}" d="${path}"/>`
  );
  return markup`<svg class="heat ${map.role}" viewBox="0 0 ${WIDTH} ${
    height + BOTTOM
  }" role="img" aria-label="${map.title}">
${axisOfLatency(least, rows, height)}<g>${cells}</g>${axisOfTime(map, column, height)}</svg>`;
}

function axisOfLatency(least: number, rows: number, height: number): Markup[] {
  const lines: Markup[] = [];
  for (let bin = least; bin <= least + rows; bin++) {
    if (bin % BINS_PER_DECADE !== 0 && !(rows < 25 && isHalf(bin))) continue;
    const y = height - (bin - least) * ROW;
    lines.push(markup`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${position(y)}" y2="${position(y)}"/>
<text class="tick" x="${LEFT - 8}" y="${position(y + 4)}" text-anchor="end">${labelOf(bin)}</text>`);
  }
  return lines;
}

/** Near a half of a power of ten: 10^0.7 is 5.01. */
function isHalf(bin: number): boolean {
  const rest = ((bin % BINS_PER_DECADE) + BINS_PER_DECADE) % BINS_PER_DECADE;
  return rest === 3 || rest === 7;
}

function labelOf(bin: number): string {
  return showMicros(Number(startOfBin(bin).toPrecision(1)));
}

function axisOfTime({ starts, step }: HeatMap, column: number, height: number): Markup[] {
  const every = Math.max(1, Math.ceil(starts.length / 10));
  return starts.flatMap((start, i) => {
    if (i % every !== 0 || i > starts.length - every / 2 && i > 0) return [];
    const x = position(LEFT + i * column);
    return [markup`<text class="tick" x="${x}" y="${height + 18}">${clockTime(start, step)}</text>`];
  });
}
