/** What reports need of a run, added up second by second: its memory does not grow with the length of the run. */
import { type Snapshot, Totals } from "../metrics/snapshot.ts";
import { type HealthFigures, HealthTally } from "./health.ts";
import { addToSecond, emptySecond, type Second } from "./seconds.ts";
import { readThreshold } from "./thresholds.ts";
import { type WindowFindings, WindowJudge } from "./threshold_window.ts";

/** The processor time of the busiest worker, as shares of one core. */
export interface CpuShare {
  /** Mean over the seconds in which messages started; null when it was not measured. */
  readonly mean: number | null;
  readonly peak: number | null;
}

/** Seconds that wait for the snapshots of slower workers; one that comes later still stands by itself. */
const SECONDS_KEPT = 30;

/** The first and the last second in which a counter counted. */
interface Span {
  first: number;
  last: number;
}

/** What an account is told beforehand. */
export interface AccountOptions {
  /** Of a checked scenario; their windows are judged as the seconds come. */
  readonly thresholds?: readonly string[];
  /** How many tell each second: it is closed when all have. Without it a second waits for slower workers. */
  readonly workers?: number;
}

/** The sums of a run so far. */
export class Account {
  readonly totals: Totals = new Totals();
  /** Snapshots added. */
  snapshots = 0;
  readonly #spans: Map<string, Span> = new Map(SPANNED.map((name) => [name, { first: Infinity, last: -1 }]));
  readonly #cpu: Map<number, { sum: number; seconds: number }> = new Map();
  #cpuPeak: number | null = null;
  /** Ascending: workers report their seconds in order. */
  readonly #seconds: Map<number, Second> = new Map();
  readonly #gaugePeaks: Record<string, number> = {};
  readonly #health = new HealthTally();
  readonly #windows: ReadonlyMap<string, WindowJudge>;
  /** Latencies that windows ask for. */
  readonly #windowNames: ReadonlySet<string>;
  readonly #workers: number;
  /** Index of the second that windows wait for. */
  #next: number | undefined;
  #deliveredPeak = 0;

  /** Nothing is added up yet. */
  constructor({ thresholds = [], workers = Infinity }: AccountOptions = {}) {
    const windowed = thresholds.map((text) => [text, readThreshold(text)] as const).filter(([, { window }]) =>
      window !== undefined
    );
    this.#windows = new Map(windowed.map(([text, threshold]) => [text, new WindowJudge(threshold)]));
    this.#windowNames = new Set(windowed.map(([, { subject }]) => subject.name));
    this.#workers = workers;
  }

  /** Takes one second of one worker in. */
  add(snapshot: Snapshot): this {
    this.snapshots++;
    this.totals.add(snapshot);
    this.#addSpans(snapshot);
    this.#addCpu(snapshot);
    this.#addSecond(snapshot);
    for (const [index, second] of this.#seconds) {
      if (second.workers < this.#workers && index > snapshot.index - SECONDS_KEPT) break;
      this.#remove(second);
    }
    return this;
  }

  /** No more seconds come. */
  finish(): this {
    for (const second of this.#seconds.values()) this.#remove(second);
    return this;
  }

  /** The health of the generator in closed seconds. */
  health(): HealthFigures {
    return this.#health.figures();
  }

  /** What the windows of thresholds have shown in closed seconds, by the text of the threshold. */
  windows(): ReadonlyMap<string, WindowFindings> {
    return new Map([...this.#windows].map(([text, judge]) => [text, judge.findings()]));
  }

  /** Seconds from the first in which a counter of `SPANNED` counted to the last one. */
  secondsWith(name: (typeof SPANNED)[number]): number {
    const { first, last } = this.#spans.get(name)!;
    return last < 0 ? 0 : last - first + 1;
  }

  /** The processor time of the worker that used most. */
  cpuShare(): CpuShare {
    const means = [...this.#cpu.values()].map(({ sum, seconds }) => sum / seconds);
    return { mean: means.length === 0 ? null : Math.max(...means), peak: this.#cpuPeak };
  }

  /** The highest value of each gauge in any second, the workers of one second merged. */
  gaugePeaks(): Readonly<Record<string, number>> {
    for (const second of this.#seconds.values()) this.#close(second);
    return this.#gaugePeaks;
  }

  /** The most messages delivered in one second, all workers together. */
  deliveredPeak(): number {
    for (const second of this.#seconds.values()) this.#close(second);
    return this.#deliveredPeak;
  }

  #addSpans({ index, counters }: Snapshot): void {
    for (const [name, span] of this.#spans) {
      if (counters[name] === undefined) continue;
      span.first = Math.min(span.first, index);
      span.last = Math.max(span.last, index);
    }
  }

  #addCpu({ worker, gauges, counters }: Snapshot): void {
    const share = gauges["generator.cpu_share"];
    // registering and draining say nothing about the load
    if (share === undefined || counters["generator.arrivals"] === undefined) return;
    const sums = this.#cpu.get(worker) ?? { sum: 0, seconds: 0 };
    this.#cpu.set(worker, { sum: sums.sum + share, seconds: sums.seconds + 1 });
    this.#cpuPeak = Math.max(this.#cpuPeak ?? 0, share);
  }

  #addSecond(snapshot: Snapshot): void {
    let second = this.#seconds.get(snapshot.index);
    if (second === undefined) this.#seconds.set(snapshot.index, second = emptySecond(snapshot.index));
    addToSecond(second, snapshot, this.#windowNames);
  }

  #remove(second: Second): void {
    this.#close(second);
    this.#seconds.delete(second.index);
    this.#next ??= second.index;
    // a second that nobody told is empty; one that comes too late is in no window
    for (; this.#next <= second.index; this.#next++) {
      const next = this.#next === second.index ? second : emptySecond(this.#next);
      for (const judge of this.#windows.values()) judge.add(next);
      this.#health.add(next);
    }
  }

  #close({ gauges, counters }: Second): void {
    const peaks = this.#gaugePeaks;
    for (const [name, value] of Object.entries(gauges)) peaks[name] = Math.max(peaks[name] ?? value, value);
    this.#deliveredPeak = Math.max(this.#deliveredPeak, counters["messages.delivered"] ?? 0);
  }
}

/** Counters whose first and last second are kept. */
const SPANNED = ["generator.arrivals", "messages.attempted"] as const;

/** The account of a whole run, in whatever order its seconds come. */
export function accountOf(snapshots: Iterable<Snapshot>, options: AccountOptions = {}): Account {
  const account = new Account(options);
  for (const snapshot of [...snapshots].sort((a, b) => a.index - b.index)) account.add(snapshot);
  return account.finish();
}
