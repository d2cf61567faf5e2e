/** Schema of message sizes: one size, or a weighted mixture of distributions. */
import { z } from "zod";
import { absence, MAX_SIZE, show, size } from "./fields.ts";
import type { SizeBin } from "./size_histogram.ts";

/** How one part of a mixture is distributed; sizes in bytes of content, for `total` of the whole request. */
export type SizeDistribution =
  | { readonly kind: "constant"; readonly size: number }
  | { readonly kind: "uniform"; readonly least: number; readonly most: number }
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number }
  | { readonly kind: "lognormal"; readonly median: number; readonly p99: number }
  | { readonly kind: "pareto"; readonly least: number; readonly shape: number }
  | { readonly kind: "csv"; readonly file: string; readonly bins: readonly SizeBin[] }
  | { readonly kind: "total"; readonly sizes: readonly number[] };

/** One part of a mixture: `weight` relative to the other parts, sizes cut to `min` and `max` bytes. */
export type SizePart = SizeDistribution & { readonly weight: number; readonly min: number; readonly max: number };

const KINDS = ["constant", "uniform", "normal", "lognormal", "pareto", "csv", "total"] as const;

const sizePartInput = z.strictObject({
  weight: z.number().positive().prefault(1).describe("Weight of this part relative to the others; default 1."),
  constant: size().optional().describe("Always this size, in bytes of content."),
  uniform: z.tuple([size(), size()]).optional().describe("Every size from the first to the second is equally likely."),
  normal: z.strictObject({
    mean: size().describe("Mean, in bytes."),
    deviation: size().describe("Standard deviation, in bytes."),
  }).optional().describe("Normally distributed sizes."),
  lognormal: z.strictObject({
    median: size(1).describe("Half of the sizes are below it, in bytes."),
    p99: size(1).describe("99 of 100 sizes are below it, in bytes."),
  }).optional().describe("Log-normally distributed sizes: many small ones, few large ones."),
  pareto: z.strictObject({
    least: size(1).describe("Smallest size, in bytes."),
    shape: z.number().positive().describe(
      "How fast large sizes become rare; below 2, a few make up most of the octets.",
    ),
  }).optional().describe("Pareto-distributed sizes: a heavy tail, which `max` cuts."),
  csv: z.string().min(1).optional().describe(
    "File beside the scenario with a histogram of sizes: columns size, count or from, to, count.",
  ),
  total: z.array(size(1)).min(1).optional().describe(
    "Exact sizes of the whole request as it arrives at the first hop; one is picked each time.",
  ),
  min: size().optional().describe("Smaller sizes are raised to it; default 1, of constant and csv 0."),
  max: size().optional().describe(`Larger sizes are cut to it; default 64 MiB.`),
}).meta({ oneOf: KINDS.map((kind) => ({ properties: { [kind]: true }, required: [kind] })) });

/** Schema of one part of a mixture of sizes. */
export const sizePartSchema = sizePartInput.transform((part, context): SizePart => {
  const fault = faultOf(part);
  if (fault !== undefined) {
    context.addIssue({ code: "custom", message: fault.what, path: fault.path, input: part });
    return z.NEVER;
  }
  const least = part.constant === undefined && part.csv === undefined ? 1 : 0;
  return { ...distributionOf(part), weight: part.weight, min: part.min ?? least, max: part.max ?? MAX_SIZE };
});

const sizes = z.union([
  size(),
  sizePartSchema,
  z.array(sizePartSchema).min(1),
], {
  error: ({ input }) => absence(input) ?? `must be a size such as 1300 or 4KiB, or a list of parts: ${show(input)}`,
});

/** Schema of message sizes; a bare size is a mixture of one constant part. */
export const sizeMixtureSchema = sizes.transform((value): readonly SizePart[] => {
  if (typeof value === "number") return [{ kind: "constant", size: value, weight: 1, min: 0, max: MAX_SIZE }];
  return Array.isArray(value) ? value : [value as SizePart];
});

type PartInput = z.output<typeof sizePartInput>;

function faultOf(part: PartInput): { path: (string | number)[]; what: string } | undefined {
  const kinds = KINDS.filter((kind) => part[kind] !== undefined);
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? "none" : kinds.join(" and ");
    return { path: [], what: `needs exactly one of ${KINDS.join(", ")}; found ${found}` };
  }
  const { uniform, lognormal, total, min, max } = part;
  if (uniform !== undefined && uniform[0] > uniform[1]) {
    return { path: ["uniform"], what: `must go upwards: ${uniform[0]} to ${uniform[1]}` };
  }
  if (lognormal !== undefined && lognormal.p99 < lognormal.median) {
    return { path: ["lognormal", "p99"], what: `must not be below the median: ${lognormal.p99} < ${lognormal.median}` };
  }
  if (min !== undefined && max !== undefined && min > max) {
    return { path: ["min"], what: `must not be above max: ${min} > ${max}` };
  }
  if (total !== undefined && (min ?? max) !== undefined) {
    return { path: [min === undefined ? "max" : "min"], what: "cannot cut total: those sizes are exact" };
  }
  return undefined;
}

function distributionOf(part: PartInput): SizeDistribution {
  const { constant, uniform, normal, lognormal, pareto, csv, total } = part;
  if (constant !== undefined) return { kind: "constant", size: constant };
  if (uniform !== undefined) return { kind: "uniform", least: uniform[0], most: uniform[1] };
  if (normal !== undefined) return { kind: "normal", ...normal };
  if (lognormal !== undefined) return { kind: "lognormal", ...lognormal };
  if (pareto !== undefined) return { kind: "pareto", ...pareto };
  // `read.ts` fills in the bins once the whole scenario is sound
  if (csv !== undefined) return { kind: "csv", file: csv, bins: [] };
  return { kind: "total", sizes: total! };
}
