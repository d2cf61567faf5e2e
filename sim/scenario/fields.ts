/** The kinds of field of scenario files: quantities with units, and maps whose names turn from file to code style. */
import { z } from "zod";
import type { Millis } from "../clock/clock.ts";
import {
  DURATION_REGEXP,
  parseDuration,
  parseRate,
  parseShare,
  parseSize,
  RATE_REGEXP,
  SHARE_REGEXP,
  SIZE_REGEXP,
} from "./quantity.ts";

/** Largest content and message size, in bytes: a content is made in memory. */
export const MAX_SIZE = 64 * 1_048_576;

type Camel<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;

/** The same fields with `snake_case` names turned into `camelCase`. */
export type CamelKeys<T> = { [Key in keyof T as Camel<Key>]: T[Key] };

/** Turns the names of one object, not of those inside it, from the style of files into that of code. */
export function camelKeys<T extends object>(object: T): CamelKeys<T> {
  const entries = Object.entries(object).map(([key, value]) => [
    key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries);
}

/** A value as a fault shows it: short, on one line. */
export function show(value: unknown): string {
  const text = typeof value === "bigint" ? String(value) : JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

type Text = { input?: unknown };

/** What is wrong with a field that is not there, or that has a name and no value. */
export function absence(input: unknown): string | undefined {
  return input === undefined ? "is required" : input === null ? "is empty" : undefined;
}

/** Whether a number or a quantity as people wrote it is below 0. */
function isNegative(input: unknown): boolean {
  return typeof input === "number" ? input < 0 : typeof input === "string" && input.startsWith("-");
}

function quantityFault(kind: string, example: string): (issue: Text) => string {
  return ({ input }) => {
    const absent = absence(input);
    if (absent !== undefined) return absent;
    if (typeof input === "number" && input >= 0) return `needs a unit, such as ${example}: ${input}`;
    if (isNegative(input)) return `must not be negative: ${show(input)}`;
    return `is no ${kind}, such as ${example}: ${show(input)}`;
  };
}

function quantity(
  regexp: RegExp,
  parse: (text: string) => number | undefined,
  kind: string,
  example: string,
): Quantity {
  const error = quantityFault(kind, example);
  return z.string({ error }).regex(regexp, { error }).transform((text) => parse(text)!);
}

type Quantity = z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;

/** A duration such as `30s`; gives milliseconds. */
export function duration(): Quantity {
  return quantity(DURATION_REGEXP, parseDuration, "duration", "30s or 250ms (us, ms, s, m, h, d)");
}

/** A duration longer than nothing. */
export function positiveDuration(): Quantity {
  return duration().refine((value: Millis) => value > 0, { error: "must be longer than 0s" });
}

/** A rate such as `200/s`; gives a number per second. */
export function rate(): Quantity {
  return quantity(RATE_REGEXP, parseRate, "rate", "200/s (/s, /m, /h)");
}

/** A rate above nothing. */
export function positiveRate(): Quantity {
  return rate().refine((value: number) => value > 0, { error: "must be above 0/s" });
}

type Size = z.ZodPipe<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>, z.ZodTransform<number, number | string>>;

/** A size such as `1300` or `4KiB`; gives bytes, at least `least`. */
export function size(least = 0): Size {
  const error = ({ input }: Text) => {
    const absent = absence(input);
    if (absent !== undefined) return absent;
    if (typeof input === "number" && input > MAX_SIZE) return `must be at most ${MAX_SIZE} bytes: ${input}`;
    if (typeof input === "number" && input >= 0) return `must be a whole number of bytes, at least ${least}: ${input}`;
    if (isNegative(input)) return `must not be negative: ${show(input)}`;
    return `is no size in bytes, such as 1300 or 4KiB (B, kB, KiB, MB, MiB): ${show(input)}`;
  };
  const number = z.number({ error }).int({ error }).min(least, { error }).max(MAX_SIZE, { error });
  return z.union([number, z.string({ error }).regex(SIZE_REGEXP, { error })], { error }).transform((value, context) => {
    const bytes = typeof value === "number" ? value : parseSize(value);
    if (bytes !== undefined && bytes >= least && bytes <= MAX_SIZE) return bytes;
    context.addIssue({ code: "custom", message: error({ input: bytes ?? value }), input: value });
    return z.NEVER;
  });
}

/** A share between 0 and 1, also written as a percentage such as `5%`. */
export function share(): Size {
  const error = ({ input }: Text) => absence(input) ?? `must be a share between 0 and 1, or 0% to 100%: ${show(input)}`;
  const number = z.number({ error }).min(0, { error }).max(1, { error });
  return z.union([number, z.string({ error }).regex(SHARE_REGEXP, { error })], { error }).transform(
    (value, context) => {
      const part = typeof value === "number" ? value : parseShare(value);
      if (part !== undefined) return part;
      context.addIssue({ code: "custom", message: error({ input: value }), input: value });
      return z.NEVER;
    },
  );
}
