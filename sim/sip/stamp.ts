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
  readonly #values: SlotValue[] = [];
  readonly #offsets: number[] = [];
  /** Octets of the filled template; 0 before the first time. */
  #length = 0;

  /** Nothing is written yet. */
  constructor(template: Template) {
    this.#template = template;
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
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      const value = values[place]!;
      if (value === last[place]) continue;
      if (!this.#overwriteSlot(i, value, last[place]!)) return false;
    }
    for (let i = 0; i < values.length; i++) last[i] = values[i]!;
    return true;
  }

  #overwriteSlot(slot: number, value: SlotValue, last: SlotValue): boolean {
    if (typeof value === "number" && this.#template.isBits(slot)) {
      this.#writer.overwriteBits(this.#offsets[slot]!, value);
      return true;
    }
    if (!(value instanceof Uint8Array) || !(last instanceof Uint8Array) || value.length !== last.length) return false;
    this.#writer.overwrite(this.#offsets[slot]!, value);
    return true;
  }
}
