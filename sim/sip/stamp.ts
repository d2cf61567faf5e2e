/** A template that is filled again and again with values of which most are as before. */
import { OctetWriter } from "../bytes/writer.ts";
import type { SlotValue, Template } from "./template.ts";

/**
 * Keeps the last message and changes only what differs, where it fits into the same place: a third of what writing all
 * of it costs, see stamp_bench.ts. Values of octets are compared by identity; who changes their content gives others.
 */
export class Stamp {
  readonly #template: Template;
  readonly #writer = new OctetWriter(2048);
  /** Of the last message. */
  readonly #values: SlotValue[] = [];
  readonly #offsets: number[] = [];
  /** Slots of 32 bits, of which none is ever the same, and the others. */
  readonly #bits: readonly number[];
  readonly #others: readonly number[];
  /** Octets of the filled template; 0 before the first time. */
  #length = 0;

  /** Nothing is written yet. */
  constructor(template: Template) {
    this.#template = template;
    const slots = [...template.places().keys()];
    this.#bits = slots.filter((slot) => template.isBits(slot));
    this.#others = slots.filter((slot) => !template.isBits(slot));
  }

  /** A writer that holds the filled template and takes what comes behind it; valid until the next time. */
  fill(values: readonly SlotValue[]): OctetWriter {
    const writer = this.#writer;
    if (this.#length > 0 && this.#overwrite(values)) return writer.cut(this.#length);
    this.#template.fill(writer.reset(), values, this.#offsets);
    this.#length = writer.length;
    for (let i = 0; i < values.length; i++) this.#values[i] = values[i]!;
    return writer;
  }

  /** False, and everything must be written anew, when a value does not fit into the place of the last one. */
  #overwrite(values: readonly SlotValue[]): boolean {
    const places = this.#template.places();
    const last = this.#values;
    if (values.length !== last.length) return false;
    let isSame = true;
    for (const slot of this.#others) {
      const value = values[places[slot]!]!;
      if (value === last[places[slot]!]) continue;
      if (!this.#overwriteSlot(slot, value, last[places[slot]!]!)) return false;
      isSame = false;
    }
    for (const slot of this.#bits) {
      const value = values[places[slot]!]!;
      if (typeof value !== "number") return false;
      this.#writer.overwriteBits(this.#offsets[slot]!, value);
    }
    if (!isSame) { for (const slot of this.#others) last[places[slot]!] = values[places[slot]!]!; }
    return true;
  }

  #overwriteSlot(slot: number, value: SlotValue, last: SlotValue): boolean {
    // `instanceof` looks through prototypes, for each address of each message
    if (typeof value !== "object" || typeof last !== "object" || value.length !== last.length) return false;
    this.#writer.overwrite(this.#offsets[slot]!, value);
    return true;
  }
}
