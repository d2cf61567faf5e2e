/** Says whether the generator, and not the server, was the limit of a measurement. */
import type { Totals } from "../metrics/snapshot.ts";
import type { Manifest } from "../results/run_record.ts";
import type { CpuShare } from "./account.ts";
import { type HealthFigures, UNKNOWN_HEALTH } from "./health.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { validitySchema } from "../scenario/validity.ts";
import { showCount, showMicros, showShare } from "./units.ts";

/**
 * `valid`: the figures are the server's. `floor`: messages were left out, or the server was meant to be pressed to its limit
 * and was not, so that limit lies at or above what was reached. `invalid`: the figures may be the generator's.
 */
export type Validity = "valid" | "floor" | "invalid";

/** A validity and its reasons, one sentence each. */
export interface ValidityResult {
  readonly validity: Validity;
  readonly reasons: readonly string[];
}

/** What validity is judged by. */
export interface ValidityFacts {
  readonly manifest: Pick<Manifest, "outcome" | "detail" | "scenario" | "clock">;
  readonly totals: Totals;
  readonly cpu: CpuShare;
  /** Not known when left out. */
  readonly health?: HealthFigures;
  /** Expressions of thresholds that failed: signs that the server was pressed. */
  readonly failed?: readonly string[];
  /** Expressions of thresholds without samples. */
  readonly withoutData: readonly string[];
  /** What was wrong with the files of the run. */
  readonly faults: readonly string[];
}

/** Judges the measurement by the limits of its scenario. */
export function validityOf(facts: ValidityFacts): ValidityResult {
  const invalid = [...invalidReasons(facts)];
  const floor = [...floorReasons(facts)];
  return {
    validity: invalid.length > 0 ? "invalid" : floor.length > 0 ? "floor" : "valid",
    reasons: [...invalid, ...floor],
  };
}

function* invalidReasons(facts: ValidityFacts): Generator<string> {
  const { manifest, totals, cpu, withoutData, faults } = facts;
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
  yield* unhealthyReasons(facts);
  if (totals.unreadable > 0) yield `${showCount(totals.unreadable)} latency records cannot be read`;
  for (const expression of withoutData) yield `no data for the threshold ${expression}`;
  yield* faults;
}

/** What `limits.validity` has limits for. */
function* unhealthyReasons({ manifest, totals, health = UNKNOWN_HEALTH }: ValidityFacts): Generator<string> {
  const limits = limitsOf(manifest);
  const { loopDelay, descriptors, descriptorLimit, steal } = health;
  if (loopDelay !== null && loopDelay > limits.loopDelay * 1000) {
    yield `our event loop stood still for ${showMicros(loopDelay)}, limit ${showMicros(limits.loopDelay * 1000)}`;
  }
  const drops = totals.counter("generator.socket_drops");
  if (drops > limits.socketDrops) yield `our kernel dropped ${showCount(drops)} datagrams at our sockets`;
  const full = totals.counter("generator.send_buffer_full");
  if (full > limits.sendBufferFull) {
    yield `our kernel refused ${showCount(full)} datagrams because a send buffer was full`;
  }
  const exhausted = totals.counter("generator.no_resources");
  if (exhausted > 0) yield `we had no file descriptor or port left for ${showCount(exhausted)} connections`;
  if (descriptors !== null && descriptorLimit !== null && descriptors > descriptorLimit * limits.descriptors) {
    yield `${showCount(descriptors)} of ${showCount(descriptorLimit)} permitted file descriptors were open, limit ${
      showShare(limits.descriptors)
    }`;
  }
  if (steal !== null && steal > limits.steal) {
    yield `the host took ${showShare(steal)} of this machine's processor time, limit ${showShare(limits.steal)}`;
  }
  const clock = manifest.clock ?? undefined;
  if (clock !== undefined && Math.abs(clock.offset_us) - clock.error_us > limits.clockOffset * 1000) {
    yield `the clocks of our workers differ by ${showMicros(Math.abs(clock.offset_us))}, limit ${
      showMicros(limits.clockOffset * 1000)
    }`;
  }
}

function* floorReasons({ manifest, totals, failed = [] }: ValidityFacts): Generator<string> {
  const dropped = totals.counter("generator.dropped_arrivals");
  if (dropped > 0) {
    yield `${showCount(dropped)} of ${showCount(totals.counter("generator.arrivals"))} messages were not started, ` +
      "because too many were under way";
  }
  if (limitsOf(manifest).expectsLimit && failed.length === 0 && !isPressed(totals)) {
    yield "the server kept up with everything: its limit lies above this load";
  }
}

/** Runs of earlier versions have no such limits: they are judged by the defaults. */
function limitsOf({ scenario }: Pick<Manifest, "scenario">): Scenario["limits"]["validity"] {
  const limits: Partial<Scenario["limits"]> = scenario.limits;
  return limits.validity ?? validitySchema.parse({});
}

/** Outcomes that a server beyond its limit gives. */
const SIGNS_OF_A_LIMIT = ["rejected", "failed", "timed_out", "unanswered", "lost"] as const;
/** Share of messages with such an outcome that says a server was pressed: less has other causes. */
const PRESSED_FROM = 0.001;

function isPressed(totals: Totals): boolean {
  const signs = SIGNS_OF_A_LIMIT.reduce((sum, name) => sum + totals.counter(`messages.${name}`), 0);
  return signs > totals.counter("messages.attempted") * PRESSED_FROM;
}
