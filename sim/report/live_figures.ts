/** What is known of a run while it runs: cumulative figures, the last seconds, and a short history; memory is bounded. */
import { gaugeMerge } from "../metrics/catalogue.ts";
import { Histogram } from "../metrics/histogram.ts";
import { type Snapshot, Totals } from "../metrics/snapshot.ts";
import type { Cumulative } from "./exposition.ts";
import type { Measured } from "./thresholds.ts";
import type { CpuShare } from "./validity.ts";

/** Seconds that make up "now". */
export const WINDOW_SECONDS = 5;
/** Seconds of history that are kept. */
const HISTORY_SECONDS = 300;
/** Seconds that a worker may be behind the others before they are taken without it. */
const PATIENCE = 3;

/** One closed second, all workers together. */
export interface PastSecond {
  readonly index: number;
  readonly counters: Readonly<Record<string, number>>;
  /** p99 in microseconds by latency; absent without samples. */
  readonly p99: Readonly<Record<string, number>>;
}

interface OpenSecond {
  readonly index: number;
  readonly snapshots: Snapshot[];
}

/** Takes the snapshots of a run in, and gives what views and exporters show. */
export class LiveFigures {
  /** Everything counted so far. */
  readonly totals: Totals = new Totals();
  /** Closed seconds, oldest first. */
  readonly history: PastSecond[] = [];
  readonly #workers: number;
  /** Names of latencies that the window and the history keep. */
  readonly #watched: readonly string[];
  readonly #open = new Map<number, OpenSecond>();
  readonly #closed: (PastSecond & { readonly snapshots: readonly Snapshot[] })[] = [];
  readonly #gaugesOf = new Map<number, Snapshot["gauges"]>();
  readonly #peaks: Record<string, number> = {};
  readonly #cpu = new Map<number, { sum: number; seconds: number }>();
  readonly #window = new Map<string, Histogram>();
  #cpuPeak: number | null = null;
  #countedSeconds = 0;
  readonly #scratch = new Histogram();

  /** `watched`: the latencies that are shown for now and in the history. */
  constructor(workers: number, watched: readonly string[] = []) {
    this.#workers = workers;
    this.#watched = watched;
  }

  /** What exporters write. */
  cumulative(): Cumulative {
    return { counters: this.totals.counters, gauges: this.gauges(), latencies: this.totals.latencies };
  }

  /** The latest gauges, the workers merged as the catalogue says. */
  gauges(): Record<string, number> {
    return merged(this.#gaugesOf.values());
  }

  /** What thresholds are judged by. */
  measured(): Measured {
    return { totals: this.totals, seconds: this.#countedSeconds, gaugePeaks: this.#peaks };
  }

  /** Processor time of the busiest worker so far. */
  cpu(): CpuShare {
    const means = [...this.#cpu.values()].map(({ sum, seconds }) => sum / seconds);
    return { mean: means.length === 0 ? null : Math.max(...means), peak: this.#cpuPeak };
  }

  /** Takes one second of one worker in. */
  add(snapshot: Snapshot): void {
    this.totals.add(snapshot);
    this.#gaugesOf.set(snapshot.worker, snapshot.gauges);
    this.#noteCpu(snapshot);
    const { index } = snapshot;
    let second = this.#open.get(index);
    if (second === undefined) this.#open.set(index, second = { index, snapshots: [] });
    second.snapshots.push(snapshot);
    for (const each of [...this.#open.values()].toSorted((a, b) => a.index - b.index)) {
      if (each.snapshots.length >= this.#workers || each.index <= index - PATIENCE) this.#close(each);
    }
  }

  /** A count of the last closed second; 0 before there is one. */
  lastSecond(name: string): number {
    return this.history.at(-1)?.counters[name] ?? 0;
  }

  /** A watched latency over the last `WINDOW_SECONDS`; undefined without samples. */
  now(name: string): Histogram | undefined {
    const histogram = this.#window.get(name);
    return histogram === undefined || histogram.count() === 0 ? undefined : histogram;
  }

  #close(second: OpenSecond): void {
    this.#open.delete(second.index);
    const { index, snapshots } = second;
    const counters: Record<string, number> = {};
    for (const snapshot of snapshots) {
      for (const [name, count] of Object.entries(snapshot.counters)) counters[name] = (counters[name] ?? 0) + count;
    }
    if (counters["messages.attempted"] !== undefined) this.#countedSeconds++;
    for (const [name, value] of Object.entries(merged(snapshots.map(({ gauges }) => gauges)))) {
      this.#peaks[name] = Math.max(this.#peaks[name] ?? value, value);
    }
    const past = { index, counters, p99: this.#p99Of(snapshots) };
    this.history.push(past);
    if (this.history.length > HISTORY_SECONDS) this.history.shift();
    this.#closed.push({ ...past, snapshots });
    if (this.#closed.length > WINDOW_SECONDS) this.#closed.shift();
    this.#renewWindow();
  }

  #p99Of(snapshots: readonly Snapshot[]): Record<string, number> {
    const p99: Record<string, number> = {};
    for (const name of this.#watched) {
      this.#scratch.reset();
      for (const { histograms } of snapshots) if (histograms[name]) this.#scratch.addEncoded(histograms[name]);
      if (this.#scratch.count() > 0) p99[name] = this.#scratch.quantile(0.99);
    }
    return p99;
  }

  #renewWindow(): void {
    for (const name of this.#watched) {
      let histogram = this.#window.get(name);
      if (histogram === undefined) this.#window.set(name, histogram = new Histogram());
      histogram.reset();
      for (const { snapshots } of this.#closed) {
        for (const { histograms } of snapshots) if (histograms[name]) histogram.addEncoded(histograms[name]);
      }
    }
  }

  /** As `cpuShareOf` does over all snapshots: registering and draining say nothing about the load. */
  #noteCpu({ worker, gauges, counters }: Snapshot): void {
    const share = gauges["generator.cpu_share"];
    if (share === undefined || counters["generator.arrivals"] === undefined) return;
    const sums = this.#cpu.get(worker) ?? { sum: 0, seconds: 0 };
    this.#cpu.set(worker, { sum: sums.sum + share, seconds: sums.seconds + 1 });
    this.#cpuPeak = Math.max(this.#cpuPeak ?? 0, share);
  }
}

function merged(all: Iterable<Snapshot["gauges"]>): Record<string, number> {
  const gauges: Record<string, number> = {};
  for (const each of all) {
    for (const [name, value] of Object.entries(each)) {
      const before = gauges[name];
      if (before === undefined) gauges[name] = value;
      else gauges[name] = gaugeMerge(name) === "sum" ? before + value : Math.max(before, value);
    }
  }
  return gauges;
}
