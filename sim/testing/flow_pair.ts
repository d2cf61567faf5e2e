/** Two ends of one connection in memory, moved by hand: what one end sends arrives at the other in any pieces wished for. */
import { concatenate } from "../bytes/concatenate.ts";
import { toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { Address, Flow, Framer, FramerFactory, Receiver, TransportFault } from "../transport/flow.ts";

/** How a pair moves octets. */
export interface FlowPairOptions {
  left: Receiver;
  right: Receiver;
  framer: FramerFactory;
  /** Octets that one pass takes from each end at most; all by default. */
  capacity?: number;
  /** Octets of the next piece to arrive; everything at once by default. */
  piece?: () => number;
}

/** One end. */
export class PairedFlow implements Flow {
  readonly transport = "tcp";
  readonly reliable = true;
  open = true;
  queued = 0;
  readonly local: Address;
  readonly remote: Address;
  readonly receiver: Receiver;
  /** Octets sent and not yet moved. */
  outgoing: Uint8Array[] = [];
  /** Everything ever sent. */
  readonly sent: Uint8Array[] = [];
  readonly framer: Framer;
  /** Octets arrived and not yet framed. */
  unframed: Uint8Array = new Uint8Array(0);

  constructor(options: { local: Address; remote: Address; receiver: Receiver; framer: Framer }) {
    ({ local: this.local, remote: this.remote, receiver: this.receiver, framer: this.framer } = options);
  }

  send(octets: Uint8Array): void {
    if (!this.open) return;
    const copy = octets.slice();
    this.outgoing.push(copy);
    this.sent.push(copy);
    this.queued += copy.length;
  }

  close(): void {
    this.open = false;
  }

  /** Everything ever sent, as text. */
  transcript(): string {
    return this.sent.map((octets) => toText(octets)).join("");
  }

  /** Gives up to `most` octets of what is queued. */
  take(most: number): Uint8Array {
    const all = concatenate(this.outgoing);
    const taken = all.subarray(0, Math.min(most, all.length));
    this.outgoing = taken.length === all.length ? [] : [all.subarray(taken.length)];
    this.queued -= taken.length;
    return taken;
  }
}

/** A connection between two receivers. */
export class FlowPair {
  readonly left: PairedFlow;
  readonly right: PairedFlow;
  readonly #capacity: number;
  readonly #piece: () => number;

  constructor({ left, right, framer, capacity = Infinity, piece = () => Infinity }: FlowPairOptions) {
    const [a, b] = [{ host: "127.0.0.1", port: 2855 }, { host: "127.0.0.1", port: 2856 }];
    this.left = new PairedFlow({ local: a, remote: b, receiver: left, framer: framer() });
    this.right = new PairedFlow({ local: b, remote: a, receiver: right, framer: framer() });
    this.#capacity = capacity;
    this.#piece = piece;
  }

  /** Moves what is queued at both ends, once; gives the octets moved. */
  pass(at: Millis): number {
    return this.#move(this.left, this.right, at) + this.#move(this.right, this.left, at);
  }

  /** Moves until both ends are silent. */
  settle(at: Millis): void {
    while (this.pass(at) > 0);
  }

  /** Breaks the connection; both ends hear of it. */
  fail(fault: TransportFault): void {
    for (const flow of [this.left, this.right]) {
      if (!flow.open) continue;
      flow.open = false;
      flow.receiver.onFlowFault(flow, fault);
    }
  }

  #move(from: PairedFlow, to: PairedFlow, at: Millis): number {
    const octets = from.take(this.#capacity);
    for (let start = 0; start < octets.length;) {
      const end = Math.min(octets.length, start + Math.max(1, this.#piece()));
      if (to.open) this.#arrive(to, octets.subarray(start, end), at);
      start = end;
    }
    if (octets.length > 0 && from.queued === 0 && from.open) from.receiver.onDrained?.(from);
    return octets.length;
  }

  #arrive(flow: PairedFlow, octets: Uint8Array, at: Millis): void {
    flow.unframed = concatenate([flow.unframed, octets]);
    let from = 0;
    while (flow.open && from < flow.unframed.length) {
      const length = flow.framer.frame(flow.unframed, from, flow.unframed.length);
      if (length < 0) return this.fail("malformed_stream");
      if (length === 0) break;
      flow.receiver.receive(flow.unframed.subarray(from, from + length), flow, at);
      from += length;
    }
    flow.unframed = flow.unframed.subarray(from);
  }
}
