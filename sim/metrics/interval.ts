/** What one worker counted in one interval, encoded piece by piece. */
import type { LatencyPart } from "./dimensions.ts";
import type { Histogram } from "./histogram.ts";
import type { Snapshot } from "./snapshot.ts";

/** Histograms whose sum is written under each of these names. */
export interface RecordedLatency {
  readonly names: readonly LatencyPart[];
  readonly histogram: Histogram;
}

/**
 * An interval that is over: nobody records into it any more, so its pieces may be encoded while the next one is under way.
 * All of them describe the moment at which it was cut off.
 */
export class Interval {
  readonly #rest: Omit<Snapshot, "histograms">;
  readonly #latencies: readonly RecordedLatency[];
  readonly #byName: Map<string, Histogram[]> = new Map();
  readonly #left: string[];
  readonly #histograms: Record<string, Uint8Array> = {};
  readonly #merged: Histogram;
  readonly #spares: Histogram[];
  #emptied = 0;

  /** `merged` is used to add histograms up; those that were encoded and emptied go to `spares`. */
  constructor(
    rest: Omit<Snapshot, "histograms">,
    latencies: readonly RecordedLatency[],
    merged: Histogram,
    spares: Histogram[],
  ) {
    this.#rest = rest;
    this.#latencies = latencies;
    this.#merged = merged;
    this.#spares = spares;
    for (const { names, histogram } of latencies) {
      for (const name of names) {
        const parts = this.#byName.get(name);
        if (parts === undefined) this.#byName.set(name, [histogram]);
        else parts.push(histogram);
      }
    }
    this.#left = [...this.#byName.keys()].reverse();
  }

  /** Does one piece of the work; whether something is left to do. */
  step(): boolean {
    const name = this.#left.pop();
    if (name !== undefined) this.#histograms[name] = this.#encode(this.#byName.get(name)!);
    else if (this.#emptied < this.#latencies.length) {
      const { histogram } = this.#latencies[this.#emptied++]!;
      histogram.reset();
      this.#spares.push(histogram);
    }
    return this.#left.length > 0 || this.#emptied < this.#latencies.length;
  }

  /** All of it; does what is left to do. */
  snapshot(): Snapshot {
    while (this.step());
    return { ...this.#rest, histograms: this.#histograms };
  }

  #encode(parts: readonly Histogram[]): Uint8Array {
    if (parts.length === 1) return parts[0]!.encode();
    const merged = this.#merged;
    merged.reset();
    for (const part of parts) merged.add(part);
    return merged.encode();
  }
}
