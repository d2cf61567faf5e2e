/**
 * One message on its way: its chunks, their responses, and its reports (RFC 4975 §7.1.1, §7.1.2).
 *
 * | state     | written whole | all answered / flushed     | reported whole | error, timer |
 * | queued    | –             | –                          | –              | failed       |
 * | sending   | draining      | –                          | –              | failed       |
 * | draining  | –             | reporting, or delivered    | –              | failed       |
 * | reporting | –             | –                          | delivered      | failed       |
 */
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due, Wheel } from "../clock/wheel.ts";
import type { ByteRange } from "./byte_range.ts";
import type { Channel } from "./channel.ts";
import type { ReportStatus } from "./chunk.ts";
import { Coverage } from "./coverage.ts";
import { type ChunkListener, type Sendable, Sender, type SenderTools } from "./sender.ts";
import type { MsrpFailure, MsrpProgress } from "./user.ts";

/** From the last octet of a SEND to its response (RFC 4975 §7.1.1). */
export const RESPONSE_TIMEOUT: Millis = 30_000;
/** How long a connection may take no octets while there are some to write; ours, the RFC has no such timer. */
export const STALL_TIMEOUT: Millis = 30_000;
/** From the last response to the success report; RFC 4975 §7.1.2 leaves the value to the application. */
export const REPORT_TIMEOUT: Millis = 120_000;

/** Who hears of a delivery. */
export interface DeliveryUser {
  /** It has come further. */
  deliveryProgressed(delivery: Delivery, event: MsrpProgress, at: Millis): void;
  /** It ended; `failure` is undefined when the message was delivered. Called once. */
  deliverySettled(delivery: Delivery, failure: MsrpFailure | undefined, at: Millis): void;
}

/** The sending of one message, from its first octet to its last acknowledgement. */
export class Delivery implements Due, ChunkListener {
  /** Where it stands. */
  state: "queued" | "sending" | "draining" | "reporting" | "delivered" | "failed" = "queued";
  readonly message: Sendable;
  /** Cuts the content. */
  readonly sender: Sender;
  readonly #wheel: Wheel;
  readonly #user: DeliveryUser;
  /** Transactions without response, in the order they began; the moment their last octet was handed down, once it was. */
  readonly #unanswered = new Map<string, Millis | undefined>();
  readonly #covered = new Coverage();
  #reported = false;
  #flushed = false;
  #channel: Channel | undefined;
  #alarm: Alarm | undefined;

  /** Nothing happens until `step`. */
  constructor(message: Sendable, tools: SenderTools & { wheel: Wheel }, user: DeliveryUser) {
    this.message = message;
    this.#wheel = tools.wheel;
    this.#user = user;
    this.sender = new Sender(message, tools, this);
  }

  /** Hands the next slice to the connection. */
  step(channel: Channel, toPath: readonly string[], fromUri: string): void {
    const first = this.state === "queued";
    if (first) {
      this.state = "sending";
      this.#channel = channel;
      this.#alarm = this.#wheel.arm(Math.min(RESPONSE_TIMEOUT, STALL_TIMEOUT), this, "response");
    }
    this.sender.step(channel.flow, toPath, fromUri);
    if (this.sender.whole) {
      this.state = "draining";
      channel.reportFlush(this);
    }
    const now = this.#wheel.now;
    if (first) this.#user.deliveryProgressed(this, "first_octet", now);
    if (this.sender.whole && !this.#hasEnded()) this.#user.deliveryProgressed(this, "last_octet", now);
  }

  /** As `ChunkListener`: from here on a response may come. */
  chunkStarted(transactionId: string): void {
    if (this.message.failureReport === "no") return;
    this.#unanswered.set(transactionId, undefined);
    this.#channel!.expectResponse(transactionId, this);
  }

  /** As `ChunkListener`: the 30 s to its response begin. */
  chunkEnded(transactionId: string): void {
    if (this.#unanswered.has(transactionId)) this.#unanswered.set(transactionId, this.#wheel.now);
  }

  /** The kernel has taken every octet of the message. */
  flushed(at: Millis): void {
    this.#flushed = true;
    this.#settleIfDone(at);
  }

  /** The response to one of its chunks. */
  answered(transactionId: string, status: number, comment: string, at: Millis): void {
    this.#unanswered.delete(transactionId);
    if (status !== 200) this.#settle({ kind: "status", status, comment, reported: false }, at);
    else this.#settleIfDone(at);
  }

  /** A REPORT about the message; one without Byte-Range speaks of all of it. */
  reported(status: ReportStatus, range: ByteRange | undefined, at: Millis): void {
    // codes of other namespaces mean nothing to us (RFC 4975 §7.1.2)
    if (this.state === "queued" || status.namespace !== "000") return;
    const { code, comment } = status;
    if (code !== 200) return this.#settle({ kind: "status", status: code, comment, reported: true }, at);
    const size = this.message.content?.length ?? 0;
    this.#covered.add(range?.start ?? 1, Math.min(range?.end ?? size, size));
    this.#reported = this.#covered.covers(size);
    this.#settleIfDone(at);
  }

  /** The connection is gone. */
  connectionLost(at: Millis): void {
    this.#settle("connection_lost", at);
  }

  /** Gives the message up without telling the user. */
  cancel(): void {
    if (!this.#hasEnded()) this.#end("failed");
  }

  /** The alarm of what it waits for; armed lazily, so that pipelined chunks need but one. */
  due(timer: string, now: Millis): void {
    if (timer === "report") return this.#settle("report_missing", now);
    const unansweredSince = this.#oldestUnanswered();
    const stalledSince = this.#flushed ? undefined : this.#channel!.movedAt;
    if (unansweredSince !== undefined && now >= unansweredSince + RESPONSE_TIMEOUT) return this.#settle("timeout", now);
    if (stalledSince !== undefined && now >= stalledSince + STALL_TIMEOUT) return this.#settle("stalled", now);
    const next = Math.min(
      (unansweredSince ?? Infinity) + RESPONSE_TIMEOUT,
      (stalledSince ?? Infinity) + STALL_TIMEOUT,
      now + RESPONSE_TIMEOUT,
    );
    this.#alarm = this.#wheel.arm(next - now, this, "response");
  }

  #oldestUnanswered(): Millis | undefined {
    if (this.message.failureReport !== "yes") return undefined;
    for (const since of this.#unanswered.values()) return since;
    return undefined;
  }

  #settleIfDone(at: Millis): void {
    if (this.state === "draining") {
      const waitsForResponses = this.message.failureReport === "yes";
      if (waitsForResponses ? this.#unanswered.size > 0 : !this.#flushed) return;
      this.state = "reporting";
      if (this.#alarm !== undefined) this.#wheel.cancel(this.#alarm);
      if (this.message.successReport && !this.#reported) {
        this.#alarm = this.#wheel.arm(REPORT_TIMEOUT, this, "report");
      }
      if (waitsForResponses) this.#user.deliveryProgressed(this, "last_ack", at);
    }
    if (this.state === "reporting" && (this.#reported || !this.message.successReport)) this.#settle(undefined, at);
  }

  #settle(failure: MsrpFailure | undefined, at: Millis): void {
    if (this.#hasEnded()) return;
    this.#end(failure === undefined ? "delivered" : "failed");
    this.#user.deliverySettled(this, failure, at);
  }

  #hasEnded(): boolean {
    return this.state === "delivered" || this.state === "failed";
  }

  #end(state: "delivered" | "failed"): void {
    this.state = state;
    if (this.#alarm !== undefined) this.#wheel.cancel(this.#alarm);
    if (this.#channel === undefined) return;
    for (const transactionId of this.#unanswered.keys()) this.#channel.forget(transactionId);
    this.#unanswered.clear();
    this.sender.abandon(this.#channel.flow);
  }
}
