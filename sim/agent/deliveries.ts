/** Deliveries on their way between agents: packed, and in buffers with a bound. */
import type { Millis } from "../clock/clock.ts";
import type { ForeignDelivery } from "../load/order.ts";

/** sequence, receiver · 2 + intact, moment: 64-bit floating point numbers each, little endian. */
const RECORD = 24;

/** Deliveries of messages of one share, as they travel. */
export interface PackedDeliveries {
  /** The share of the whole that sent the messages. */
  readonly owner: number;
  /** Those with a mark, `RECORD` octets each. */
  readonly marked: Uint8Array;
  /** Those too small for it. */
  readonly unmarked: readonly ForeignDelivery[];
}

/** Packs; moments are moved by `shift`. */
export function pack(owner: number, deliveries: readonly ForeignDelivery[], shift: Millis): PackedDeliveries {
  const marked = deliveries.filter(({ sequence }) => sequence >= 0);
  const octets = new Uint8Array(marked.length * RECORD);
  const view = new DataView(octets.buffer);
  for (const [index, { sequence, receiver, intact, at }] of marked.entries()) {
    view.setFloat64(index * RECORD, sequence, true);
    view.setFloat64(index * RECORD + 8, receiver * 2 + (intact ? 1 : 0), true);
    view.setFloat64(index * RECORD + 16, at + shift, true);
  }
  const unmarked = deliveries.filter(({ sequence }) => sequence < 0);
  return { owner, marked: octets, unmarked: unmarked.map((each) => ({ ...each, at: each.at + shift })) };
}

/** Unpacks; moments are moved by `shift`. */
export function unpack({ marked, unmarked }: PackedDeliveries, shift: Millis): ForeignDelivery[] {
  const view = new DataView(marked.buffer, marked.byteOffset, marked.byteLength);
  const deliveries: ForeignDelivery[] = unmarked.map((each) => ({ ...each, at: each.at + shift }));
  for (let from = 0; from + RECORD <= marked.length; from += RECORD) {
    const receiver = view.getFloat64(from + 8, true);
    deliveries.push({
      sequence: view.getFloat64(from, true),
      receiver: Math.floor(receiver / 2),
      intact: receiver % 2 === 1,
      size: 0,
      from: "",
      at: view.getFloat64(from + 16, true) + shift,
    });
  }
  return deliveries;
}

/** Deliveries that wait for the next exchange, by the share that sent the messages. */
export class DeliveryBuffer {
  /** Deliveries that had no room. */
  dropped = 0;
  readonly #limit: number;
  #byOwner: Map<number, ForeignDelivery[]> = new Map();
  #size = 0;

  /** `limit`: deliveries held at most. */
  constructor(limit = 200_000) {
    this.#limit = limit;
  }

  /** How many wait. */
  size(): number {
    return this.#size;
  }

  /** Lets deliveries wait; those beyond the limit are dropped and counted. */
  add(owner: number, deliveries: readonly ForeignDelivery[]): void {
    const taken = deliveries.slice(0, this.#limit - this.#size);
    this.dropped += deliveries.length - taken.length;
    this.#size += taken.length;
    const waiting = this.#byOwner.get(owner);
    if (waiting === undefined) this.#byOwner.set(owner, [...taken]);
    else for (const each of taken) waiting.push(each);
  }

  /** Takes what waits, at most `limit` deliveries of each owner; moments are moved by `shift`. */
  take(limit: number, shift: Millis): PackedDeliveries[] {
    const packed: PackedDeliveries[] = [];
    for (const [owner, waiting] of this.#byOwner) {
      const taken = waiting.splice(0, limit);
      this.#size -= taken.length;
      packed.push(pack(owner, taken, shift));
      if (waiting.length === 0) this.#byOwner.delete(owner);
    }
    return packed;
  }
}
