/** Numbers over time in one line of text. */

const LEVELS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/**
 * The last `width` values as bars from 0 to the highest; a blank where there is no value. Values that are more than
 * `width` are left out from the front.
 */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const shown = values.slice(Math.max(0, values.length - Math.max(0, width)));
  const top = Math.max(0, ...shown.map((value) => value ?? 0));
  return shown.map((value) => {
    if (value === undefined) return " ";
    return LEVELS[top === 0 ? 0 : Math.min(LEVELS.length - 1, Math.floor((value / top) * LEVELS.length))]!;
  }).join("");
}

/** A bar of `width` columns of which `share` (0 to 1) is full. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.max(0, Math.min(1, share)) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}
