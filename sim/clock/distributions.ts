/** Distributions other than the uniform one, made of numbers in [0, 1). */

/** An exponentially distributed number with the given mean. */
export function exponentialOf(uniform: number, mean: number): number {
  return -Math.log(1 - uniform) * mean;
}

/** A normally distributed number (Box and Muller). */
export function normalOf(uniform: number, other: number, mean: number, deviation: number): number {
  return mean + deviation * Math.sqrt(-2 * Math.log(1 - uniform)) * Math.cos(2 * Math.PI * other);
}
