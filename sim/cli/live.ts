/** The live view of a run on a terminal: draws what `report/live_view.ts` composes, and takes the keys. */
import type { RunState } from "../load/coordinator.ts";
import { composeLive, type LiveView } from "../report/live_view.ts";
import { paintFor } from "../report/paint.ts";
import type { ValidityResult } from "../report/validity.ts";
import { mayColour, tell } from "./print.ts";
import type { RunFigures } from "./run_figures.ts";
import { Screen } from "./screen.ts";

/** Milliseconds between drawings, besides those for a new second. */
const REDRAW_EVERY = 500;
/** Milliseconds without a word from the workers after which the view says so. */
const SILENCE = 3000;

/** Draws a run until `end`. */
export class Live {
  readonly #figures: RunFigures;
  readonly #screen: Screen;
  readonly #paint = paintFor(mayColour(Deno.stderr));
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #told: string[] = [];
  #run: RunState = { state: "starting", phase: 0, elapsed: 0 };
  #heardAt = performance.now();
  #thresholds: LiveView["thresholds"] = [];
  #validity: ValidityResult = { validity: "valid", reasons: [] };

  /** `interrupt`: asks for the end of the run, as Ctrl-C does. */
  constructor(figures: RunFigures, interrupt: () => void) {
    this.#figures = figures;
    this.#screen = new Screen({
      onResize: () => this.#draw(),
      onKey: (key) => (key === "q" || key === "Q") && interrupt(),
      onHangUp: interrupt,
    });
    this.#timer = setInterval(() => this.#draw(), REDRAW_EVERY);
  }

  /** Takes where the run stands; once a second. */
  show(run: RunState): void {
    this.#run = run;
    this.#heardAt = performance.now();
    this.#thresholds = this.#figures.thresholds();
    this.#validity = this.#figures.validity();
    this.#draw();
  }

  /** Says something at the bottom, and again when the old screen is back. */
  tell(text: string): void {
    this.#told.push(text);
    this.#draw();
  }

  /** Brings the old screen back. */
  end(): void {
    clearInterval(this.#timer);
    this.#screen.close();
    for (const text of this.#told.splice(0)) tell(text);
  }

  #draw(): void {
    const { columns, rows } = this.#screen.size();
    const { scenario, workers, plan, account, live } = this.#figures;
    const silent = performance.now() - this.#heardAt;
    const view: LiveView = {
      scenario,
      workers,
      clients: plan.clients,
      planned: plan.duration,
      phases: plan.phases,
      run: this.#run,
      totals: account.totals,
      figures: live,
      thresholds: this.#thresholds,
      validity: this.#validity,
      notice: silent > SILENCE
        ? `no word from the workers for ${Math.floor(silent / 1000)} s: they are starved, or stuck`
        : this.#told.at(-1) ?? "",
    };
    this.#screen.draw(composeLive(view, columns, rows, this.#paint));
  }
}
