/** Resampled runs: which values a metric could as well have had. */
import type { Random } from "../../clock/random.ts";
import { sumOf } from "../../metrics/ratio.ts";
import type { Block } from "./blocks.ts";
import type { Statistic } from "./metrics.ts";

/** How often each block of a run is in a resampled one; all 1: the run itself. */
export type Weights = Uint16Array;

/** A metric of one run as a function of the weights of its blocks; null without samples. */
export interface Estimator {
  /** Values it is made of: messages, or seconds for rates and gauges. */
  readonly samples: number;
  value(weights: Weights): number | null;
}

/** `times` resamples of `blocks` blocks drawn with replacement. */
export function resamples(random: Random, blocks: number, times: number): Weights[] {
  return Array.from({ length: times }, () => {
    const weights = new Uint16Array(blocks);
    for (let drawn = 0; drawn < blocks; drawn++) weights[random.integer(blocks)]!++;
    return weights;
  });
}

/** The run itself as weights. */
export function unweighted(blocks: number): Weights {
  return new Uint16Array(blocks).fill(1);
}

/** The estimator of a statistic; percentiles are taken from merged distributions, never from percentiles. */
export function estimatorOf(statistic: Statistic, blocks: readonly Block[]): Estimator {
  switch (statistic.kind) {
    case "ratio": {
      const { numerator, denominator } = statistic;
      return new RatioEstimator(
        blocks.map(({ counters }) => sumOf(numerator, counters)),
        blocks.map(({ counters }) => sumOf(denominator, counters)),
      );
    }
    case "rate":
      return new RatioEstimator(
        blocks.map(({ counters }) => sumOf(statistic.counters, counters)),
        blocks.map(({ seconds }) => seconds),
      );
    case "mean":
      return new RatioEstimator(
        blocks.map(({ gauges }) => gauges.get(statistic.gauge)?.sum ?? 0),
        blocks.map(({ gauges }) => gauges.get(statistic.gauge)?.count ?? 0),
      );
    case "quantile":
      return new QuantileEstimator(blocks, statistic.latency, statistic.share);
  }
}

class RatioEstimator implements Estimator {
  readonly samples: number;
  readonly #numerators: readonly number[];
  readonly #denominators: readonly number[];

  constructor(numerators: readonly number[], denominators: readonly number[]) {
    this.#numerators = numerators;
    this.#denominators = denominators;
    this.samples = denominators.reduce((sum, each) => sum + each, 0);
  }

  value(weights: Weights): number | null {
    let numerator = 0;
    let denominator = 0;
    for (let block = 0; block < weights.length; block++) {
      numerator += weights[block]! * this.#numerators[block]!;
      denominator += weights[block]! * this.#denominators[block]!;
    }
    return denominator > 0 ? numerator / denominator : null;
  }
}

class QuantileEstimator implements Estimator {
  readonly samples: number;
  readonly #share: number;
  /** Values of all buckets that any block uses, ascending. */
  readonly #micros: Float64Array;
  /** For each block, pairs of index in `#micros` and count. */
  readonly #blocks: readonly Float64Array[];
  readonly #totals: readonly number[];
  readonly #merged: Float64Array;

  constructor(blocks: readonly Block[], latency: string, share: number) {
    this.#share = share;
    const buckets = blocks.map(({ latencies }) => latencies.get(latency) ?? { micros: [], counts: [] });
    this.#micros = Float64Array.from(new Set(buckets.flatMap(({ micros }) => micros))).sort();
    const indices = new Map(Array.from(this.#micros, (micros, index) => [micros, index]));
    this.#blocks = buckets.map(({ micros, counts }) =>
      Float64Array.from(micros.flatMap((each, i) => [indices.get(each)!, counts[i]!]))
    );
    this.#totals = buckets.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
    this.#merged = new Float64Array(this.#micros.length);
    this.samples = this.#totals.reduce((sum, total) => sum + total, 0);
  }

  value(weights: Weights): number | null {
    const merged = this.#merged.fill(0);
    let total = 0;
    for (const [block, pairs] of this.#blocks.entries()) {
      const weight = weights[block]!;
      if (weight === 0) continue;
      total += weight * this.#totals[block]!;
      for (let i = 0; i < pairs.length; i += 2) merged[pairs[i]!]! += weight * pairs[i + 1]!;
    }
    if (total === 0) return null;
    // as HdrHistogram counts: the first value that so many do not exceed, rounding errors of the product left out
    const wanted = Math.max(1, Math.ceil(this.#share * total * (1 - Number.EPSILON)));
    let seen = 0;
    for (let index = 0; index < merged.length; index++) {
      seen += merged[index]!;
      if (seen >= wanted) return this.#micros[index]!;
    }
    return null;
  }
}
