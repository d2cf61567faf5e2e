/** Where one worker counts: numbers in arrays, taken once a second. */
import type { Millis } from "../clock/clock.ts";
import { counterEntry, type CounterName, COUNTERS, type GaugeName, type LatencyName } from "./catalogue.ts";
import { type Dimension, isLatencyPart, type LatencyPart } from "./dimensions.ts";
import { Histogram } from "./histogram.ts";
import { Interval, type RecordedLatency } from "./interval.ts";
import type { Snapshot } from "./snapshot.ts";

const FIXED_IDS: ReadonlyMap<string, number> = new Map(COUNTERS.map((each, id) => [each.name, id]));

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
  /** One for each combination of names that is recorded together. */
  readonly #latencies: { readonly names: readonly LatencyPart[]; histogram: Histogram | undefined }[] = [];
  readonly #latencyIds: Map<string, number> = new Map();
  /** Identifiers of `latencyBy`: a latency, a dimension and its value. */
  readonly #partIds: Map<LatencyName, Map<string, number>> = new Map();
  /** Identifiers of `countBy`. */
  readonly #memberIds: Map<string, Map<string | number, number>> = new Map();
  readonly #merged: Histogram = new Histogram();
  /** Empty ones that served earlier intervals. */
  readonly #spares: Histogram[] = [];
  readonly #gauges: Map<GaugeName, number> = new Map();

  /** `worker`: which worker's snapshots these will be, from 0. */
  constructor(worker = 0) {
    this.#worker = worker;
  }

  /** Adds `by` to a counter. */
  count(name: CounterName, by = 1): void {
    this.#counts[this.counterId(name)]! += by;
  }

  /** Adds 1 to the counter `family.of`, whose name is put together once. */
  countBy(family: "requests" | `responses.${string}`, of: string | number): void {
    let ids = this.#memberIds.get(family);
    if (ids === undefined) this.#memberIds.set(family, ids = new Map());
    let id = ids.get(of);
    if (id === undefined) ids.set(of, id = this.counterId(`${family}.${of}` as CounterName));
    this.#counts[id]!++;
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
    this.latencyOfId(this.#latencyIds.get(name) ?? this.latencyId(name), value);
  }

  /** Records a latency both in all and as the part that a value of a dimension makes of it. */
  latencyBy(name: LatencyName, dimension: Dimension, of: string, value: Millis): void {
    let ids = this.#partIds.get(name);
    if (ids === undefined) this.#partIds.set(name, ids = new Map());
    let id = ids.get(of);
    if (id === undefined) ids.set(of, id = this.latencyId(name, `${name}{${dimension}=${of}}`));
    this.latencyOfId(id, value);
  }

  /**
   * The number for `latencyOfId` that records a value under all these names at once: they are written apart, and cost no
   * more than one. Throws on names that the catalogue does not have.
   */
  latencyId(...names: readonly LatencyPart[]): number {
    const key = names.join(" ");
    const known = this.#latencyIds.get(key);
    if (known !== undefined) return known;
    for (const name of names) {
      if (!isLatencyPart(name)) throw new TypeError(`Cannot record "${name}": not in metrics/catalogue.ts`);
    }
    const id = this.#latencies.push({ names, histogram: undefined }) - 1;
    this.#latencyIds.set(key, id);
    return id;
  }

  /** As `latency`, without the search for the name. */
  latencyOfId(id: number, value: Millis): void {
    const latency = this.#latencies[id]!;
    // 190 KiB each: made when the first value comes
    latency.histogram ??= new Histogram();
    latency.histogram.record(value);
  }

  /** A quantile in microseconds of a latency in the interval under way; undefined without values. */
  quantile(id: number, share: number): number | undefined {
    const histogram = this.#latencies[id]?.histogram;
    return histogram === undefined || histogram.count() === 0 ? undefined : histogram.quantile(share);
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
    return this.cut(index, at).snapshot();
  }

  /** As `take`, but what takes long is left to do: some of it at a time, while the next interval is under way. */
  cut(index: number, at: Millis): Interval {
    const latencies = this.#cutLatencies();
    const counters: Record<string, number> = {};
    for (const [id, count] of this.#counts.entries()) {
      if (count === 0) continue;
      counters[this.#names[id]!] = count;
      this.#counts[id] = 0;
    }
    const gauges = Object.fromEntries(this.#gauges);
    this.#gauges.clear();
    return new Interval({ worker: this.#worker, index, at, counters, gauges }, latencies, this.#merged, this.#spares);
  }

  /** Gives the histograms that have values away; others take their places. */
  #cutLatencies(): RecordedLatency[] {
    const recorded: RecordedLatency[] = [];
    for (const latency of this.#latencies) {
      const { names, histogram } = latency;
      if (histogram === undefined || histogram.count() === 0) continue;
      this.count("generator.latency_overflows", histogram.overflows);
      recorded.push({ names, histogram });
      latency.histogram = this.#spares.pop();
    }
    return recorded;
  }
}
