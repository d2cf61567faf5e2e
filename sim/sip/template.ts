/** Messages compiled once into constant octets and slots, and filled per send. */
import { octetLength, toOctets } from "../bytes/text.ts";
import type { OctetWriter } from "../bytes/writer.ts";

/** What fills a slot: text, octets, or an unsigned whole number in decimal digits. */
export type SlotValue = string | Uint8Array | number;

const SLOT_REGEXP = /^\{\*(\w+)\}\n|\{(\w+)\}/gm;

/**
 * Readable message text with slots. Lines end in LF, which becomes CR LF. `{name}` is a slot inside a line; a line that
 * is exactly `{*name}` takes whole header lines, each with its CR LF, or nothing at all.
 */
export class Template {
  /** Constant octets: run i stands before slot i, the last one behind all slots. */
  readonly #runs: readonly Uint8Array[];
  /** Index into the values for every slot in order of the text. */
  readonly #places: readonly number[];
  readonly #slotCount: number;
  readonly #constantSize: number;

  private constructor(runs: readonly Uint8Array[], places: readonly number[], slotCount: number) {
    this.#runs = runs;
    this.#places = places;
    this.#slotCount = slotCount;
    this.#constantSize = runs.reduce((size, run) => size + run.length, 0);
  }

  /** Compiles `source`; every slot in it is named in `slots` and the other way round. */
  static compile(source: string, slots: readonly string[]): Template {
    const runs: Uint8Array[] = [];
    const places: number[] = [];
    let at = 0;
    for (const match of source.matchAll(SLOT_REGEXP)) {
      const name = (match[1] ?? match[2])!;
      const place = slots.indexOf(name);
      if (place < 0) throw new SyntaxError(`Cannot compile template: unknown slot "${name}"`);
      runs.push(toRun(source.slice(at, match.index)));
      places.push(place);
      at = match.index + match[0].length;
    }
    runs.push(toRun(source.slice(at)));
    const unused = slots.find((_, place) => !places.includes(place));
    if (unused !== undefined) throw new SyntaxError(`Cannot compile template: slot "${unused}" is not in the text`);
    return new Template(runs, places, slots.length);
  }

  /** Appends the message with `values` in the order of the slots. */
  fill(writer: OctetWriter, values: readonly SlotValue[]): void {
    this.#check(values);
    const places = this.#places;
    for (let i = 0; i < places.length; i++) {
      writer.copy(this.#runs[i]!);
      const value = values[places[i]!]!;
      if (typeof value === "string") writer.text(value);
      else if (typeof value === "number") writer.decimal(value);
      else writer.copy(value);
    }
    writer.copy(this.#runs[places.length]!);
  }

  /** Octets that `fill` would write. */
  size(values: readonly SlotValue[]): number {
    this.#check(values);
    let size = this.#constantSize;
    for (const place of this.#places) size += sizeOf(values[place]!);
    return size;
  }

  #check(values: readonly SlotValue[]): void {
    if (values.length !== this.#slotCount) {
      throw new RangeError(`Cannot fill template: ${values.length} values for ${this.#slotCount} slots`);
    }
  }
}

function sizeOf(value: SlotValue): number {
  if (typeof value === "string") return octetLength(value);
  return typeof value === "number" ? String(value).length : value.length;
}

function toRun(text: string): Uint8Array {
  const brace = /[{}\r]/.exec(text);
  if (brace !== null) {
    throw new SyntaxError(`Cannot compile template: stray ${JSON.stringify(brace[0])} in ${JSON.stringify(text)}`);
  }
  return toOctets(text.replaceAll("\n", "\r\n"));
}
