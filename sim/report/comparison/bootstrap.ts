/** Resampled runs: which values a metric could as well have had. */
import type { Random } from "../../clock/random.ts";
import { sumOf } from "../../metrics/ratio.ts";
import type { Block } from "./blocks.ts";
import { SHARES, type Statistic } from "./metrics.ts";

/** How often each block of a run is in a resampled one; all 1: the run itself. */
export type Weights = Uint16Array;

/** A metric of one run. */
export interface Estimate {
  /** Values it is made of: messages, or seconds for rates and gauges. */
  readonly samples: number;
  /** Null without samples. */
  readonly value: number | null;
  /** The value in each resampled run. */
  readonly resampled: readonly (number | null)[];
}

/** `times` resamples of `blocks` blocks drawn with replacement. */
export function resamples(random: Random, blocks: number, times: number): Weights[] {
  return Array.from({ length: times }, () => {
    const weights = new Uint16Array(blocks);
    for (let drawn = 0; drawn < blocks; drawn++) weights[random.integer(blocks)]!++;
    return weights;
  });
}

/** A run and its resamples, from which every metric is estimated. */
export class Resampler {
  readonly #blocks: readonly Block[];
  /** The run itself first. */
  readonly #draws: readonly Weights[];
  readonly #latencies = new Map<string, LatencyResampler>();

  /** `draws` have a weight for each block. */
  constructor(blocks: readonly Block[], draws: readonly Weights[]) {
    this.#blocks = blocks;
    this.#draws = [new Uint16Array(blocks.length).fill(1), ...draws];
  }

  /** The estimate of a statistic; percentiles are taken from merged distributions, never from percentiles. */
  estimate(statistic: Statistic): Estimate {
    const blocks = this.#blocks;
    switch (statistic.kind) {
      case "ratio": {
        const numerators = blocks.map(({ counters }) => sumOf(statistic.numerator, counters));
        return this.#ratio(numerators, blocks.map(({ counters }) => sumOf(statistic.denominator, counters)));
      }
      case "mean": {
        const sums = blocks.map(({ gauges }) => gauges.get(statistic.gauge)?.sum ?? 0);
        return this.#ratio(sums, blocks.map(({ gauges }) => gauges.get(statistic.gauge)?.count ?? 0));
      }
      case "rate":
        return this.#rate(statistic.counters);
      case "quantile": {
        const { latency, share } = statistic;
        let resampler = this.#latencies.get(latency);
        if (resampler === undefined) {
          resampler = new LatencyResampler(blocks, this.#draws, latency);
          this.#latencies.set(latency, resampler);
        }
        return resampler.estimate(share);
      }
    }
  }

  /** The rate over the whole load; how much it varies is taken from the seconds that are whole. */
  #rate(counters: readonly string[]): Estimate {
    const blocks = this.#blocks;
    const whole = this.#ratio(
      blocks.map((block) => sumOf(counters, block.counters)),
      blocks.map(({ seconds }) => seconds),
    );
    const inner = this.#ratio(
      blocks.map((block) => sumOf(counters, block.inner.counters)),
      blocks.map((block) => block.inner.seconds),
    );
    if (whole.value === null || inner.value === null || inner.value === 0) return whole;
    const scale = whole.value / inner.value;
    return { ...whole, resampled: inner.resampled.map((value) => value === null ? null : value * scale) };
  }

  #ratio(numerators: readonly number[], denominators: readonly number[]): Estimate {
    const [value, ...resampled] = this.#draws.map((weights) => {
      const denominator = weighted(denominators, weights);
      return denominator > 0 ? weighted(numerators, weights) / denominator : null;
    });
    return { samples: denominators.reduce((sum, each) => sum + each, 0), value: value!, resampled };
  }
}

function weighted(values: readonly number[], weights: Weights): number {
  let sum = 0;
  for (let block = 0; block < weights.length; block++) sum += weights[block]! * values[block]!;
  return sum;
}

/** The compared percentiles of one latency in a run and its resamples: each is merged once for all of them. */
class LatencyResampler {
  readonly #samples: number;
  readonly #values: ReadonlyMap<number, readonly (number | null)[]>;

  constructor(blocks: readonly Block[], draws: readonly Weights[], latency: string) {
    const buckets = blocks.map(({ latencies }) => latencies.get(latency) ?? { micros: [], counts: [] });
    const micros = Float64Array.from(new Set(buckets.flatMap((each) => each.micros))).sort();
    const indices = new Map(Array.from(micros, (each, index) => [each, index]));
    const rows = buckets.map((each) => each.micros.map((value, i) => [indices.get(value)!, each.counts[i]!] as const));
    const merged = new Float64Array(micros.length);
    const values = new Map(SHARES.map((share) => [share, [] as (number | null)[]]));
    for (const weights of draws) {
      const total = merge(rows, weights, merged.fill(0));
      for (const [share, list] of values) list.push(total === 0 ? null : micros[indexOfShare(merged, share, total)]!);
    }
    this.#samples = buckets.reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0);
    this.#values = values;
  }

  /** `share`: one of `SHARES`. */
  estimate(share: number): Estimate {
    const [value, ...resampled] = this.#values.get(share)!;
    return { samples: this.#samples, value: value!, resampled };
  }
}

/** Adds weighted rows of index and count to `merged`; gives how many values that are. */
function merge(
  rows: readonly (readonly (readonly [number, number])[])[],
  weights: Weights,
  merged: Float64Array,
): number {
  let total = 0;
  for (let block = 0; block < weights.length; block++) {
    const weight = weights[block]!;
    if (weight === 0) continue;
    for (const [index, count] of rows[block]!) {
      merged[index]! += weight * count;
      total += weight * count;
    }
  }
  return total;
}

/** As HdrHistogram counts: the first that so many do not exceed, rounding errors of the product left out. */
function indexOfShare(counts: Float64Array, share: number, total: number): number {
  const wanted = Math.max(1, Math.ceil(share * total * (1 - Number.EPSILON)));
  let seen = 0;
  let index = -1;
  while (seen < wanted) seen += counts[++index]!;
  return index;
}
