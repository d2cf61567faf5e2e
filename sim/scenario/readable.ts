/** What can be read of a scenario that has faults, so that contradictions show together with them. */
import type { z } from "zod";
import { type Phase, phaseSchema } from "./phase.ts";
import { type PopulationDraft, populationSchema } from "./population.ts";
import { type Target, targetSchema } from "./target.ts";
import { draftThreshold } from "./threshold.ts";

/** The parts of a scenario; undefined where a part cannot be read. */
export interface ReadableParts {
  readonly target: Target | undefined;
  /** Populations without faults of their own. */
  readonly populations: readonly (PopulationDraft | undefined)[];
  /** Populations as if their faulty fields were left out. */
  readonly drafts: readonly (PopulationDraft | undefined)[];
  /** Name of every population, also of unreadable ones. */
  readonly names: readonly (string | undefined)[];
  readonly phases: readonly (Phase | undefined)[];
  /** Every threshold that can be read, with the place of its expression under its entry. */
  readonly thresholds: readonly ({ text: string; at: readonly string[] } | undefined)[];
}

/** The parts of a scenario as a file writes it. */
export function readableParts(value: unknown): ReadableParts {
  const { target, populations, phases, thresholds } = (value ?? {}) as Record<string, unknown>;
  return {
    target: readLeniently(targetSchema, target),
    populations: entriesOf(populations).map((entry) => populationSchema.safeParse(entry).data),
    drafts: entriesOf(populations).map((entry) => readLeniently(populationSchema, entry)),
    names: entriesOf(populations).map((entry) => textOf((entry as { name?: unknown } | null)?.name)),
    phases: entriesOf(phases).map((entry) => phaseSchema.safeParse(entry).data),
    thresholds: entriesOf(thresholds).map(draftThreshold),
  };
}

function entriesOf(list: unknown): unknown[] {
  return Array.isArray(list) ? list : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Rounds of leaving out: a map that misses a field by it goes in the next. */
const ROUNDS = 5;

function readLeniently<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const copy = structuredClone(value);
  for (let round = 0; round < ROUNDS; round++) {
    const result = schema.safeParse(copy);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
      for (const key of keys) leaveOut(copy, key === undefined ? issue.path : [...issue.path, key]);
    }
  }
  return undefined;
}

/** Values in the place of fields that cannot be left out; no contradiction looks at them. */
const STAND_INS: Readonly<Record<string, unknown>> = { name: "unnamed", clients: 1, size: 1 };

/** Removes a field; when it is not there, the map around it, unless that is the whole. */
function leaveOut(value: unknown, path: readonly PropertyKey[]): void {
  const around = path.slice(0, -1);
  const last = path.at(-1);
  let map = value as Record<PropertyKey, unknown> | undefined;
  for (const part of around) map = map?.[part] as Record<PropertyKey, unknown> | undefined;
  if (last === undefined || typeof map !== "object" || map === null) return;
  if (last in STAND_INS) map[last] = STAND_INS[String(last)];
  else if (!(last in map)) leaveOut(value, around);
  else if (Array.isArray(map)) map.splice(Number(last), 1);
  else delete map[last];
}
