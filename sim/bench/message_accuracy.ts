/**
 * How wrong the recorded latency of each single message is: the event log beside a capture on loopback. Messages are known
 * by the mark in their contents, and their answers by the Call-ID.
 */
import { startCapture } from "../e2e/peers/capture.ts";
import { startSippAnswering } from "../e2e/peers/sipp.ts";
import { indexOfOctets } from "../bytes/scan.ts";
import { toOctets } from "../bytes/text.ts";
import { readContent } from "../im/body.ts";
import { accuracyScenario, fieldsOf, microsOf, quantileOf } from "./accuracy.ts";
import { ImstormRun } from "./imstorm.ts";

/** Errors of single messages, in microseconds. */
export interface MessageAccuracy {
  readonly rate: number;
  /** Messages that counted. */
  readonly messages: number;
  /** Of these, whose request and response are both in the capture. */
  readonly compared: number;
  readonly p50: number;
  readonly p99: number;
}

const FIELDS = ["frame.time_epoch", "sip.Call-ID", "sip.Status-Code", "udp.payload"] as const;
const BLANK_LINE = toOctets("\r\n\r\n");
/** Hexadecimal digits of `MESSAGE `. */
const MESSAGE_DIGITS = "4d45535341474520";

/** Runs one rate with a capture and an event log beside it. */
export async function measureMessages(rate: number): Promise<MessageAccuracy> {
  await using removed = new AsyncDisposableStack();
  const log = await Deno.makeTempFile({ suffix: ".jsonl" });
  removed.defer(() => Deno.remove(log));
  await using answering = await startSippAnswering("message");
  await using capture = await startCapture([answering.port]);
  await using run = await ImstormRun.start(accuracyScenario(answering.address, rate), "batched", {}, 1, log);
  await run.end();
  await capture.stop();
  const recorded = recordedIn(await Deno.readTextFile(log));
  const errors = errorsOf(recorded, capturedIn(await fieldsOf(capture.file, FIELDS)));
  return {
    rate,
    messages: recorded.size,
    compared: errors.length,
    p50: quantileOf(errors, 0.5),
    p99: quantileOf(errors, 0.99),
  };
}

/** Latency from the sent request to the answer, by the number of the message, of those that counted. */
export function recordedIn(log: string): Map<number, number> {
  const latencies = new Map<number, number>();
  for (const line of log.split("\n")) {
    if (!line.startsWith('{"event":"message"')) continue;
    const event = JSON.parse(line) as { sequence: number; sent_us: number; settled_us: number; counted: boolean };
    if (event.counted) latencies.set(event.sequence, event.settled_us - event.sent_us);
  }
  return latencies;
}

/** The same from the lines of tshark, of all messages. */
export function capturedIn(lines: string): Map<number, number> {
  const sent = new Map<string, { readonly sequence: number; readonly at: number }>();
  const latencies = new Map<number, number>();
  for (const line of lines.split("\n")) {
    const [time, callId, status, payload] = line.split("\t");
    if (callId === undefined || callId === "" || payload === undefined) continue;
    const request = sent.get(callId);
    if (status !== "") {
      if (request !== undefined && !latencies.has(request.sequence)) {
        latencies.set(request.sequence, microsOf(time!) - request.at);
      }
    } else if (request === undefined && payload.startsWith(MESSAGE_DIGITS)) {
      const octets = Uint8Array.fromHex(payload);
      const content = readContent(octets.subarray(indexOfOctets(octets, BLANK_LINE, 0, octets.length) + 4));
      if (content.kind === "marked") sent.set(callId, { sequence: content.sequence, at: microsOf(time!) });
    }
  }
  return latencies;
}

/** How far both are apart, of the messages in both, ascending. */
export function errorsOf(recorded: ReadonlyMap<number, number>, captured: ReadonlyMap<number, number>): number[] {
  const errors: number[] = [];
  for (const [sequence, latency] of recorded) {
    const truth = captured.get(sequence);
    if (truth !== undefined) errors.push(Math.abs(latency - truth));
  }
  return errors.sort((one, other) => one - other);
}
