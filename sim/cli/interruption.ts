/** Ctrl-C: the first asks for a clean end, the second ends at once. */

/** Two signals that SIGINT and SIGTERM raise one after the other. */
export class Interruption {
  readonly #first = new AbortController();
  readonly #second = new AbortController();
  readonly #onFirst: () => void;
  readonly #listener = (): void => this.raise();

  /** Listens from now on; `onFirst` is called at the first signal. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    Deno.addSignalListener("SIGINT", this.#listener);
    Deno.addSignalListener("SIGTERM", this.#listener);
  }

  /** Aborted by the first signal. */
  first(): AbortSignal {
    return this.#first.signal;
  }

  /** Aborted by the second. */
  second(): AbortSignal {
    return this.#second.signal;
  }

  /** Resolves at the first signal. */
  waited(): Promise<void> {
    return new Promise((resolve) => this.first().addEventListener("abort", () => resolve(), { once: true }));
  }

  /** Stops listening. */
  end(): void {
    Deno.removeSignalListener("SIGINT", this.#listener);
    Deno.removeSignalListener("SIGTERM", this.#listener);
  }

  /** Does as a signal does: the first call asks for a clean end, the second ends at once. */
  raise(): void {
    if (this.first().aborted) {
      this.#second.abort();
      return;
    }
    this.#onFirst();
    this.#first.abort();
  }
}
