/** Messages whose content is too small for a mark: told apart by sender, receiver and size only. */

/** What such a message is known by. */
export interface UnmarkedFields {
  readonly sender: number;
  readonly receiver: number;
  /** Octets of content. */
  readonly size: number;
}

/** Those that have not arrived, the oldest of each kind first. */
export class UnmarkedMemory<T extends UnmarkedFields> {
  readonly #expected: Map<string, T[]> = new Map();

  /** Waits for one more. */
  expect(message: T): void {
    const key = keyOf(message);
    const expected = this.#expected.get(key);
    if (expected === undefined) this.#expected.set(key, [message]);
    else expected.push(message);
  }

  /** Waits for it no longer; its fields must be those it was expected with. */
  forget(message: T): void {
    const key = keyOf(message);
    const rest = this.#expected.get(key)?.filter((each) => each !== message);
    if (rest === undefined || rest.length === 0) this.#expected.delete(key);
    else this.#expected.set(key, rest);
  }

  /** The one that an arrival is taken for. */
  oldest(fields: UnmarkedFields): T | undefined {
    return this.#expected.get(keyOf(fields))?.[0];
  }
}

function keyOf({ sender, receiver, size }: UnmarkedFields): string {
  return `${sender}:${receiver}:${size}`;
}
