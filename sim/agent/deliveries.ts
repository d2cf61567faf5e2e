/** Deliveries on their way between agents: packed, and in buffers with a bound. */
import type { Millis } from "../clock/clock.ts";
import type { ForeignDelivery } from "../load/order.ts";

/** sequence, receiver, octets of content, moment: 64-bit floating point numbers each, little endian. */
export const RECORD_SIZE = 32;

/** Deliveries of messages of one share, as they travel. */
export interface PackedDeliveries {
  /** The share of the whole that sent the messages. */
  readonly owner: number;
  /** Those that arrived whole and with their mark, `RECORD_SIZE` octets each. */
  readonly plain: Uint8Array;
  /** All others. */
  readonly odd: readonly ForeignDelivery[];
}

/** Packs; moments are moved by `shift`. */
export function pack(owner: number, deliveries: readonly ForeignDelivery[], shift: Millis): PackedDeliveries {
  const plain = deliveries.filter(isPlain);
  const octets = new Uint8Array(plain.length * RECORD_SIZE);
  const view = new DataView(octets.buffer);
  for (const [index, { sequence, receiver, size, at }] of plain.entries()) {
    for (const [field, value] of [sequence, receiver, size, at + shift].entries()) {
      view.setFloat64(index * RECORD_SIZE + field * 8, value, true);
    }
  }
  const odd = deliveries.filter((each) => !isPlain(each)).map((each) => ({ ...each, at: each.at + shift }));
  return { owner, plain: octets, odd };
}

/** Unpacks; moments are moved by `shift`. */
export function unpack({ plain, odd }: PackedDeliveries, shift: Millis): ForeignDelivery[] {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const deliveries: ForeignDelivery[] = odd.map((each) => ({ ...each, at: each.at + shift }));
  for (let from = 0; from + RECORD_SIZE <= plain.length; from += RECORD_SIZE) {
    deliveries.push({
      sequence: view.getFloat64(from, true),
      receiver: view.getFloat64(from + 8, true),
      intact: true,
      size: view.getFloat64(from + 16, true),
      // the mark says who sent it
      from: "",
      at: view.getFloat64(from + 24, true) + shift,
    });
  }
  return deliveries;
}

function isPlain({ sequence, intact }: ForeignDelivery): boolean {
  return sequence >= 0 && intact;
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
