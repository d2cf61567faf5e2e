/** Sizes of messages, drawn from a mixture. */
import type { Chance } from "../clock/random.ts";
import type { SizeBin } from "../scenario/size_histogram.ts";
import type { SizePart } from "../scenario/size_mixture.ts";

/** The quantile 0.99 of the standard normal distribution. */
const NORMAL_P99 = 2.3263478740408408;

/** A drawn size. */
export interface DrawnSize {
  /** Bytes of content; of the whole request when `sizeIsTotal`. */
  size: number;
  sizeIsTotal: boolean;
}

/** Draws sizes from one mixture. */
export class SizeSampler {
  readonly #parts: readonly SizePart[];
  readonly #random: Chance;
  readonly #weight: number;
  /** Of the parts from histograms: the weights of all bins up to each one. */
  readonly #cumulated: readonly (Float64Array | undefined)[];

  /** `random` is a stream of its own, as a size takes one to three numbers. */
  constructor(parts: readonly SizePart[], random: Chance) {
    this.#parts = parts;
    this.#random = random;
    this.#weight = parts.reduce((sum, part) => sum + part.weight, 0);
    this.#cumulated = parts.map((part) => part.kind === "csv" ? cumulated(part.bins) : undefined);
  }

  /** Draws the next size into `into`. */
  draw(into: DrawnSize): void {
    const part = this.#part();
    into.sizeIsTotal = part.kind === "total";
    into.size = Math.min(part.max, Math.max(part.min, Math.round(this.#drawFrom(part))));
  }

  #part(): SizePart {
    const parts = this.#parts;
    if (parts.length === 1) return parts[0]!;
    let rest = this.#random.uniform() * this.#weight;
    for (let i = 0; i < parts.length - 1; i++) {
      rest -= parts[i]!.weight;
      if (rest < 0) return parts[i]!;
    }
    return parts[parts.length - 1]!;
  }

  #drawFrom(part: SizePart): number {
    switch (part.kind) {
      case "constant":
        return part.size;
      case "uniform":
        return part.least + this.#random.integer(part.most - part.least + 1);
      case "normal":
        return this.#random.normal(part.mean, part.deviation);
      case "lognormal":
        return part.median * Math.exp(this.#random.normal() * (Math.log(part.p99 / part.median) / NORMAL_P99));
      case "pareto":
        return part.least * Math.pow(1 - this.#random.uniform(), -1 / part.shape);
      case "csv":
        return this.#drawBin(part.bins, this.#cumulated[this.#parts.indexOf(part)]!);
      case "total":
        return part.sizes[this.#random.integer(part.sizes.length)]!;
    }
  }

  #drawBin(bins: readonly SizeBin[], until: Float64Array): number {
    const wanted = this.#random.uniform() * until[until.length - 1]!;
    let [low, high] = [0, bins.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (until[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    const { least, most } = bins[low]!;
    return least + this.#random.integer(most - least + 1);
  }
}

function cumulated(bins: readonly SizeBin[]): Float64Array {
  let sum = 0;
  return Float64Array.from(bins, ({ weight }) => sum += weight);
}
