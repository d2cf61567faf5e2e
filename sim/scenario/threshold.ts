/** The thresholds of scenario files: one text each, or a map with the terms apart. */
import { z } from "zod";
import { isDay, type ThresholdMap, thresholdText } from "../metrics/threshold_terms.ts";
import { absence, duration, show } from "./fields.ts";

const waiverSchema = z.strictObject({
  reason: z.string().trim().min(1).describe("Why a failure is let through; stays in every report."),
  until: z.string().refine(isDay, {
    error: ({ input }) => absence(input) ?? `is no day, such as 2026-12-31: ${show(input)}`,
  })
    .describe("The last day the waiver is good for (UTC), such as 2026-12-31."),
});

const thresholdMap = z.strictObject({
  expression: z.string().describe("Metric, operator and limit, such as pager_accept.p99 < 50ms over 60s."),
  samples: z.int().min(1).optional().describe("Fewer samples are no data, which never passes; default 1."),
  after: duration().optional().describe("Judged from that moment of the load on; default 0s."),
  abort: z.boolean().optional().describe("Whether a run that fails it ends; default false."),
  waiver: waiverSchema.optional().describe("Lets a failure through, with a reason and an end."),
});

/** Schema of one threshold; gives one text with all its terms. */
export const thresholdSchema: z.ZodPipe<
  z.ZodUnion<readonly [z.ZodString, typeof thresholdMap]>,
  z.ZodTransform<string, string | ThresholdMap>
> = z.union([z.string(), thresholdMap]).transform((threshold) => thresholdText(threshold));

/** The text of a threshold of a file that may have faults elsewhere, and where its expression is; undefined for others. */
export function draftThreshold(value: unknown): { text: string; at: readonly string[] } | undefined {
  if (typeof value === "string") return { text: value, at: [] };
  const { success, data } = thresholdSchema.safeParse(value);
  return success ? { text: data, at: ["expression"] } : undefined;
}
