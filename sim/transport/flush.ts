/** When what batched UDP has collected leaves, and which of its flows have failed by then. */
import type { BatchedFlow } from "./batched_flow.ts";
import type { DatagramCounters, DatagramOptions } from "./datagram.ts";
import { faultOfDatagram } from "./faults.ts";
import type { Receiver, TransportFault } from "./flow.ts";

/** The flushes of one socket, or of many that are flushed as one. */
export class Flush {
  readonly #send: () => void;
  readonly #counters: DatagramCounters;
  readonly #receiver: Receiver;
  readonly #driven: boolean;
  readonly #faults: { flow: BatchedFlow; fault: TransportFault }[] = [];
  #held = false;
  #asked = false;
  #scheduled = false;

  /** `send` gives the kernel what was collected; after `close` it is not called any more. */
  constructor(send: () => void, counters: DatagramCounters, { receiver, driven = false }: DatagramOptions) {
    this.#send = send;
    this.#counters = counters;
    this.#receiver = receiver;
    this.#driven = driven;
  }

  /** Sends, and tells which flows have failed; while it is held, at the end of that. */
  now(): void {
    if (this.#held) {
      this.#asked = true;
      return;
    }
    this.#send();
    if (this.#faults.length === 0) return;
    for (const { flow, fault } of this.#faults.splice(0)) this.#receiver.onFlowFault(flow, fault);
  }

  /**
   * The same when this turn of the runtime is over, for sockets that drive themselves; others are flushed by their
   * owner.
   */
  later(): void {
    if (this.#driven || this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.now();
    });
  }

  /**
   * Holds flushes back while datagrams are delivered, so that all answers leave together; throws when that is so
   * already.
   */
  hold(): void {
    if (this.#held) throw new Error("Cannot receive while a datagram is being delivered");
    this.#held = true;
  }

  /** Lets them go again, and makes up for those that were asked for. */
  letGo(): void {
    this.#held = false;
    if (!this.#asked) return;
    this.#asked = false;
    this.now();
  }

  /** Sends for the last time; nobody is told of faults any more. */
  close(): void {
    this.#send();
    this.#faults.length = 0;
  }

  /** The kernel has not taken a datagram. */
  readonly onRefused = (flow: BatchedFlow, error: string): void => {
    const fault = faultOfDatagram(error);
    if (error === "EAGAIN" || error === "ENOBUFS") this.#counters.bufferFull++;
    if (fault === undefined) this.#counters.sendFaults++;
    else this.refuse(flow, fault);
  };

  /** A datagram cannot be sent, and no later one of its flow either. */
  refuse(flow: BatchedFlow, fault: TransportFault): void {
    this.#counters.sendFaults++;
    this.fail(flow, fault);
  }

  /** Closes a flow; its fault is told with the next flush. */
  readonly fail = (flow: BatchedFlow, fault: TransportFault): void => {
    if (!flow.open) return;
    flow.close();
    this.#faults.push({ flow, fault });
    this.later();
  };
}
