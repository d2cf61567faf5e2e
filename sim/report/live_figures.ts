/** What an account leaves out and a view shows: the latest gauges, the last seconds, a short history; memory is bounded. */
import { gaugeMerge } from "../metrics/catalogue.ts";
import { Histogram } from "../metrics/histogram.ts";
import type { Snapshot, Totals } from "../metrics/snapshot.ts";
import type { Cumulative } from "./exposition.ts";

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
  /** p99 in microseconds by watched latency; absent without samples. */
  readonly p99: Readonly<Record<string, number>>;
}

/** Takes the snapshots of a run in while it runs. */
export class LiveFigures {
  /** Closed seconds, oldest first. */
  readonly history: PastSecond[] = [];
  readonly #workers: number;
  readonly #watched: readonly string[];
  /** Snapshots of seconds that some worker has not reported, by second. */
  readonly #open = new Map<number, Snapshot[]>();
  /** Snapshots of the last closed seconds. */
  readonly #closed: (readonly Snapshot[])[] = [];
  readonly #gaugesOf = new Map<number, Snapshot["gauges"]>();
  readonly #window = new Map<string, Histogram>();
  readonly #scratch = new Histogram();

  /** `watched`: the latencies of which window and history are kept. */
  constructor(workers: number, watched: readonly string[] = []) {
    this.#workers = workers;
    this.#watched = watched;
  }

  /** What exporters write, with the totals of an account. */
  cumulative({ counters, latencies }: Totals): Cumulative {
    return { counters, latencies, gauges: this.gauges() };
  }

  /** The latest gauges, the workers merged as the catalogue says. */
  gauges(): Record<string, number> {
    return merged(this.#gaugesOf.values());
  }

  /** Takes one second of one worker in. */
  add(snapshot: Snapshot): void {
    const { worker, index, gauges } = snapshot;
    this.#gaugesOf.set(worker, gauges);
    const second = this.#open.get(index);
    if (second === undefined) this.#open.set(index, [snapshot]);
    else second.push(snapshot);
    for (const [each, snapshots] of [...this.#open].toSorted(([a], [b]) => a - b)) {
      if (snapshots.length >= this.#workers || each <= index - PATIENCE) this.#close(each, snapshots);
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

  #close(index: number, snapshots: readonly Snapshot[]): void {
    this.#open.delete(index);
    const counters: Record<string, number> = {};
    for (const snapshot of snapshots) {
      for (const [name, count] of Object.entries(snapshot.counters)) counters[name] = (counters[name] ?? 0) + count;
    }
    this.history.push({ index, counters, p99: this.#p99Of(snapshots) });
    if (this.history.length > HISTORY_SECONDS) this.history.shift();
    this.#closed.push(snapshots);
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
      for (const snapshots of this.#closed) {
        for (const { histograms } of snapshots) if (histograms[name]) histogram.addEncoded(histograms[name]);
      }
    }
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
