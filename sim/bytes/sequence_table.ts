/**
 * Objects by sequence number, for thousands a second that come and go.
 *
 * A `Map` that stays nearly empty makes its table anew with every removal, and each old table keeps the next one from
 * being collected: measured, 460 octets for each message that all outlived the young generation. Here a removal costs
 * a few moves and no memory.
 */

const FIRST_BITS = 6;
/** No number anybody asks for. */
const EMPTY = -Infinity;

/** 2^32 by the golden ratio: multiplied by it, numbers that follow one another fall evenly over all slots. */
const GOLDEN = 0x9e3779b1;

/**
 * A table of open addressing; it grows, and never shrinks. Numbers are spread, since those in neighbouring slots would
 * have to be passed with each removal: all that wait for an answer, which are a hundred thousand when none comes.
 */
export class SequenceTable<T> {
  /** How many there are. */
  size = 0;
  /** Of 32 bits, those that do not belong to a slot's number. */
  #shift = 32 - FIRST_BITS;
  #keys: Float64Array = new Float64Array(1 << FIRST_BITS).fill(EMPTY);
  #values: (T | undefined)[] = new Array(1 << FIRST_BITS).fill(undefined);

  /** What has this number. */
  get(sequence: number): T | undefined {
    const slot = this.#slotOf(sequence);
    return this.#keys[slot] === sequence ? this.#values[slot] : undefined;
  }

  /** Whether anything has this number. */
  has(sequence: number): boolean {
    return this.#keys[this.#slotOf(sequence)] === sequence;
  }

  /** Gives something a whole number from 0 on; what had it before is forgotten. */
  set(sequence: number, value: T): void {
    if (!(sequence >= 0)) throw new RangeError(`Cannot use ${sequence} as a sequence number`);
    const slot = this.#slotOf(sequence);
    this.#values[slot] = value;
    if (this.#keys[slot] === sequence) return;
    this.#keys[slot] = sequence;
    this.size++;
    if (this.size * 2 > this.#keys.length) this.#grow();
  }

  /** Forgets what has this number: whether there was anything. */
  delete(sequence: number): boolean {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let gap = this.#slotOf(sequence);
    if (keys[gap] !== sequence) return false;
    // those behind it move up where the gap lies on the way from their own slot
    for (let slot = (gap + 1) & mask; keys[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const own = Math.imul(keys[slot]!, GOLDEN) >>> this.#shift;
      if (((slot - own) & mask) < ((slot - gap) & mask)) continue;
      keys[gap] = keys[slot]!;
      this.#values[gap] = this.#values[slot];
      gap = slot;
    }
    keys[gap] = EMPTY;
    this.#values[gap] = undefined;
    this.size--;
    return true;
  }

  /** A copy of all of them, in no particular order. */
  values(): T[] {
    return this.#values.filter((value) => value !== undefined);
  }

  /** Its slot, or the free one where it would be. */
  #slotOf(sequence: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let slot = Math.imul(sequence, GOLDEN) >>> this.#shift;
    while (keys[slot] !== EMPTY && keys[slot] !== sequence) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#shift--;
    this.#keys = new Float64Array(keys.length * 2).fill(EMPTY);
    this.#values = new Array(keys.length * 2).fill(undefined);
    for (let slot = 0; slot < keys.length; slot++) {
      if (keys[slot] === EMPTY) continue;
      const grown = this.#slotOf(keys[slot]!);
      this.#keys[grown] = keys[slot]!;
      this.#values[grown] = values[slot];
    }
  }
}
