/** Where one worker counts: numbers in arrays, taken once a second. */
import type { Millis } from "../clock/clock.ts";
import { counterEntry, type CounterName, COUNTERS, type GaugeName, LATENCIES, type LatencyName } from "./catalogue.ts";
import { Histogram } from "./histogram.ts";
import type { Snapshot } from "./snapshot.ts";

const FIXED_IDS: ReadonlyMap<string, number> = new Map(COUNTERS.map((each, id) => [each.name, id]));
const LATENCY_IDS: ReadonlyMap<string, number> = new Map(LATENCIES.map((each, id) => [each.name, id]));

/** The number that a counter has in every recorder, for `countId`; throws for members of families, which have none. */
export function fixedCounterId(name: CounterName): number {
  const id = FIXED_IDS.get(name);
  if (id === undefined) throw new TypeError(`Cannot number "${name}": not by itself in metrics/catalogue.ts`);
  return id;
}

/** Counts, latencies and gauges of one worker since the last `take`. */
export class Recorder {
  readonly #worker: number;
  readonly #ids: Map<string, number> = new Map(FIXED_IDS);
  readonly #names: string[] = COUNTERS.map((each) => each.name);
  readonly #counts: number[] = COUNTERS.map(() => 0);
  readonly #latencies: (Histogram | undefined)[] = LATENCIES.map(() => undefined);
  readonly #gauges: Map<GaugeName, number> = new Map();

  /** `worker`: which worker's snapshots these will be, from 0. */
  constructor(worker = 0) {
    this.#worker = worker;
  }

  /** Adds `by` to a counter. */
  count(name: CounterName, by = 1): void {
    this.#counts[this.counterId(name)]! += by;
  }

  /** The number of a counter of this recorder, for `countId`; throws on a name that the catalogue does not have. */
  counterId(name: CounterName): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (counterEntry(name) === undefined) throw new TypeError(`Cannot count "${name}": not in metrics/catalogue.ts`);
    const id = this.#counts.push(0) - 1;
    this.#ids.set(name, id);
    this.#names.push(name);
    return id;
  }

  /** As `count`, without the search for the name. */
  countId(id: number, by = 1): void {
    this.#counts[id]! += by;
  }

  /** Records a latency. */
  latency(name: LatencyName, value: Millis): void {
    this.latencyOfId(this.latencyId(name), value);
  }

  /** The number of a latency, for `latencyOfId`. */
  latencyId(name: LatencyName): number {
    const id = LATENCY_IDS.get(name);
    if (id === undefined) throw new TypeError(`Cannot record "${name}": not in metrics/catalogue.ts`);
    return id;
  }

  /** As `latency`, without the search for the name. */
  latencyOfId(id: number, value: Millis): void {
    // 190 KiB each: made when the first value comes
    const histogram = this.#latencies[id] ??= new Histogram();
    histogram.record(value);
  }

  /** Says what is true now; the last value of an interval is kept. */
  gauge(name: GaugeName, value: number): void {
    this.#gauges.set(name, value);
  }

  /**
   * What was counted since the last call; the next interval starts at nothing.
   *
   * `index`: the second of the run; `at`: milliseconds since the run started. Counters at 0 are left out.
   */
  take(index: number, at: Millis): Snapshot {
    const histograms: Record<string, Uint8Array> = {};
    for (const [id, histogram] of this.#latencies.entries()) {
      if (histogram === undefined || histogram.count() === 0) continue;
      this.count("generator.latency_overflows", histogram.overflows);
      histograms[LATENCIES[id]!.name] = histogram.encode();
      histogram.reset();
    }
    const counters: Record<string, number> = {};
    for (const [id, count] of this.#counts.entries()) {
      if (count === 0) continue;
      counters[this.#names[id]!] = count;
      this.#counts[id] = 0;
    }
    const gauges = Object.fromEntries(this.#gauges);
    this.#gauges.clear();
    return { worker: this.#worker, index, at, counters, gauges, histograms };
  }
}
