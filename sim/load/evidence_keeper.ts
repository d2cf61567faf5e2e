/** Keeps what went wrong with a message after its request was through, and what took longer than the objective. */
import type { Millis } from "../clock/clock.ts";
import { LONG_MARK_SIZE, MARK_SIZE, writeContent } from "../im/body.ts";
import type { EvidenceRing } from "../metrics/evidence.ts";
import type { Attempt } from "../metrics/attempt.ts";
import type { Delivery, LedgerWatch } from "../metrics/ledger.ts";
import type { Mode } from "../metrics/outcome.ts";
import type { Recorder } from "../metrics/recorder.ts";
import { isThresholdFault, parseThreshold } from "../metrics/threshold.ts";
import type { FlightRecorder } from "./flight_recorder.ts";

/** Octets of a mark that say which message it is; those that follow depend on the content. */
const LONG_NAME = 13;
const SHORT_NAME = 7;

/** What a keeper needs. */
export interface EvidenceKeeperParts {
  readonly run: number;
  readonly thresholds: readonly string[];
  readonly ring: EvidenceRing;
  readonly recorder: Recorder;
  readonly flightRecorder: FlightRecorder;
  /** Address of record to the client's number, -1 for strangers. */
  readonly indexOf: (addressOfRecord: string) => number;
}

/** A content that arrived and did not deliver its message. */
export interface StrayDelivery {
  readonly delivery: Delivery;
  /** -1 when its content says none. */
  readonly sequence: number;
  readonly receiver: number;
  readonly from: string;
  /** Octets of content. */
  readonly size: number;
  /** Undefined when it arrived at another worker, whose transcript has the messages. */
  readonly content?: Uint8Array;
  readonly at: Millis;
}

/** Longest latency by its name that keeps all thresholds on it, in milliseconds: what is above is looked at. */
export function objectivesOf(thresholds: readonly string[]): ReadonlyMap<string, Millis> {
  const objectives = new Map<string, Millis>();
  for (const text of thresholds) {
    const threshold = parseThreshold(text);
    if (isThresholdFault(threshold) || threshold.subject.kind !== "latency") continue;
    const { subject: { name, statistic }, operator, limit } = threshold;
    const isBound = (operator === "<" || operator === "<=") && statistic !== "count" && statistic !== "stdev";
    const plain = name.replace(/\{.*\}$/, "");
    // the highest: half of the messages may be above the bound of a median
    if (isBound) objectives.set(plain, Math.max(objectives.get(plain) ?? 0, limit / 1000));
  }
  return objectives;
}

/** Listens to the ledger, and to what arrived strangely. */
export class EvidenceKeeper implements LedgerWatch {
  readonly bounds: LedgerWatch["bounds"];
  readonly #parts: EvidenceKeeperParts;

  /** Objectives are those of the thresholds. */
  constructor(parts: EvidenceKeeperParts) {
    this.#parts = parts;
    const objectives = objectivesOf(parts.thresholds);
    const bound = (name: string): Millis => objectives.get(name) ?? Infinity;
    this.bounds = {
      pager: { accept: bound("pager_accept"), delivery: bound("pager_delivery") },
      large: { accept: bound("large_accept"), delivery: bound("large_delivery") },
    };
  }

  /** From the ledger. */
  onSlow(attempt: Attempt, what: "accept" | "delivery", at: Millis): void {
    const took = `${(at - attempt.dueAt).toFixed(1)} ms, objective ${this.bounds[attempt.mode][what]} ms`;
    this.#keep(`slow_${attempt.mode}_${what}`, attempt, at, `took ${took}`);
  }

  /** From the ledger. */
  onLost(attempt: Attempt, at: Millis): void {
    this.#keep("lost", attempt, at, "accepted, and it did not arrive");
  }

  /** A content arrived twice, changed, late, at the wrong client or without any message of ours. */
  onStray({ delivery, sequence, receiver, from, size, content, at }: StrayDelivery): void {
    const name = content?.subarray(0, size >= LONG_MARK_SIZE ? LONG_NAME : SHORT_NAME);
    this.#add(
      {
        kind: delivery,
        at,
        sender: this.#parts.indexOf(from),
        receiver,
        sequence,
        mode: undefined,
        detail: `content of ${size} octets from ${from}: ${delivery}`,
      },
      name !== undefined && size >= MARK_SIZE ? [name] : [],
      -Infinity,
    );
  }

  #keep(kind: string, attempt: Attempt, at: Millis, what: string): void {
    const { sender, receiver, sequence, mode, size, dueAt } = attempt;
    const detail = `${mode} message ${sequence} of ${size} octets: ${what}`;
    this.#add({ kind, at, sender, receiver, sequence, mode, detail }, this.#nameOf(attempt), dueAt - 1);
  }

  /** `since`: when the first of its messages can have been sent. */
  #add(
    entry: {
      kind: string;
      at: Millis;
      sender: number;
      receiver: number;
      sequence: number;
      mode: Mode | undefined;
      detail: string;
    },
    needles: readonly Uint8Array[],
    since: Millis,
  ): void {
    const { ring, recorder, flightRecorder } = this.#parts;
    if (!ring.wants(entry.kind)) {
      recorder.count("evidence.dropped");
      return;
    }
    recorder.count("evidence.kept");
    ring.add({ ...entry, messages: needles.length === 0 ? [] : flightRecorder.around(needles, since) });
  }

  #nameOf({ sequence, size }: Attempt): Uint8Array[] {
    if (size < MARK_SIZE) return [];
    const isLong = size >= LONG_MARK_SIZE;
    const content = writeContent(isLong ? LONG_MARK_SIZE : MARK_SIZE, { run: this.#parts.run, sequence });
    return [content.subarray(0, isLong ? LONG_NAME : SHORT_NAME)];
  }
}
