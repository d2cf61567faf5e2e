/**
 * How wrong the recorded latency is: a capture on loopback is the truth, for every message of a run against an answering
 * SIPp, but for the seconds in which the rate is reached and V8 compiles.
 */
import { runToEnd } from "../e2e/peers/child.ts";
import { startCapture } from "../e2e/peers/capture.ts";
import { needProgram } from "../e2e/peers/packages.ts";
import { startSippAnswering } from "../e2e/peers/sipp.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { ImstormRun, type UdpImplementation } from "./imstorm.ts";
import { imstormScenario } from "./peers.ts";

/** What was recorded, and what was captured, in microseconds. */
export interface Accuracy {
  readonly rate: number;
  readonly implementation: UdpImplementation;
  readonly messages: number;
  /** Messages whose request and response are both in the capture. */
  readonly captured: number;
  /** Frames the kernel could not give to tcpdump. */
  readonly dropped: number;
  readonly recorded: { readonly p50: number; readonly p99: number };
  readonly truth: { readonly p50: number; readonly p99: number };
  /** 99 % of arrivals started no later than this after they were due. */
  readonly lagP99: number;
}

/** Until the rate is reached; of these nothing is recorded, and the capture is not looked at. */
const FIRST_SECONDS = 8;
const SECONDS = 20;
const TSHARK_LIMIT = 300_000;
const FIELDS = ["frame.time_epoch", "sip.Call-ID", "sip.Status-Code"] as const;

/** Runs one rate with a capture beside it. */
export async function measureAccuracy(rate: number, implementation: UdpImplementation): Promise<Accuracy> {
  await using answering = await startSippAnswering("message");
  await using capture = await startCapture([answering.port]);
  await using run = await ImstormRun.start(accuracyScenario(answering.address, rate), implementation);
  const { summary } = await run.end();
  const { dropped } = await capture.stop();
  const { attempted } = summary.messages;
  const latencies = latenciesOf(await fieldsOf(capture.file), attempted);
  const recorded = summary.latency_us.pager_accept_from_sent!;
  return {
    rate,
    implementation,
    messages: attempted,
    captured: latencies.length,
    dropped,
    recorded: { p50: recorded.p50!, p99: recorded.p99! },
    truth: { p50: quantileOf(latencies, 0.5), p99: quantileOf(latencies, 0.99) },
    lagP99: summary.generator.schedule_lag_us.p99!,
  };
}

/** A rate that is reached within some seconds, of which nothing counts, and then kept. */
export function accuracyScenario(target: string, rate: number): ScenarioInput {
  const stages = [{ target: `${rate}/s`, duration: `${FIRST_SECONDS}s` }];
  return {
    ...imstormScenario(target, { rate, contentSize: 140, from: 0, to: 0 }),
    phases: [
      { executor: "ramping-arrival-rate", stages, stir: true },
      { executor: "constant-arrival-rate", rate: `${rate}/s`, duration: `${SECONDS}s` },
    ],
  };
}

/** What tshark finds in a capture of SIP: `fields` of each frame, separated by tabs; throws when it cannot. */
export async function fieldsOf(file: string, fieldNames: readonly string[] = FIELDS): Promise<string> {
  const tshark = await needProgram("tshark");
  const fields = fieldNames.flatMap((field) => ["-e", field]);
  const args = ["-n", "-r", file, "-d", "udp.port==1-65535,sip", "-T", "fields", ...fields];
  const { code, output, errors } = await runToEnd(tshark, args, TSHARK_LIMIT);
  if (code !== 0) throw new Error(`tshark ended with ${code}: ${errors}`);
  return output;
}

/** From the first request of each of the last `count` Call-IDs to its first response, in microseconds, ascending. */
export function latenciesOf(lines: string, count: number): number[] {
  const sentAt = new Map<string, number>();
  const latencyOf = new Map<string, number>();
  for (const line of lines.split("\n")) {
    const [time, callId, status] = line.split("\t");
    if (callId === undefined || callId === "") continue;
    const at = microsOf(time!);
    const sent = sentAt.get(callId);
    if (status === "") {
      if (sent === undefined) sentAt.set(callId, at);
    } else if (sent !== undefined && sent >= 0) {
      latencyOf.set(callId, at - sent);
      sentAt.set(callId, -1);
    }
  }
  const latencies = [...sentAt.keys()].slice(-count).map((callId) => latencyOf.get(callId));
  return latencies.filter((latency) => latency !== undefined).sort((one, other) => one - other);
}

/** Microseconds of the latest million seconds: a whole epoch in nanoseconds is beyond what a number holds. */
export function microsOf(epoch: string): number {
  const [seconds, fraction = ""] = epoch.split(".");
  return Number(seconds!.slice(-6)) * 1e6 + Number(fraction.padEnd(9, "0")) / 1000;
}

/** The value that this share of ascending values does not exceed. */
export function quantileOf(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? NaN;
}
