/** Quantities with units as scenario files and options write them: `30s`, `200/s`, `4KiB`, `5%`. */
import type { Millis } from "../clock/clock.ts";

/** duration = 1*( number unit ), as in `30s`, `1m30s`, `0.5ms`. */
export const DURATION_REGEXP = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h|d))+$/;
/** rate = number "/" ( "s" | "m" | "h" ), as in `200/s`. */
export const RATE_REGEXP = /^\d+(?:\.\d+)?\/(?:s|m|h)$/;
/** size = number [ unit ], as in `1300`, `4KiB`, `1.5MB`. */
export const SIZE_REGEXP = /^\d+(?:\.\d+)? ?(?:B|kB|KB|KiB|MB|MiB)?$/;
/** share = number [ "%" ], as in `0.25` and `25%`. */
export const SHARE_REGEXP = /^\d+(?:\.\d+)?%$/;

const DURATION_UNITS: Readonly<Record<string, Millis>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const RATE_UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1000,
  KB: 1000,
  KiB: 1024,
  MB: 1_000_000,
  MiB: 1_048_576,
};

/** The duration in milliseconds, or undefined when the text is none. */
export function parseDuration(text: string): Millis | undefined {
  if (!DURATION_REGEXP.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g)) {
    sum += Number(number) * DURATION_UNITS[unit!]!;
  }
  return sum;
}

/** The rate per second, or undefined when the text is none. */
export function parseRate(text: string): number | undefined {
  if (!RATE_REGEXP.test(text)) return undefined;
  const [number, unit] = text.split("/");
  return Number(number) / RATE_UNITS[unit!]!;
}

/** The size in whole bytes, or undefined when the text is none or no whole number of bytes. */
export function parseSize(text: string): number | undefined {
  if (!SIZE_REGEXP.test(text)) return undefined;
  const [, number, unit] = /^([\d.]+) ?([A-Za-z]*)$/.exec(text)!;
  const bytes = Number(number) * SIZE_UNITS[unit!]!;
  return Number.isInteger(bytes) ? bytes : undefined;
}

/** The share, 0 to 1, or undefined when the text is no percentage up to 100. */
export function parseShare(text: string): number | undefined {
  if (!SHARE_REGEXP.test(text)) return undefined;
  const share = Number(text.slice(0, -1)) / 100;
  return share <= 1 ? share : undefined;
}

/** A duration for people, such as `2m30s` or `250ms`; `parseDuration` reads it back to within its last digit. */
export function formatDuration(duration: Millis): string {
  if (duration > 0 && duration < 1) return `${round(duration * 1000)}us`;
  if (duration > 0 && duration < 1000) return `${round(duration)}ms`;
  let rest = Math.round(duration / 100) / 10;
  let text = "";
  for (const [unit, seconds] of [["h", 3600], ["m", 60]] as const) {
    const whole = Math.floor(rest / seconds);
    if (whole > 0) text += `${whole}${unit}`;
    rest = round(rest - whole * seconds);
  }
  return rest > 0 || text === "" ? `${text}${rest}s` : text;
}

/** A rate per second for people, such as `200/s`. */
export function formatRate(rate: number): string {
  return `${round(rate)}/s`;
}

/** A size in bytes for people, such as `1300 B` or `64 KiB`. */
export function formatSize(bytes: number): string {
  if (bytes < 10_000) return `${round(bytes)} B`;
  if (bytes < 10_000_000) return `${round(bytes / 1024)} KiB`;
  return `${round(bytes / 1_048_576)} MiB`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
