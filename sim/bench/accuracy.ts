/**
 * How wrong the recorded latency is: a capture on loopback is the truth, for every message of a run against an answering
 * SIPp. Both see the same messages: no warm-up.
 */
import { runToEnd } from "../e2e/peers/child.ts";
import { startCapture } from "../e2e/peers/capture.ts";
import { findProgram } from "../e2e/peers/packages.ts";
import { startSippAnswering } from "../e2e/peers/sipp.ts";
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

const SECONDS = 20;
const TSHARK_LIMIT = 300_000;
const FIELDS = ["frame.time_epoch", "sip.Call-ID", "sip.Status-Code"] as const;

/** Runs one rate with a capture beside it. */
export async function measureAccuracy(rate: number, implementation: UdpImplementation): Promise<Accuracy> {
  const answering = await startSippAnswering("message");
  try {
    const capture = await startCapture([answering.port]);
    try {
      const load = { rate, contentSize: 140, from: 0, to: SECONDS * 1000 - 3000 };
      await using run = await ImstormRun.start(imstormScenario(answering.address, load), implementation);
      const { summary } = await run.end();
      const { dropped } = await capture.stop();
      const latencies = latenciesOf(await fieldsOf(capture.file));
      const recorded = summary.latency_us.pager_accept_from_sent!;
      return {
        rate,
        implementation,
        messages: summary.messages.attempted,
        captured: latencies.length,
        dropped,
        recorded: { p50: recorded.p50!, p99: recorded.p99! },
        truth: { p50: quantileOf(latencies, 0.5), p99: quantileOf(latencies, 0.99) },
        lagP99: summary.generator.schedule_lag_us.p99!,
      };
    } finally {
      await capture.remove();
    }
  } finally {
    await answering.stop();
  }
}

async function fieldsOf(file: string): Promise<string> {
  const tshark = await findProgram("tshark");
  if (tshark === undefined) throw new Error("Cannot find tshark: install the Debian package tshark");
  const fields = FIELDS.flatMap((field) => ["-e", field]);
  const args = ["-n", "-r", file, "-d", "udp.port==1-65535,sip", "-T", "fields", ...fields];
  const { code, output, errors } = await runToEnd(tshark, args, TSHARK_LIMIT);
  if (code !== 0) throw new Error(`tshark ended with ${code}: ${errors}`);
  return output;
}

/** From the first request of each Call-ID to its first response, in microseconds, ascending. */
export function latenciesOf(lines: string): number[] {
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  for (const line of lines.split("\n")) {
    const [time, callId, status] = line.split("\t");
    if (callId === undefined || callId === "") continue;
    const at = microsOf(time!);
    const sent = sentAt.get(callId);
    if (status === "") {
      if (sent === undefined) sentAt.set(callId, at);
    } else if (sent !== undefined && sent >= 0) {
      latencies.push(at - sent);
      sentAt.set(callId, -1);
    }
  }
  return latencies.sort((one, other) => one - other);
}

/** Microseconds of the latest million seconds: a whole epoch in nanoseconds is beyond what a number holds. */
function microsOf(epoch: string): number {
  const [seconds, fraction = ""] = epoch.split(".");
  return Number(seconds!.slice(-6)) * 1e6 + Number(fraction.padEnd(9, "0")) / 1000;
}

/** The value that this share of ascending values does not exceed. */
export function quantileOf(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? NaN;
}
