/** Messages compiled once into constant octets and slots, and filled per send. */
import { octetLength, toOctets } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";

/** What fills a slot: text, octets, or an unsigned whole number in decimal digits. */
export type SlotValue = string | Uint8Array | number;

const SLOT_REGEXP = /^\{\*(\w+)\}\n|\{(\w+)(:bits)?\}/gm;
/** Digits of a slot for 32 bits. */
const BITS_DIGITS = 8;

/** A place in the text that a value fills. */
interface Slot {
  readonly name: string;
  /** Whether the value is 32 bits, written as eight hexadecimal digits. */
  readonly isBits: boolean;
}

/**
 * Readable message text with slots. Lines end in LF, which becomes CR LF. `{name}` is a slot inside a line, `{name:bits}`
 * one for 32 bits in eight hexadecimal digits; a line that is exactly `{*name}` takes whole header lines, each with its
 * CR LF, or nothing at all.
 */
export class Template {
  /** Constant octets: run i stands before slot i, the last one behind all slots. */
  readonly #runs: readonly Uint8Array[];
  readonly #slots: readonly Slot[];
  /** Names in order of the values. */
  readonly #names: readonly string[];
  /** Index into the values for every slot in order of the text. */
  readonly #places: readonly number[];
  /** As `#places`, without slots of a constant size. */
  readonly #sizedPlaces: readonly number[];
  readonly #constantSize: number;

  private constructor(runs: readonly Uint8Array[], slots: readonly Slot[], names: readonly string[]) {
    this.#runs = runs;
    this.#slots = slots;
    this.#names = names;
    this.#places = slots.map(({ name }) => names.indexOf(name));
    this.#sizedPlaces = this.#places.filter((_, slot) => !slots[slot]!.isBits);
    const bits = (slots.length - this.#sizedPlaces.length) * BITS_DIGITS;
    this.#constantSize = runs.reduce((size, run) => size + run.length, bits);
  }

  /** Compiles `source`; every slot in it is named in `names` and the other way round. */
  static compile(source: string, names: readonly string[]): Template {
    const runs: Uint8Array[] = [];
    const slots: Slot[] = [];
    let at = 0;
    for (const match of source.matchAll(SLOT_REGEXP)) {
      const name = (match[1] ?? match[2])!;
      if (!names.includes(name)) throw new SyntaxError(`Cannot compile template: unknown slot "${name}"`);
      runs.push(toRun(source.slice(at, match.index)));
      slots.push({ name, isBits: match[3] !== undefined });
      at = match.index + match[0].length;
    }
    runs.push(toRun(source.slice(at)));
    const unused = names.find((each) => !slots.some(({ name }) => name === each));
    if (unused !== undefined) throw new SyntaxError(`Cannot compile template: slot "${unused}" is not in the text`);
    return new Template(runs, slots, names);
  }

  /** The template with some of its slots filled for good; the others keep their order. */
  with(texts: Readonly<Record<string, string>>): Template {
    const runs: Uint8Array[] = [];
    const slots: Slot[] = [];
    let run = this.#runs[0]!;
    for (const [i, slot] of this.#slots.entries()) {
      const next = this.#runs[i + 1]!;
      const text = texts[slot.name];
      if (text !== undefined) run = joined(run, toOctets(text), next);
      else {
        runs.push(run);
        slots.push(slot);
        run = next;
      }
    }
    runs.push(run);
    const unknown = Object.keys(texts).find((name) => !this.#names.includes(name));
    if (unknown !== undefined) throw new RangeError(`Cannot fill template: unknown slot "${unknown}"`);
    return new Template(runs, slots, this.#names.filter((name) => texts[name] === undefined));
  }

  /** Appends the message with `values` in the order of the slots; `offsets`: takes where each slot of the text begins. */
  fill(writer: OctetWriter, values: readonly SlotValue[], offsets?: number[]): void {
    this.#check(values);
    const places = this.#places;
    for (let i = 0; i < places.length; i++) {
      writer.copy(this.#runs[i]!);
      if (offsets !== undefined) offsets[i] = writer.length;
      const value = values[places[i]!]!;
      if (typeof value === "string") writer.text(value);
      else if (typeof value !== "number") writer.copy(value);
      else if (this.#slots[i]!.isBits) writer.bits(value);
      else writer.decimal(value);
    }
    writer.copy(this.#runs[places.length]!);
  }

  /** The index into the values of each slot of the text, in its order. */
  places(): readonly number[] {
    return this.#places;
  }

  /** Whether a slot of the text, by its index there, is one for 32 bits. */
  isBits(slot: number): boolean {
    return this.#slots[slot]!.isBits;
  }

  /** Octets that `fill` would write. */
  size(values: readonly SlotValue[]): number {
    this.#check(values);
    const places = this.#sizedPlaces;
    let size = this.#constantSize;
    for (let i = 0; i < places.length; i++) size += sizeOf(values[places[i]!]!);
    return size;
  }

  #check(values: readonly SlotValue[]): void {
    if (values.length !== this.#names.length) {
      throw new RangeError(`Cannot fill template: ${values.length} values for ${this.#names.length} slots`);
    }
  }
}

function sizeOf(value: SlotValue): number {
  if (typeof value === "string") return octetLength(value);
  return typeof value === "number" ? digitsOf(value) : value.length;
}

/** Decimal digits of an unsigned whole number. */
export function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const writer = new OctetWriter();
  for (const part of parts) writer.copy(part);
  return writer.take();
}

function toRun(text: string): Uint8Array {
  const brace = /[{}\r]/.exec(text);
  if (brace !== null) {
    throw new SyntaxError(`Cannot compile template: stray ${JSON.stringify(brace[0])} in ${JSON.stringify(text)}`);
  }
  return toOctets(text.replaceAll("\n", "\r\n"));
}
