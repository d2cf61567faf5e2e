/** Flows whose peers cannot be reached, by what ICMP says (RFC 3261 §18.4). */
import type { Clock, Millis } from "../clock/clock.ts";
import type { BatchedFlow } from "./batched_flow.ts";
import type { DatagramCounters, DatagramOptions } from "./datagram.ts";
import { ErrorQueue } from "./error_queue.ts";
import type { TransportFault } from "./flow.ts";
import type { Libc } from "./libc.ts";
import { keyOfSocketAddress } from "./message_ring.ts";

/** Reads the errors of sockets and finds the flows that they end. */
export class Refusals {
  readonly #queue: ErrorQueue;
  readonly #grace: Millis;
  readonly #clock: Clock;
  readonly #counters: DatagramCounters;

  private constructor(libc: Libc, grace: Millis, clock: Clock, counters: DatagramCounters) {
    this.#queue = new ErrorQueue(libc);
    this.#grace = grace;
    this.#clock = clock;
    this.#counters = counters;
  }

  /** Undefined where nobody asks for them. */
  static of(libc: Libc, options: DatagramOptions, counters: DatagramCounters): Refusals | undefined {
    const { refusalGrace, clock } = options;
    return refusalGrace === undefined ? undefined : new Refusals(libc, refusalGrace, clock, counters);
  }

  /** Asks for the errors of a socket that is bound to an address of `host`; gives what the kernel does not tell. */
  watch(descriptor: number, host: string): string[] {
    return this.#queue.watch(descriptor, host) ? [] : ["the kernel does not tell of ICMP errors (IP_RECVERR)"];
  }

  /** Takes the errors of a socket: `onGone` is told of each flow whose peer has been silent for too long. */
  read(
    descriptor: number,
    flowOf: (key: number | string) => BatchedFlow | undefined,
    onGone: (flow: BatchedFlow, fault: TransportFault) => void,
  ): void {
    this.#queue.read(descriptor, (peer, fault) => {
      this.#counters.refused++;
      const flow = flowOf(keyOfSocketAddress(peer));
      if (flow?.isGone(this.#clock.now(), this.#grace) === true) onGone(flow, fault);
    });
  }
}
