/** Says whether the generator, and not the server, was the limit of a measurement. */
import type { Totals } from "../metrics/snapshot.ts";
import type { Manifest } from "../results/run_record.ts";
import type { CpuShare } from "./account.ts";
import { showCount, showMicros, showShare } from "./units.ts";

/**
 * `valid`: the figures are the server's. `floor`: messages were left out, so the server's limit lies at or above what
 * was reached. `invalid`: the figures may be the generator's.
 */
export type Validity = "valid" | "floor" | "invalid";

/** A validity and its reasons, one sentence each. */
export interface ValidityResult {
  readonly validity: Validity;
  readonly reasons: readonly string[];
}

/** What validity is judged by. */
export interface ValidityFacts {
  readonly manifest: Pick<Manifest, "outcome" | "detail" | "scenario">;
  readonly totals: Totals;
  readonly cpu: CpuShare;
  /** Expressions of thresholds without samples. */
  readonly withoutData: readonly string[];
  /** What was wrong with the files of the run. */
  readonly faults: readonly string[];
}

/** Judges the measurement by the limits of its scenario. */
export function validityOf(facts: ValidityFacts): ValidityResult {
  const invalid = [...invalidReasons(facts)];
  const floor = [...floorReasons(facts.totals)];
  return {
    validity: invalid.length > 0 ? "invalid" : floor.length > 0 ? "floor" : "valid",
    reasons: [...invalid, ...floor],
  };
}

function* invalidReasons({ manifest, totals, cpu, withoutData, faults }: ValidityFacts): Generator<string> {
  const { limits } = manifest.scenario;
  if (manifest.outcome === "unreachable") yield `target unreachable: ${manifest.detail}`;
  else if (manifest.outcome === "failed") yield `imstorm failed: ${manifest.detail}`;
  else if (totals.counter("messages.attempted") === 0) yield "no message was counted";
  const lag = totals.latencies.get("schedule_lag");
  const limit = limits.scheduleLagP99 * 1000;
  if (lag !== undefined && lag.count() > 0 && lag.quantile(0.99) > limit) {
    yield `messages started late: p99 of the schedule lag is ${showMicros(lag.quantile(0.99))}, limit ${
      showMicros(limit)
    }`;
  }
  if (cpu.mean !== null && cpu.mean > limits.cpuShare) {
    yield `a worker used ${showShare(cpu.mean)} of a core, limit ${showShare(limits.cpuShare)}: add workers or cores`;
  }
  const drops = totals.counter("generator.socket_drops");
  if (drops > 0) yield `our kernel dropped ${showCount(drops)} datagrams at our sockets`;
  if (totals.unreadable > 0) yield `${showCount(totals.unreadable)} latency records cannot be read`;
  for (const expression of withoutData) yield `no data for the threshold ${expression}`;
  yield* faults;
}

function* floorReasons(totals: Totals): Generator<string> {
  const dropped = totals.counter("generator.dropped_arrivals");
  if (dropped > 0) {
    yield `${showCount(dropped)} of ${showCount(totals.counter("generator.arrivals"))} messages were not started, ` +
      "because too many were under way";
  }
}
