// deno-lint-ignore-file camelcase -- fields are named as in run.json
/** The manifest of a run: what was run, by what, on what machine, and how it ended. */
import { createHash } from "node:crypto";
import project from "../../deno.json" with { type: "json" };
import type { RefusedLatencies } from "./refused_latency.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** The version of everything in a results folder; `results/README.md` lists the changes. */
export const RESULTS_FORMAT = 1;

/** The version of this program. */
export const IMSTORM_VERSION: string = project.version;

/** How a run stands or ended; `running` in an old folder: it was killed; `aborted`: by a threshold. */
export type RunOutcome = "running" | "completed" | "interrupted" | "unreachable" | "failed" | "aborted";

/** What `run.json` holds; keys are those of the file. */
export interface Manifest {
  readonly format: number;
  /** Chance; every record of the run's files carries it as `run`. Missing in folders of older versions. */
  readonly run_id?: string;
  /** As resolved: every default filled in; passwords are masked. */
  readonly scenario: Scenario;
  /** SHA-256 of the resolved scenario, keys sorted: equal for two runs that asked for the same. */
  readonly scenario_sha256: string;
  /** Name of the scenario file, null when it came from a program. */
  readonly scenario_file: string | null;
  readonly seed: number;
  readonly workers: number;
  /** Why so many. Missing in folders of older versions. */
  readonly workers_reason?: string;
  readonly versions: { readonly imstorm: string; readonly deno: string; readonly v8: string };
  readonly machine: {
    readonly os: string;
    readonly architecture: string;
    readonly cpus: number;
    /** Null where we are not permitted to know it. */
    readonly memory_bytes: number | null;
    readonly kernel: string | null;
    /** Left out where we are not permitted to know it. */
    readonly hostname?: string;
  };
  /** Which UDP implementation carried the run and why; null until that is known. */
  readonly transport: { readonly implementation: string; readonly reason: string } | null;
  /** The tool's own error, measured before the run; null or left out when it was not. */
  readonly calibration?: Calibration | null;
  /** Largest difference between the clocks of two threads, and its error; null or left out when it was not measured. */
  readonly clock?: { readonly offset_us: number; readonly error_us: number } | null;
  /** What people should know of the run and no figure says, one sentence each. */
  readonly notes?: readonly string[];
  /** Wall clock, ISO 8601 in UTC. */
  readonly started_at: string;
  /** Null while it runs. */
  readonly ended_at: string | null;
  readonly outcome: RunOutcome;
  /** One sentence for people where the outcome needs it. */
  readonly detail: string;
  /** Of a run of several agents: all of them, the lead first. */
  readonly agents?: readonly ManifestAgent[];
  /** Why the measurement is not valid, besides what was measured: one sentence each. */
  readonly faults?: readonly string[];
  /** Latencies between clocks that could not be compared well enough, and why: no figure is given of them. */
  readonly refused_latencies?: RefusedLatencies;
}

/** One agent of a run. */
export interface ManifestAgent {
  readonly index: number;
  /** Null for the lead. */
  readonly url: string | null;
  /** Why it was lost; null when it was not. */
  readonly lost: string | null;
  /** Its clock minus the lead's, and how far that may be wrong; null when that was never measured. */
  readonly clock_offset_us: number | null;
  readonly clock_error_us: number | null;
}

/** Round trips of an echo over the loopback interface by our UDP implementation, in whole microseconds. */
export interface Calibration {
  readonly implementation: string;
  readonly echoes: number;
  readonly p50_us: number;
  readonly p99_us: number;
  readonly max_us: number;
}

/** What is known when a run starts. */
export interface RunStart {
  readonly scenario: Scenario;
  /** Path or name of the scenario file. */
  readonly scenarioFile?: string;
  readonly workers: number;
  readonly workersReason?: string;
  readonly startedAt: Date;
  /** Tells this run from all others; chance unless given. */
  readonly runId?: string;
  readonly calibration?: Calibration | undefined;
}

/** What is known when it has ended. */
export interface RunClosing {
  readonly outcome: RunOutcome;
  readonly detail: string;
  readonly transport: { readonly implementation: string; readonly reason: string };
  readonly endedAt: Date;
  readonly clock?: Manifest["clock"];
  readonly notes?: readonly string[];
  /** As in the manifest; empty ones are left out there. */
  readonly agents?: readonly ManifestAgent[];
  readonly faults?: readonly string[];
  readonly refusedLatencies?: RefusedLatencies;
}

/** The manifest of a run that starts now. */
export function openManifest(start: RunStart): Manifest {
  return {
    format: RESULTS_FORMAT,
    run_id: start.runId ?? crypto.randomUUID(),
    scenario: withoutPasswords(start.scenario) as Scenario,
    scenario_sha256: scenarioHash(start.scenario),
    scenario_file: start.scenarioFile ?? null,
    seed: start.scenario.seed,
    workers: start.workers,
    ...(start.workersReason !== undefined && { workers_reason: start.workersReason }),
    versions: describeVersions(),
    machine: describeMachine(),
    transport: null,
    calibration: start.calibration ?? null,
    started_at: start.startedAt.toISOString(),
    ended_at: null,
    outcome: "running",
    detail: "",
  };
}

/** What this program is. */
export function describeVersions(): Manifest["versions"] {
  return { imstorm: IMSTORM_VERSION, deno: Deno.version.deno, v8: Deno.version.v8 };
}

/** What it runs on, as far as we are permitted to know. */
export function describeMachine(): Manifest["machine"] {
  const hostname = permitted("hostname", () => Deno.hostname());
  return {
    os: Deno.build.os,
    architecture: Deno.build.arch,
    cpus: navigator.hardwareConcurrency,
    memory_bytes: permitted("systemMemoryInfo", () => Deno.systemMemoryInfo().total) ?? null,
    kernel: permitted("osRelease", () => Deno.osRelease()) ?? null,
    ...(hostname !== undefined && { hostname }),
  };
}

/** The manifest of a run that has ended. */
export function closeManifest(manifest: Manifest, closing: RunClosing): Manifest {
  const {
    outcome,
    detail,
    transport,
    endedAt,
    clock = null,
    notes = [],
    agents = [],
    faults = [],
    refusedLatencies = {},
  } = closing;
  return {
    ...manifest,
    outcome,
    detail,
    transport,
    clock,
    notes,
    ended_at: endedAt.toISOString(),
    ...(agents.length > 0 && { agents }),
    ...(faults.length > 0 && { faults }),
    ...(Object.keys(refusedLatencies).length > 0 && { refused_latencies: refusedLatencies }),
  };
}

/** SHA-256 of a scenario in hexadecimal digits, whatever the order of its keys. */
export function scenarioHash(scenario: Scenario): string {
  return createHash("sha256").update(JSON.stringify(sorted(scenario))).digest("hex");
}

/** A copy with `***` for every password: people send results folders to each other. */
function withoutPasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPasswords);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, each]) => [key, key === "password" ? "***" : withoutPasswords(each)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** A fact of the machine, undefined without permission: asking would stop the program with a question. */
function permitted<T>(kind: "hostname" | "systemMemoryInfo" | "osRelease", read: () => T): T | undefined {
  return Deno.permissions.querySync({ name: "sys", kind }).state === "granted" ? read() : undefined;
}
