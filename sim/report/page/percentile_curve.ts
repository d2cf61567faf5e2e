/** Latency against percentile on the scale of HdrHistogram: the x axis is 1/(1-p), logarithmic. */
import type { Histogram } from "../../metrics/histogram.ts";
import { showCount, showMicros } from "../units.ts";
import { logAxis, position } from "./axis.ts";
import { type Markup, markup } from "./markup.ts";

const WIDTH = 1040;
const HEIGHT = 330;
const LEFT = 64;
const RIGHT = 20;
const TOP = 12;
const BOTTOM = 40;

/** A point of a curve: of `1/(1-p)`, and the latency in microseconds. */
export type CurvePoint = readonly [inverse: number, micros: number];

/** One curve. */
export interface Curve {
  readonly label: string;
  readonly role: "pager" | "large" | "offered";
  /** 0: through; others are dashes of their own. */
  readonly dash: 0 | 1 | 2;
  readonly points: readonly CurvePoint[];
}

/** Points so close that none can be seen between them: 60 to a power of ten. */
const POINTS_PER_DECADE = 60;

/** The curve of a histogram, up to the last percentile that its samples can tell apart. */
export function curvePoints(histogram: Histogram): CurvePoint[] {
  const total = histogram.count();
  const points: CurvePoint[] = [];
  let below = 0;
  let last = -Infinity;
  histogram.forEachBucket((micros, count) => {
    // the samples of a bucket span the percentiles from those below it to those below the next one
    const from = total / (total - below);
    below += count;
    const to = Math.min(total, total / Math.max(1, total - below));
    for (const inverse of [from, to]) {
      const place = Math.log10(inverse) * POINTS_PER_DECADE;
      if (place - last < 1 && inverse < total) continue;
      points.push([inverse, micros]);
      last = place;
    }
  });
  return points;
}

/** The percentiles that are written below the axis, as `1/(1-p)`. */
const TICKS = [
  [1, "0 %"],
  [2, "50 %"],
  [4, "75 %"],
  [10, "90 %"],
  [20, "95 %"],
  [100, "99 %"],
  [1000, "99.9 %"],
  [10_000, "99.99 %"],
  [100_000, "99.999 %"],
  [1_000_000, "99.9999 %"],
] as const;

/** All curves as one SVG; undefined when there is none. */
export function percentileCurveSvg(curves: readonly Curve[]): Markup | undefined {
  const all = curves.flatMap(({ points }) => points);
  if (all.length === 0) return undefined;
  const most = Math.max(10, ...all.map(([inverse]) => inverse));
  const latencies = all.map(([, micros]) => Math.max(1, micros));
  const y = logAxis(
    latencies.reduce((a, b) => Math.min(a, b)),
    latencies.reduce((a, b) => Math.max(a, b)),
    HEIGHT - BOTTOM,
    TOP,
  );
  const x = (inverse: number): number => LEFT + Math.log(inverse) / Math.log(most) * (WIDTH - LEFT - RIGHT);
  const lines = curves.map(({ role, dash, points, label }) => {
    const path = points.map(([inverse, micros], i) =>
      `${i === 0 ? "M" : "L"}${position(x(inverse))} ${position(y.at(Math.max(1, micros)))}`
    ).join("");
    return markup`<path class="curve ${role} dash-${dash}" d="${path}"><title>${label}</title></path>`;
  });
  const title = `Latency by percentile of ${curves.map(({ label }) => label).join(", ")}`;
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${
    y.ticks.map((tick) => horizontal(tick, y.at(tick)))
  }${
    TICKS.filter(([inverse]) => inverse <= most * 1.001).map(([inverse, label]) => vertical(label, x(inverse)))
  }${lines}</svg>`;
}

function horizontal(tick: number, at: number): Markup {
  return markup`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${position(at)}" y2="${position(at)}"/>
<text class="tick" x="${LEFT - 8}" y="${position(at + 4)}" text-anchor="end">${showMicros(tick)}</text>`;
}

function vertical(label: string, at: number): Markup {
  return markup`<line class="grid" x1="${position(at)}" x2="${position(at)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>
<text class="tick" x="${position(at)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${label}</text>`;
}

/** The curves' names beside a piece of each line, because colour alone tells some readers nothing. */
export function curveKey(curves: readonly Curve[], counts: readonly number[]): Markup {
  const items = curves.map(({ label, role, dash }, i) =>
    markup`<li><svg class="sample" viewBox="0 0 34 10" aria-hidden="true"><path class="curve ${role} dash-${dash}" d="M1 5H33"/></svg>${label} <span class="muted">${
      showCount(counts[i]!)
    } samples</span></li>`
  );
  return markup`<ul class="key">${items}</ul>`;
}
