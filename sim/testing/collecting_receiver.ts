/** A receiver that keeps what it gets and lets a test wait for it. */
import type { Millis } from "../clock/clock.ts";
import type { Flow, Receiver, TransportFault } from "../transport/flow.ts";

const DEADLINE: Millis = 5000;

/** Keeps messages and faults in the order of their arrival. */
export class CollectingReceiver implements Receiver {
  /** What arrived, copied. */
  readonly messages: { readonly octets: Uint8Array; readonly flow: Flow; readonly at: Millis }[] = [];
  /** What went wrong. */
  readonly faults: { readonly flow: Flow; readonly fault: TransportFault }[] = [];
  /** Flows as often as they reported to be drained. */
  readonly drained: Flow[] = [];
  /** Called for each message after it was kept, when set. */
  onMessage: ((octets: Uint8Array, flow: Flow) => void) | undefined;
  #waiting: { condition: () => boolean; resolve: () => void }[] = [];

  /** Keeps a message. */
  receive(octets: Uint8Array, flow: Flow, at: Millis): void {
    this.messages.push({ octets: octets.slice(), flow, at });
    this.onMessage?.(octets, flow);
    this.#wake();
  }

  /** Keeps a fault. */
  onFlowFault(flow: Flow, fault: TransportFault): void {
    this.faults.push({ flow, fault });
    this.#wake();
  }

  /** Keeps the flow. */
  onDrained(flow: Flow): void {
    this.drained.push(flow);
    this.#wake();
  }

  /** Settles with the first event after which `condition` holds; rejects when that takes longer than 5 s. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const deadline = setTimeout(() => reject(new Error(`Cannot wait any longer for ${condition}`)), DEADLINE);
    this.#waiting.push({ condition, resolve });
    try {
      await promise;
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Settles when `count` messages have arrived, with their texts. */
  async texts(count: number): Promise<string[]> {
    await this.until(() => this.messages.length >= count);
    const decoder = new TextDecoder();
    return this.messages.map((message) => decoder.decode(message.octets));
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ condition }) => condition());
    this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
    for (const { resolve } of ready) resolve();
  }
}
