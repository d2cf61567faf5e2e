/** The faults that the server commits on purpose, by chance with a seed or by count. */
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import { countOne } from "../sip/transaction/counters.ts";
import type { Flow, Receiver, TransportFault } from "../transport/flow.ts";
import { EveryNth, type Mishap } from "./every_nth.ts";
import type { FaultOptions } from "./options.ts";

/** Datagrams that are dropped count as `faults.lost`. */
const MISHAP_COUNTERS: Readonly<Record<Mishap, string>> = {
  lose: "faults.messages_lost",
  corrupt: "faults.corrupted",
  truncate: "faults.truncated",
  misroute: "faults.misrouted",
  duplicate: "faults.duplicated",
};

/** Draws for each message whether it meets a fault, and counts those that do. */
export class Faults {
  /** How long every request waits before it is forwarded. */
  readonly delay: Millis;
  readonly #options: FaultOptions;
  readonly #random: Random;
  readonly #counters: Map<string, number>;
  readonly #every: EveryNth;

  /** Counts go to `faults.…` of `counters`. */
  constructor(options: FaultOptions, random: Random, counters: Map<string, number>) {
    this.delay = options.delay ?? 0;
    this.#options = options;
    this.#random = random;
    this.#counters = counters;
    this.#every = new EveryNth(options.every ?? {});
  }

  /** What befalls the next MESSAGE by its number; `committed` counts it. */
  nextMishap(): Mishap | undefined {
    return this.#every.next();
  }

  /** A mishap has befallen a message. */
  committed(mishap: Mishap): void {
    countOne(this.#counters, MISHAP_COUNTERS[mishap]);
  }

  /** Whether the next datagram is dropped. */
  dropsDatagram(): boolean {
    return this.#draw(this.#options.loss, "faults.lost");
  }

  /** Whether the next MESSAGE is delivered twice. */
  duplicatesMessage(): boolean {
    return this.#draw(this.#options.duplicate, "faults.duplicated");
  }

  /** Whether the content of the next MESSAGE is damaged. */
  corruptsMessage(): boolean {
    return this.#draw(this.#options.corrupt, "faults.corrupted");
  }

  /** The status that the next request is refused with; undefined when it is not. */
  refusal(): number | undefined {
    return this.#draw(this.#options.refuse?.share, "faults.refused") ? this.#options.refuse?.status : undefined;
  }

  /** Changes one octet in `[from, to)`, if there is any. */
  damage(octets: Uint8Array, from: number, to: number): void {
    const at = from + this.#random.integer(to - from);
    // the lowest bit: text stays text
    if (to > from) octets[at] = octets[at]! ^ 1;
  }

  #draw(share: number | undefined, name: string): boolean {
    // without a share nothing is drawn, so that one fault does not depend on the others being asked for
    if (share === undefined || share === 0 || this.#random.uniform() >= share) return false;
    countOne(this.#counters, name);
    return true;
  }
}

/** Stands before a receiver and loses datagrams. */
export class LossyReceiver implements Receiver {
  readonly #receiver: Receiver;
  readonly #faults: Faults;

  /** Whatever is not lost goes to `receiver`. */
  constructor(receiver: Receiver, faults: Faults) {
    this.#receiver = receiver;
    this.#faults = faults;
  }

  /** From the transport. */
  receive(octets: Uint8Array, flow: Flow, at: Millis): void {
    if (flow.reliable || !this.#faults.dropsDatagram()) this.#receiver.receive(octets, flow, at);
  }

  /** From the transport. */
  onFlowFault(flow: Flow, fault: TransportFault): void {
    this.#receiver.onFlowFault(flow, fault);
  }
}
