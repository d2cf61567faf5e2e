/** Datagrams collected for one `sendmmsg`, and what becomes of them when the kernel does not take all. */
import type { Clock, Millis } from "../clock/clock.ts";
import type { BatchedFlow } from "./batched_flow.ts";
import type { Departing } from "./flow.ts";
import { MessageRing, RING_SLOTS } from "./message_ring.ts";

/** The kernel's side of sending. */
export interface SendCalls {
  /** `sendmmsg`: how many of `count` datagrams were taken, -1 when the first one failed. */
  send(headers: Deno.PointerObject, count: number): number;
  /** The name of the error of the last call. */
  errno(): string;
  /** Waits a little until the kernel can take more: whether it can. */
  waitForRoom(): boolean;
}

/** Errors of ICMP, which the kernel tells at the next call, whatever that sends. */
const OF_EARLIER_ONES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPROTO",
  "ENOPROTOOPT",
  "EMSGSIZE",
]);

/** Up to 64 datagrams on their way out, sent in the order they came. */
export class OutboundBatch {
  readonly #calls: SendCalls;
  readonly #ring = new MessageRing(false);
  readonly #flows: BatchedFlow[] = [];
  readonly #departing: (Departing | undefined)[] = [];
  readonly #clock: Clock;

  /** Nothing is collected yet. */
  constructor(calls: SendCalls, clock: Clock) {
    this.#calls = calls;
    this.#clock = clock;
  }

  /** Collects a copy of a datagram; false when the batch is full now and must be sent before the next one. */
  put(flow: BatchedFlow, octets: Uint8Array, departing: Departing | undefined): boolean {
    this.#ring.put(this.#flows.length, octets, flow.peer);
    this.#departing.push(departing);
    return this.#flows.push(flow) < RING_SLOTS;
  }

  /** Sends everything; `onRefused` is told of each datagram that the kernel did not take, with the name of the error. */
  send(onRefused: (flow: BatchedFlow, error: string) => void): void {
    const count = this.#flows.length;
    if (count === 0) return;
    let from = 0;
    let isExcused = false;
    let begun = this.#clock.now();
    while (from < count) {
      const sent = this.#calls.send(this.#ring.pointerAt(from), count - from);
      if (sent > 0) {
        const ended = this.#clock.now();
        this.#depart(from, sent, begun, (ended - begun) / sent);
        begun = ended;
        from += sent;
        isExcused = false;
        continue;
      }
      const error = this.#calls.errno();
      if (error === "EINTR" || (error === "EAGAIN" && this.#calls.waitForRoom())) continue;
      // it may be an ICMP error of an earlier datagram: told once, and not the fault of this one
      if (OF_EARLIER_ONES.has(error) && !isExcused) {
        isExcused = true;
        continue;
      }
      // without room in the kernel the rest of the batch would wait as long as this one, each
      const last = error === "EAGAIN" ? count : from + 1;
      while (from < last) onRefused(this.#flows[from++]!, error);
      isExcused = false;
    }
    this.#flows.length = 0;
    this.#departing.length = 0;
  }

  /** The kernel takes one after another: each left about in the middle of its part of the call. */
  #depart(from: number, count: number, begun: Millis, each: Millis): void {
    for (let place = 0; place < count; place++) {
      this.#departing[from + place]?.departed(begun + (place + 0.5) * each);
    }
  }
}
