/** What people see of a run while it goes on: the live view on a terminal, elsewhere a line every ten seconds. */
import type { RunState } from "../load/coordinator.ts";
import { bar } from "../report/sparkline.ts";
import { Live } from "./live.ts";
import { isDrawable, tell } from "./print.ts";
import type { RunFigures } from "./run_figures.ts";

/** Shows where a run stands. */
export interface RunView {
  /** Takes where it stands; `now`: monotonic milliseconds. */
  show(state: RunState, now: number): void;
  /** Says something that people must not miss. */
  tell(text: string): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** How a run may be shown. */
export interface ViewOptions {
  readonly quiet: boolean;
  /** Lines on a terminal as well. */
  readonly noLive: boolean;
}

/** The view that fits where standard error goes to; `interrupt` asks for the end of the run, as Ctrl-C does. */
export function openView(figures: RunFigures, { quiet, noLive }: ViewOptions, interrupt: () => void): RunView {
  if (!quiet && !noLive && isDrawable()) return new Live(figures, interrupt);
  return new Progress(figures, quiet ? Infinity : EVERY);
}

/** Milliseconds between lines. */
const EVERY = 10_000;
const BAR_WIDTH = 24;

/** Lines on standard error. */
class Progress implements RunView {
  readonly #figures: RunFigures;
  readonly #every: number;
  #toldAt = -Infinity;
  #lastSecond = 0;
  #attemptedBefore = 0;

  constructor(figures: RunFigures, every: number) {
    this.#figures = figures;
    this.#every = every;
  }

  show(state: RunState, now: number): void {
    const attempted = this.#figures.account.totals.counter("generator.arrivals");
    this.#lastSecond = attempted - this.#attemptedBefore;
    this.#attemptedBefore = attempted;
    if (!(now - this.#toldAt >= this.#every) || this.#every === Infinity) return;
    this.#toldAt = now;
    tell(this.#line(state));
  }

  tell(text: string): void {
    tell(text);
  }

  end(): void {}

  #line({ state, elapsed }: RunState): string {
    const { account: { totals }, plan } = this.#figures;
    if (state === "starting" || state === "registering" || state === "waiting") {
      return `${state.padEnd(12)} ${totals.counter("clients.registered")}/${plan.clients} clients, ` +
        `${totals.counter("clients.failed")} failed`;
    }
    const accept = totals.latencies.get("pager_accept");
    const p99 = accept === undefined || accept.count() === 0
      ? ""
      : `  p99 ${(accept.quantile(0.99) / 1000).toFixed(1)} ms`;
    const failed = ["rejected", "failed", "timed_out"].reduce(
      (sum, outcome) => sum + totals.counter(`messages.${outcome}`),
      0,
    );
    const seconds = (millis: number): string => (millis / 1000).toFixed(0);
    return `${state.padEnd(12)} ${bar(elapsed / Math.max(1, plan.duration), BAR_WIDTH)} ` +
      `${seconds(elapsed)}/${seconds(plan.duration)} s  ${this.#lastSecond}/s  ` +
      `sent ${totals.counter("generator.arrivals")}  delivered ${totals.counter("messages.delivered")}  ` +
      `failed ${failed}  lost ${totals.counter("messages.lost")}${p99}`;
  }
}
