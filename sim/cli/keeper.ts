/** Writes of a run to disk that may fail while it runs: the first failure ends the run early, and cleanly. */

/** Guards writes; after the first that failed, none is tried again. */
export class Keeper {
  readonly #failed = new AbortController();
  readonly #onFailure: (what: string) => void;

  /** `onFailure` is told once what the system said. */
  constructor(onFailure: (what: string) => void) {
    this.#onFailure = onFailure;
  }

  /** Aborted by the first failure. */
  failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Calls `write`, unless an earlier one failed. */
  keep(write: () => void): void {
    if (this.#failed.signal.aborted) return;
    try {
      write();
    } catch (error) {
      this.#failed.abort(error);
      this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }
}
