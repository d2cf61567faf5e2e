// deno-lint-ignore-file camelcase -- fields are named as in the event log
/** What the event log says of one message when its fate is known. */
import type { Millis } from "../clock/clock.ts";
import { contentDigest } from "../im/body.ts";
import type { Entry } from "../metrics/attempt.ts";

/** One message; moments are whole microseconds since the Unix epoch, monotonic within a run. */
export interface FateEvent {
  readonly event: "message";
  /** Of the run, as its contents carry it. */
  readonly run: number;
  readonly sequence: number;
  readonly sender: number;
  /** -1: not ours. */
  readonly receiver: number;
  readonly mode: string;
  readonly transport: string;
  /** Octets of content. */
  readonly size: number;
  /** Stands for every octet of a content with a mark. */
  readonly digest: string;
  readonly due_us: number;
  readonly sent_us: number;
  /** When its sender learned the outcome, be it an acceptance. */
  readonly settled_us: number;
  readonly outcome: string;
  /** When it arrived whole; null when it did not. */
  readonly delivered_us: number | null;
  readonly arrival: string;
  /** False in a warm-up. */
  readonly counted: boolean;
}

/** The event of an attempt that leaves the ledger; `origin`: milliseconds from the epoch to the beginning of its clock. */
export function fateEventOf(entry: Entry, run: number, origin: Millis): FateEvent {
  const micros = (at: Millis): number => Math.round((at + origin) * 1000);
  const { sequence, sender, receiver, mode, transport, size, counted } = entry;
  return {
    event: "message",
    run,
    sequence,
    sender,
    receiver,
    mode,
    transport,
    size,
    digest: contentDigest(size, { run, sequence }),
    due_us: micros(entry.dueAt),
    sent_us: micros(entry.sentAt),
    settled_us: micros(entry.settledAt),
    outcome: entry.outcome ?? "unanswered",
    delivered_us: entry.isDelivered ? micros(entry.deliveredAt) : null,
    arrival: entry.arrival ?? "open",
    counted,
  };
}
