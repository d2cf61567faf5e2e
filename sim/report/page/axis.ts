/** Axes of the charts that are drawn as SVG here: where a value stands, and which values are written. */

/** Maps values to positions; both ends are included. */
export interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** A logarithmic axis from `least` to `most` (both above 0) over the positions `from` to `to`, ticks at 1, 2, 5 × 10ⁿ. */
export function logAxis(least: number, most: number, from: number, to: number): Axis {
  const low = roundedDown(least);
  const high = Math.max(roundedUp(most), low * 2);
  const scale = (to - from) / Math.log(high / low);
  const decades = Math.log10(high / low);
  const leaders = decades > 5 ? [1] : decades > 2.5 ? [1, 3] : [1, 2, 5];
  return {
    ticks: ticksOf(low, high, leaders),
    at: (value) => from + Math.log(Math.min(Math.max(value, low), high) / low) * scale,
  };
}

const ONE_TWO_FIVE = [1, 2, 5, 10];

/** The largest of 1, 2, 5 × 10ⁿ that is not above a value. */
export function roundedDown(value: number): number {
  const power = powerBelow(value);
  return clean(ONE_TWO_FIVE.findLast((leader) => leader * power <= value * (1 + 1e-9))! * power);
}

/** The smallest of 1, 2, 5 × 10ⁿ that is not below a value. */
export function roundedUp(value: number): number {
  const power = powerBelow(value);
  return clean(ONE_TWO_FIVE.find((leader) => leader * power >= value * (1 - 1e-9))! * power);
}

function powerBelow(value: number): number {
  return 10 ** Math.floor(Math.log10(value) + 1e-9);
}

function ticksOf(low: number, high: number, leaders: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let power = powerBelow(low); power <= high; power *= 10) {
    for (const leader of leaders) {
      const tick = clean(leader * power);
      if (tick >= low && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}

/** Without the last digits that multiplying leaves behind. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}

/** Four to ten multiples of 1, 2 or 5 × 10ⁿ from 0 to at most a value above 0. */
export function evenTicks(most: number): number[] {
  const step = roundedUp(most / 8);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => clean(i * step));
}

/** A coordinate with as many digits as a screen can show. */
export function position(value: number): string {
  return String(Number(value.toFixed(1)));
}
