/** Whether messages between own clients are lost where nothing loses them on purpose. */
import type { ScenarioInput } from "../scenario/scenario.ts";
import { runAgainstTarget, type UdpImplementation } from "./imstorm.ts";

/** What became of a run's messages. */
export interface LosslessRun {
  readonly implementation: UdpImplementation;
  readonly attempted: number;
  readonly delivered: number;
  readonly accepted: number;
  readonly retransmissions: number;
  /** Contents that arrived more than once. */
  readonly duplicated: number;
  readonly verdict: string;
  readonly validity: string;
  readonly reasons: readonly string[];
  /** Microseconds from due to delivered. */
  readonly p99: number | null;
}

/** 1000 clients that send to each other. */
export function losslessScenario(target: string, rate: number, seconds: number): ScenarioInput {
  return {
    name: "lossless",
    target: { uri: `sip:${target};transport=udp`, domain: "ims.test" },
    populations: [{ name: "clients", clients: 1000, user: "user{n}", messages: { size: 140 } }],
    phases: [{ executor: "constant-arrival-rate", rate: `${rate}/s`, duration: `${seconds}s` }],
    thresholds: ["messages.lost == 0", "messages.timed_out == 0", "messages.duplicated == 0"],
  };
}

/** Runs it against `imstorm target`, both with the same implementation of UDP. */
export async function measureLossless(
  implementation: UdpImplementation,
  rate: number,
  seconds: number,
): Promise<LosslessRun> {
  const { summary } = await runAgainstTarget((target) => losslessScenario(target, rate, seconds), implementation);
  const { messages, generator, latency_us: latency } = summary;
  return {
    implementation,
    attempted: messages.attempted,
    delivered: messages.delivered,
    accepted: messages.accepted_200 + messages.accepted_202,
    retransmissions: summary.retransmissions.MESSAGE ?? 0,
    duplicated: messages.duplicated,
    verdict: summary.verdict,
    validity: generator.validity,
    reasons: generator.reasons,
    p99: latency.pager_delivery.p99 ?? null,
  };
}
