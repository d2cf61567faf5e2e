/** What differs between two runs besides their figures, and whether it forbids comparing them. */
import type { Manifest } from "../../results/run_record.ts";
import type { Summary } from "../summary.ts";

/** A run with what is known of it. */
export interface ComparedRun {
  /** As it was named. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly summary: Summary;
  /** What is wrong with its folder, one sentence each. */
  readonly faults: readonly string[];
}

/** One thing that differs. */
export interface RunDifference {
  readonly what: string;
  readonly baseline: string;
  readonly run: string;
  /** Whether the figures of such runs say nothing about each other. */
  readonly forbids: boolean;
}

/** Most fields of the scenario that are named one by one. */
const MAX_FIELDS = 12;

/** Everything in which two runs differ that could explain a difference of their figures. */
export function differencesOf(baseline: ComparedRun, run: ComparedRun): RunDifference[] {
  return [
    ...scenarioDifferences(baseline, run),
    ...measurementDifferences(baseline, run),
    ...surroundings(baseline, run),
  ];
}

function* scenarioDifferences({ manifest: a }: ComparedRun, { manifest: b }: ComparedRun): Generator<RunDifference> {
  if (a.scenario_sha256 === b.scenario_sha256) return;
  const fields = [...changedFields("", a.scenario, b.scenario)];
  for (const [path, before, after] of fields.slice(0, MAX_FIELDS)) {
    yield { what: `scenario ${path}`, baseline: before, run: after, forbids: true };
  }
  if (fields.length > MAX_FIELDS) {
    const more = `${fields.length - MAX_FIELDS} more`;
    yield { what: "further fields of the scenario", baseline: more, run: more, forbids: true };
  }
  if (fields.length > 0) return;
  // passwords are masked in manifests, and what an older version did not know has its default here, which changes nothing
  const forbids = [a, b].some(({ scenario }) => JSON.stringify(scenario).includes('"***"'));
  const what = `scenario (${
    forbids ? "passwords, or " : ""
  }fields that one version of imstorm has and the other has not)`;
  yield { what, baseline: a.versions.imstorm, run: b.versions.imstorm, forbids };
}

function* measurementDifferences(a: ComparedRun, b: ComparedRun): Generator<RunDifference> {
  const validity = [a, b].map(({ summary }) => summary.generator.validity);
  if (validity[0] !== validity[1] || validity[0] === "invalid") {
    yield { what: "validity", baseline: validity[0]!, run: validity[1]!, forbids: true };
  }
  const extent = [a, b].map(({ summary, faults }) =>
    summary.verdict === "interrupted" ? "cut short" : faults.length > 0 ? "incomplete" : "whole"
  );
  if (extent.some((each) => each !== "whole")) {
    yield { what: "extent", baseline: extent[0]!, run: extent[1]!, forbids: true };
  }
}

function* surroundings({ manifest: a }: ComparedRun, { manifest: b }: ComparedRun): Generator<RunDifference> {
  const facts = ({ workers, transport, versions, machine }: Manifest): Record<string, unknown> => ({
    "workers": workers,
    "UDP": transport?.implementation,
    "imstorm": versions.imstorm,
    "Deno": versions.deno,
    "host": machine.hostname,
    "kernel": machine.kernel,
    "CPUs": machine.cpus,
  });
  const [before, after] = [facts(a), facts(b)];
  for (const what of Object.keys(before)) {
    if (before[what] === after[what]) continue;
    yield { what, baseline: shown(before[what]), run: shown(after[what]), forbids: false };
  }
}

/** The paths of two values at which they differ, with both sides. */
function* changedFields(path: string, a: unknown, b: unknown): Generator<[path: string, a: string, b: string]> {
  if (isComposed(a) && isComposed(b) && Array.isArray(a) === Array.isArray(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      yield* changedFields(path === "" ? key : `${path}.${key}`, a[key], b[key]);
    }
  } else if (JSON.stringify(a) !== JSON.stringify(b)) yield [path, shown(a), shown(b)];
}

function isComposed(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
