/**
 * Objects that are used again, as the engine would have to collect what is made for each of thousands of messages a
 * second.
 */

/** 4096: as many as are under way at one time, but for a load that its server does not bear. */
const CAPACITY = 4096;

/** A heap of objects of one kind that nobody needs at the moment. */
export class Spares<T> {
  readonly #spares: T[] = [];

  /** One of them, which is not spare any more; undefined when there is none. */
  take(): T | undefined {
    return this.#spares.pop();
  }

  /** Keeps one that nobody refers to any more; beyond 4096 it is left to the engine. */
  keep(spare: T): void {
    if (this.#spares.length < CAPACITY) this.#spares.push(spare);
  }
}
