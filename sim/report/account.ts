/** What reports need of a run, added up second by second: its memory does not grow with the length of the run. */
import { gaugeMerge } from "../metrics/catalogue.ts";
import { type Snapshot, Totals } from "../metrics/snapshot.ts";

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

/** One second of all workers that have reported it. */
interface Second {
  readonly gauges: Record<string, number>;
  delivered: number;
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
  #deliveredPeak = 0;

  /** Takes one second of one worker in. */
  add(snapshot: Snapshot): this {
    this.snapshots++;
    this.totals.add(snapshot);
    this.#addSpans(snapshot);
    this.#addCpu(snapshot);
    this.#addSecond(snapshot);
    for (const [index, second] of this.#seconds) {
      if (index > snapshot.index - SECONDS_KEPT) break;
      this.#close(second);
      this.#seconds.delete(index);
    }
    return this;
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

  #addSecond({ index, gauges, counters }: Snapshot): void {
    let second = this.#seconds.get(index);
    if (second === undefined) this.#seconds.set(index, second = { gauges: {}, delivered: 0 });
    second.delivered += counters["messages.delivered"] ?? 0;
    for (const [name, value] of Object.entries(gauges)) {
      const before = second.gauges[name];
      second.gauges[name] = before === undefined
        ? value
        : gaugeMerge(name) === "sum"
        ? before + value
        : Math.max(before, value);
    }
  }

  #close({ gauges, delivered }: Second): void {
    const peaks = this.#gaugePeaks;
    for (const [name, value] of Object.entries(gauges)) peaks[name] = Math.max(peaks[name] ?? value, value);
    this.#deliveredPeak = Math.max(this.#deliveredPeak, delivered);
  }
}

/** Counters whose first and last second are kept. */
const SPANNED = ["generator.arrivals", "messages.attempted"] as const;

/** The account of a whole run, in whatever order its seconds come. */
export function accountOf(snapshots: Iterable<Snapshot>): Account {
  const account = new Account();
  for (const snapshot of [...snapshots].sort((a, b) => a.index - b.index)) account.add(snapshot);
  return account;
}
