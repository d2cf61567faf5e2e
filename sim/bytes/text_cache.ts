/** Values read from texts that come again and again, such as addresses and lists in header fields. */

/** Some hundred kilobytes of short texts and what was read from them. */
const CAPACITY = 512;

/** Gives the same value for the same text, so that it is read once and in memory once; values must not be changed. */
export class TextCache<Value> {
  readonly #values: Map<string, Value> = new Map();
  readonly #read: (text: string) => Value;
  readonly #capacity: number;

  /** With `capacity` texts it forgets all of them and begins anew. */
  constructor(read: (text: string) => Value, capacity: number = CAPACITY) {
    this.#read = read;
    this.#capacity = capacity;
  }

  /** What the text reads as. */
  of(text: string): Value {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const value = this.#read(text);
    if (this.#values.size >= this.#capacity) this.#values.clear();
    this.#values.set(text, value);
    return value;
  }
}
