/** When each phase of one large message ended, so that the phases add up to the whole. */
import type { Millis } from "../clock/clock.ts";
import { LARGE_PHASES, type LargePhase } from "../metrics/dimensions.ts";
import type { Recorder } from "../metrics/recorder.ts";

const UNSEEN = -1;
/** Numbers of the phases at each recorder. */
const PHASE_IDS: WeakMap<Recorder, readonly number[]> = new WeakMap();

/** The moments of one message; in whole microseconds since it was due, so that nothing is lost by rounding. */
export class LargeTiming {
  readonly #dueAt: Millis;
  /** In order of `LARGE_PHASES`; -1: not ended. */
  readonly #ends: number[] = LARGE_PHASES.map(() => UNSEEN);

  /** `dueAt`: the intended instant, at which the first phase begins. */
  constructor(dueAt: Millis) {
    this.#dueAt = dueAt;
  }

  /** A phase ended; the first time counts. */
  end(phase: LargePhase, at: Millis): void {
    const place = LARGE_PHASES.indexOf(phase);
    if (this.#ends[place] === UNSEEN) this.#ends[place] = Math.max(0, Math.round((at - this.#dueAt) * 1000));
  }

  /**
   * How long each phase took, in microseconds. One whose end nobody saw (no report was asked for, the connection stood
   * already) took nothing, and so did one that ended before its predecessor.
   */
  durations(): (readonly [LargePhase, number])[] {
    let before = 0;
    return LARGE_PHASES.map((phase, place) => {
      const from = before;
      before = Math.max(from, this.#ends[place]!);
      return [phase, before - from] as const;
    });
  }

  /** Records all phases and their sum; for a message whose release is over. */
  record(recorder: Recorder): void {
    let ids = PHASE_IDS.get(recorder);
    if (ids === undefined) {
      ids = LARGE_PHASES.map((phase) => recorder.latencyId(`large_phase{phase=${phase}}`));
      PHASE_IDS.set(recorder, ids);
    }
    let before = 0;
    for (let place = 0; place < ids.length; place++) {
      const end = Math.max(before, this.#ends[place]!);
      recorder.latencyOfId(ids[place]!, (end - before) / 1000);
      before = end;
    }
    recorder.latency("large_whole", before / 1000);
  }
}
