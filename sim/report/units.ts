/** Numbers as people read them. */

/** A unit that a duration in microseconds is shown in. */
export interface DurationUnit {
  readonly name: "µs" | "ms" | "s";
  readonly micros: number;
}

const MICROSECONDS: DurationUnit = { name: "µs", micros: 1 };
const MILLISECONDS: DurationUnit = { name: "ms", micros: 1000 };
const SECONDS: DurationUnit = { name: "s", micros: 1_000_000 };

/** The unit in which a duration has its first digit before the point. */
export function unitOf(micros: number): DurationUnit {
  return micros < 1000 ? MICROSECONDS : micros < 1_000_000 ? MILLISECONDS : SECONDS;
}

/** A duration in a given unit, three digits or the whole part: `0.85`, `12.0`, `1,234`; whole microseconds. */
export function inUnit(micros: number, unit: DurationUnit): string {
  return unit.micros === 1 ? showCount(micros) : threeDigits(micros / unit.micros);
}

/** A duration in microseconds with its unit: `850 µs`, `12.3 ms`, `1.23 s`. */
export function showMicros(micros: number): string {
  const unit = unitOf(micros);
  return trimmed(inUnit(micros, unit), unit.name);
}

/** A count with separators: `12,345`. */
export function showCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A share of 1 in percent, with as many digits as tell it from 0 % and 100 %; `n/a` for null. */
export function showShare(share: number | null): string {
  if (share === null) return "n/a";
  const percent = share * 100;
  for (const digits of [2, 3, 4, 5, 6, 7]) {
    const text = percent.toFixed(digits);
    if ((percent === 0 || Number(text) !== 0) && (percent === 100 || Number(text) !== 100)) return trimmed(text, "%");
  }
  return `${percent} %`;
}

/** A number per second: `171.4/s`. */
export function showRate(perSecond: number): string {
  return `${perSecond < 1000 ? trimmed(perSecond.toFixed(1), "") : showCount(perSecond)}/s`;
}

/** A duration in seconds as people say it: `45 s`, `3 min 30 s`, `2 h 5 min`. */
export function showSeconds(seconds: number): string {
  if (seconds < 60) return `${trimmed(seconds.toFixed(1), "")} s`;
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), "h"], [Math.floor(whole / 60) % 60, "min"], [whole % 60, "s"]] as const;
  return parts.filter(([value]) => value > 0).slice(0, 2).map(([value, unit]) => `${value} ${unit}`).join(" ");
}

/** Octets with a binary unit: `512 B`, `1.5 KiB`. */
export function showOctets(octets: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = octets;
  let index = 0;
  for (; value >= 1024 && index < units.length - 1; index++) value /= 1024;
  return trimmed(threeDigits(value), units[index]!);
}

function threeDigits(value: number): string {
  if (value >= 99.95) return showCount(value);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** Without zeros behind the point. */
function trimmed(text: string, unit: string): string {
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return unit === "" ? short : `${short} ${unit}`;
}
