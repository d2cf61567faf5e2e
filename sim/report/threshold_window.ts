/**
 * Judges a threshold over every window of a run.
 *
 * A window is as many whole seconds as the threshold asks for, within the seconds in which counted messages were started;
 * windows overlap, one begins each second. The first and the last of these seconds are part of a second only: a rate
 * leaves them out. A window in which nothing was started is passed over; one in which something was started and the
 * metric has too few samples is a window without data.
 */
import { counterEntry } from "../metrics/catalogue.ts";
import { ratioOf, sumOf } from "../metrics/ratio.ts";
import { holds, type Threshold } from "../metrics/threshold.ts";
import type { Second } from "./seconds.ts";
import { WindowLatency } from "./window_latency.ts";

/** What the windows of a threshold have shown so far. */
export interface WindowFindings {
  /** The value of the worst window; null when none could be judged. */
  readonly actual: number | null;
  /** Samples of that window. */
  readonly samples: number;
  readonly judged: number;
  readonly failed: number;
  readonly withoutData: number;
  /** End of the first window that failed, in seconds since the load began. */
  readonly firstFailedAt: number | null;
}

/** Of a threshold whose windows nobody looked at. */
export const NO_WINDOWS: WindowFindings = {
  actual: null,
  samples: 0,
  judged: 0,
  failed: 0,
  withoutData: 0,
  firstFailedAt: null,
};

const STARTED = "messages.attempted";

/** One threshold's windows, second after second. */
export class WindowJudge {
  readonly #threshold: Threshold;
  readonly #length: number;
  readonly #latency: WindowLatency;
  /** Seconds of the window under way. */
  #seconds: Second[] = [];
  /** Seconds that wait for a later one with messages: those after the last one belong to no window. */
  #pending: Second[] = [];
  #firstIndex: number | undefined;
  #actual: number | null = null;
  #samples = 0;
  #judged = 0;
  #failed = 0;
  #withoutData = 0;
  #firstFailedAt: number | null = null;

  /** The threshold must have a window. */
  constructor(threshold: Threshold) {
    this.#threshold = threshold;
    this.#length = threshold.window! / 1000;
    this.#latency = new WindowLatency(this.#length);
  }

  /** Takes the next second in; seconds come in order, without gaps. */
  add(second: Second): void {
    const isStarted = (second.counters[STARTED] ?? 0) > 0;
    if (this.#firstIndex === undefined && !isStarted) return;
    const isFirst = this.#firstIndex === undefined;
    this.#firstIndex ??= second.index;
    if (this.#threshold.subject.kind === "rate") {
      if (isFirst) return;
      // a second is known to be whole once another one with messages follows
      if (isStarted) this.#takePending();
      this.#pending.push(second);
      return;
    }
    this.#pending.push(second);
    if (isStarted) this.#takePending();
  }

  /** What is known by now. */
  findings(): WindowFindings {
    return {
      actual: this.#actual,
      samples: this.#samples,
      judged: this.#judged,
      failed: this.#failed,
      withoutData: this.#withoutData,
      firstFailedAt: this.#firstFailedAt,
    };
  }

  #takePending(): void {
    for (const second of this.#pending) this.#take(second);
    this.#pending = [];
  }

  #take(second: Second): void {
    const { subject, after } = this.#threshold;
    this.#seconds.push(second);
    if (subject.kind === "latency") this.#latency.add(second.histograms[subject.name] ?? []);
    if (this.#seconds.length > this.#length) this.#seconds.shift();
    const endsAt = second.index + 1 - this.#firstIndex!;
    if (this.#seconds.length === this.#length && endsAt * 1000 >= after) this.#judge(endsAt);
  }

  #judge(endsAt: number): void {
    const { actual, samples } = this.#value();
    if (actual === null || samples < this.#threshold.samples) {
      if (this.#seconds.some(({ counters }) => (counters[STARTED] ?? 0) > 0)) this.#withoutData++;
      return;
    }
    this.#judged++;
    const isKept = holds(this.#threshold, actual);
    if (!isKept && this.#failed++ === 0) this.#firstFailedAt = endsAt;
    if (this.#isWorse(actual, isKept)) {
      this.#actual = actual;
      this.#samples = samples;
    }
  }

  #isWorse(actual: number, isKept: boolean): boolean {
    const before = this.#actual;
    if (before === null) return true;
    const wasKept = holds(this.#threshold, before);
    if (isKept !== wasKept) return wasKept;
    switch (this.#threshold.operator) {
      case "<":
      case "<=":
        return actual > before;
      case ">":
      case ">=":
        return actual < before;
      default:
        return false;
    }
  }

  #value(): { actual: number | null; samples: number } {
    const { subject } = this.#threshold;
    if (subject.kind === "latency") {
      return { actual: this.#latency.statistic(subject.statistic), samples: this.#latency.count() };
    }
    if (subject.kind === "gauge") {
      const values = this.#seconds.map(({ gauges }) => gauges[subject.name]).filter((value) => value !== undefined);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { actual: values.length === 0 ? null : mean, samples: values.length };
    }
    const counters: Record<string, number> = {};
    for (const second of this.#seconds) {
      for (const [name, count] of Object.entries(second.counters)) counters[name] = (counters[name] ?? 0) + count;
    }
    if (subject.kind === "ratio") {
      const { share, samples } = ratioOf(subject.name, counters);
      return { actual: share, samples };
    }
    const entry = counterEntry(subject.name);
    const samples = entry === undefined ? 0 : counters[entry.of] ?? 0;
    const count = sumOf([subject.name], counters);
    return { actual: subject.kind === "rate" ? count / this.#length : count, samples };
  }
}
