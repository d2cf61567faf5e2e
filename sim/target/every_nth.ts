/** Faults by count instead of chance: exactly so many of so many messages, the same ones every time. */

/** What may become of a MESSAGE: answered 200 and never delivered, changed, cut, delivered to another user, or twice. */
export const MISHAPS = ["lose", "corrupt", "truncate", "misroute", "duplicate"] as const;

/** See `MISHAPS`. */
export type Mishap = (typeof MISHAPS)[number];

/** Every how many messages each mishap befalls one; absent or 0: never. */
export type MishapIntervals = Readonly<Partial<Record<Mishap, number>>>;

/** The same as scenarios and command lines name them. */
export interface NamedIntervals {
  readonly loseEvery?: number | undefined;
  readonly corruptEvery?: number | undefined;
  readonly truncateEvery?: number | undefined;
  readonly misrouteEvery?: number | undefined;
  readonly duplicateEvery?: number | undefined;
}

/** The intervals that have those names. */
export function intervalsOf(named: NamedIntervals): MishapIntervals {
  return {
    lose: named.loseEvery ?? 0,
    corrupt: named.corruptEvery ?? 0,
    truncate: named.truncateEvery ?? 0,
    misroute: named.misrouteEvery ?? 0,
    duplicate: named.duplicateEvery ?? 0,
  };
}

/** Counts messages; no message meets two mishaps, so of two that are due at once the second befalls the next message. */
export class EveryNth {
  readonly #due: { readonly mishap: Mishap; readonly interval: number; count: number }[] = [];

  /** Nothing has been counted. */
  constructor(intervals: MishapIntervals) {
    for (const mishap of MISHAPS) {
      const interval = intervals[mishap] ?? 0;
      if (interval > 0) this.#due.push({ mishap, interval, count: 0 });
    }
  }

  /** What befalls the next message. */
  next(): Mishap | undefined {
    for (const each of this.#due) each.count++;
    const found = this.#due.find(({ count, interval }) => count >= interval);
    if (found === undefined) return undefined;
    found.count -= found.interval;
    return found.mishap;
  }
}
