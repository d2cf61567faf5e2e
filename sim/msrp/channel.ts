/** One connection as MSRP uses it: who may write next, and which chunk a response answers. */
import type { Millis } from "../clock/clock.ts";
import type { Wheel } from "../clock/wheel.ts";
import type { Flow } from "../transport/flow.ts";
import type { Response } from "./chunk.ts";
import type { Delivery } from "./delivery.ts";

/** Octets queued in the flow beyond which no more content is handed down until it has drained. */
export const QUEUE_LIMIT: number = 64 * 1024;

/** A session as the channel sees it: something that writes in turns. */
export interface Speaker {
  /** Writes one slice. */
  step(): void;
  /** Whether the last slice left a chunk open. */
  isMidChunk(): boolean;
  /** Whether it has content left to write. */
  hasMore(): boolean;
  /** Ends the open chunk for the moment. */
  interrupt(): void;
}

/** The sharing of one flow among sessions. */
export class Channel {
  readonly flow: Flow;
  /** When the flow last took content or drained: the beginning of a stall. */
  movedAt: Millis;
  /** Chunks ended early so that something else could be written. */
  interruptions = 0;
  readonly #wheel: Wheel;
  readonly #turns = new Set<Speaker>();
  /** Whose chunk is open; everybody else has to interrupt it first. */
  #speaking: Speaker | undefined;
  readonly #awaiting = new Map<string, Delivery>();
  #unflushed: Delivery[] = [];
  #pumping = false;

  /** Writes nothing by itself. */
  constructor(flow: Flow, wheel: Wheel) {
    this.flow = flow;
    this.#wheel = wheel;
    this.movedAt = wheel.now;
  }

  /** Puts a session in the row of those who have something to send. */
  speak(speaker: Speaker): void {
    if (speaker !== this.#speaking) this.#turns.add(speaker);
    this.pump();
  }

  /** Takes a session out of the row; its open chunk must have been ended. */
  leave(speaker: Speaker): void {
    this.#turns.delete(speaker);
    if (this.#speaking === speaker) this.#speaking = undefined;
  }

  /** Writes a response or REPORT at once, interrupting an open chunk (RFC 4975 §7.1.1). */
  sendNow(octets: Uint8Array): void {
    if (this.#speaking?.isMidChunk()) this.#takeTurnFrom(this.#speaking);
    this.flow.send(octets);
  }

  /** Remembers whose chunk this transaction is. */
  expectResponse(transactionId: string, delivery: Delivery): void {
    this.#awaiting.set(transactionId, delivery);
  }

  /** A response to this transaction means nothing any more. */
  forget(transactionId: string): void {
    this.#awaiting.delete(transactionId);
  }

  /** Gives a response to the delivery it answers; false when there is none. */
  answer(response: Response, at: Millis): boolean {
    const delivery = this.#awaiting.get(response.transactionId);
    if (delivery === undefined) return false;
    this.#awaiting.delete(response.transactionId);
    delivery.answered(response.transactionId, response.status, response.comment, at);
    return true;
  }

  /** Tells the delivery once the kernel has taken everything written so far. */
  reportFlush(delivery: Delivery): void {
    this.#unflushed.push(delivery);
  }

  /** The flow has written what was queued. */
  drained(): void {
    this.movedAt = this.#wheel.now;
    this.#tellFlushed();
    this.pump();
  }

  /** Writes slices in turns while the flow has room. */
  pump(): void {
    // a user may send or close from within a callback: the loop below goes on with what it finds then
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.flow.open && this.flow.queued < QUEUE_LIMIT) {
      const speaker = this.#speaking ?? firstOf(this.#turns);
      if (speaker === undefined) break;
      this.#turns.delete(speaker);
      this.#speaking = speaker;
      this.movedAt = this.#wheel.now;
      if (speaker.hasMore()) speaker.step();
      if (this.#speaking !== speaker) continue;
      if (!speaker.isMidChunk()) {
        this.#speaking = undefined;
        if (speaker.hasMore()) this.#turns.add(speaker);
      } else if (this.#turns.size > 0) this.#takeTurnFrom(speaker);
    }
    this.#pumping = false;
    if (this.flow.queued === 0) this.#tellFlushed();
  }

  #takeTurnFrom(speaker: Speaker): void {
    speaker.interrupt();
    this.interruptions++;
    this.#speaking = undefined;
    this.#turns.add(speaker);
  }

  #tellFlushed(): void {
    if (this.#unflushed.length === 0) return;
    const flushed = this.#unflushed;
    this.#unflushed = [];
    for (const delivery of flushed) delivery.flushed(this.#wheel.now);
  }
}

function firstOf(speakers: Set<Speaker>): Speaker | undefined {
  for (const speaker of speakers) return speaker;
  return undefined;
}
