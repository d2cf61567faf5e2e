/** Parts of one run that begin and end together, wherever they run: says when all of them have come as far. */
import { type Unreached, unreachedOfAll } from "../load/reach.ts";

/** Told once each, in this order, except that a part may end at any time. */
export interface EnsembleListener {
  /** Every part has its clients registered, as far as they could be. */
  onAllReady(unreached: Unreached): void;
  /** Nothing is under way in any part: nobody's messages meet a closed door any more. */
  onAllQuiet(): void;
  /** Every part is over. */
  onAllEnded(): void;
}

/** How far one part has come. */
interface Progress {
  ready: boolean;
  unreached: Unreached;
  quiet: boolean;
  ended: boolean;
}

/** Counts the parts; a part that is lost counts as ended. */
export class Ensemble {
  readonly #parts: readonly Progress[];
  readonly #listener: EnsembleListener;
  #told = { ready: false, quiet: false, ended: false };

  /** `count`: parts, numbered from 0. */
  constructor(count: number, listener: EnsembleListener) {
    this.#parts = Array.from(
      { length: count },
      () => ({ ready: false, unreached: undefined, quiet: false, ended: false }),
    );
    this.#listener = listener;
  }

  /** A part has its clients registered, or nobody there could register. */
  ready(index: number, unreached: Unreached): void {
    Object.assign(this.#parts[index]!, { ready: true, unreached });
    this.#look();
  }

  /** Nothing is under way in a part. */
  quiet(index: number): void {
    this.#parts[index]!.quiet = true;
    this.#look();
  }

  /** A part is over, or lost. */
  ended(index: number): void {
    this.#parts[index]!.ended = true;
    this.#look();
  }

  /** Whether a part is over. */
  hasEnded(index: number): boolean {
    return this.#parts[index]!.ended;
  }

  #look(): void {
    const parts = this.#parts;
    if (!this.#told.ready && parts.every((part) => part.ready)) {
      this.#told.ready = true;
      this.#listener.onAllReady(unreachedOfAll(parts.map((part) => part.unreached)));
    }
    if (!this.#told.quiet && parts.every((part) => part.quiet || part.ended)) {
      this.#told.quiet = true;
      if (!parts.every((part) => part.ended)) this.#listener.onAllQuiet();
    }
    if (!this.#told.ended && parts.every((part) => part.ended)) {
      this.#told.ended = true;
      this.#listener.onAllEnded();
    }
  }
}
