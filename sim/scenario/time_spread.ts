/** Schema of times that vary: one duration, or a distribution of durations. */
import { z } from "zod";
import type { Millis } from "../clock/clock.ts";
import { absence, duration, positiveDuration, show } from "./fields.ts";

/** How a time is distributed; milliseconds. */
export type TimeSpread =
  | { readonly kind: "constant"; readonly value: Millis }
  | { readonly kind: "uniform"; readonly least: Millis; readonly most: Millis }
  | { readonly kind: "exponential"; readonly mean: Millis };

const forms = z.union([
  duration(),
  z.strictObject({
    uniform: z.tuple([duration(), duration()]).describe("Every time from the first to the second is equally likely."),
  }),
  z.strictObject({
    exponential: positiveDuration().describe("Exponentially distributed times with this mean: many short, few long."),
  }),
], {
  error: ({ input }) =>
    absence(input) ?? `must be a duration such as 2s, or {uniform: [1s, 3s]} or {exponential: 2s}: ${show(input)}`,
});

/** Schema of a time that may vary; a bare duration is constant. */
export const timeSpreadSchema = forms.transform((value, context): TimeSpread => {
  if (typeof value === "number") return { kind: "constant", value };
  if ("exponential" in value) return { kind: "exponential", mean: value.exponential };
  const [least, most] = value.uniform;
  if (least <= most) return { kind: "uniform", least, most };
  context.addIssue({ code: "custom", message: "must go upwards", path: ["uniform"], input: value });
  return z.NEVER;
});

/** The mean of a time, in milliseconds. */
export function meanTime(spread: TimeSpread): Millis {
  if (spread.kind === "uniform") return (spread.least + spread.most) / 2;
  return spread.kind === "constant" ? spread.value : spread.mean;
}
