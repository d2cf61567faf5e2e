/** The live view of a run: one line drawn again on a terminal, one line every ten seconds elsewhere. */
import type { Totals } from "../metrics/snapshot.ts";
import type { RunState } from "../load/coordinator.ts";
import type { Plan } from "../load/plan.ts";
import { draw, isWatched, tell, watchedColumns } from "./print.ts";

/** Milliseconds between lines where nobody watches. */
const QUIET_EVERY = 10_000;
const BAR_WIDTH = 24;

/** Shows where a run stands. */
export class Progress {
  readonly #plan: Plan;
  readonly #totals: Totals;
  readonly #watched: boolean;
  #state: RunState = { state: "starting", phase: 0, elapsed: 0 };
  #lastSecond = 0;
  #attemptedBefore = 0;
  #toldAt = -Infinity;
  #drawn = false;

  /** `totals`: everything counted so far, added to by others; `silent`: shows nothing at all. */
  constructor(plan: Plan, totals: Totals, silent = false) {
    this.#plan = plan;
    this.#totals = totals;
    this.#watched = !silent && isWatched();
    if (silent) this.#toldAt = Infinity;
  }

  /** Shows the state; `now`: monotonic milliseconds. */
  show(state: RunState, now: number): void {
    this.#state = state;
    const attempted = this.#totals.counter("generator.arrivals");
    this.#lastSecond = attempted - this.#attemptedBefore;
    this.#attemptedBefore = attempted;
    if (this.#watched) {
      // erase the line, then write: nothing flickers
      draw(`\r\x1b[2K${this.#line().slice(0, watchedColumns() - 1)}`);
      this.#drawn = true;
    } else if (now - this.#toldAt >= QUIET_EVERY) {
      this.#toldAt = now;
      tell(this.#line());
    }
  }

  /** Leaves the terminal as it was. */
  end(): void {
    if (this.#drawn) draw("\r\x1b[2K");
    this.#drawn = false;
  }

  #line(): string {
    const totals = this.#totals;
    const { state, elapsed } = this.#state;
    const share = Math.min(1, elapsed / Math.max(1, this.#plan.duration));
    const full = Math.round(share * BAR_WIDTH);
    const bar = `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}`;
    const seconds = (elapsed / 1000).toFixed(0);
    const planned = (this.#plan.duration / 1000).toFixed(0);
    if (state === "starting" || state === "registering" || state === "waiting") {
      return `${state.padEnd(12)} ${totals.counter("clients.registered")}/${this.#plan.clients} clients, ` +
        `${totals.counter("clients.failed")} failed`;
    }
    const accept = totals.latencies.get("pager_accept");
    const p99 = accept === undefined || accept.count() === 0
      ? ""
      : `  p99 ${(accept.quantile(0.99) / 1000).toFixed(1)} ms`;
    const lost = totals.counter("messages.lost");
    const failed = ["rejected", "failed", "timed_out"].reduce(
      (sum, outcome) => sum + totals.counter(`messages.${outcome}`),
      0,
    );
    return `${state.padEnd(12)} ${bar} ${seconds}/${planned} s  ${this.#lastSecond}/s  ` +
      `sent ${totals.counter("generator.arrivals")}  delivered ${totals.counter("messages.delivered")}  ` +
      `failed ${failed}  lost ${lost}${p99}`;
  }
}
