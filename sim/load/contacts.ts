/**
 * Who knows whom: a contact graph with heavy tails, computed from the seed and never stored.
 *
 * Clients have a Pareto-distributed number of contacts (shape 2), and the chance to be somebody's contact falls with the
 * square root of a client's rank in popularity: the degrees that preferential attachment gives (Barabási and Albert,
 * 1999). Of its contacts a client writes to the first ones most.
 */
import { KeyedRandom } from "../clock/keyed_random.ts";
import type { Chance } from "../clock/random.ts";

/** Mean number of contacts where a scenario does not say. */
export const DEFAULT_CONTACTS = 20;

/** The contacts of clients among the clients `0` to `count - 1` of one population. */
export class ContactGraph {
  readonly #keyed: KeyedRandom;
  readonly #count: number;
  readonly #least: number;
  readonly #step: number;
  readonly #shift: number;

  /** `mean`: mean number of contacts, as far as there are so many clients. */
  constructor(seed: number, stream: number, count: number, mean: number) {
    this.#keyed = new KeyedRandom(seed, stream);
    this.#count = count;
    // the mean of a Pareto distribution of shape 2 is twice its least value; half a contact is lost by rounding down
    this.#least = Math.max(1, (mean + 0.5) / 2);
    this.#keyed.rekey(count, 0xffff_ffff);
    this.#shift = this.#keyed.integer(count);
    this.#step = stepThrough(count, this.#keyed.integer(count));
  }

  /** How many contacts a client has, of any number; at least 1. */
  degreeOf(client: number): number {
    this.#keyed.rekey(client, 0xffff_fffe);
    const degree = Math.floor(this.#least / Math.sqrt(1 - this.#keyed.uniform()));
    return Math.max(1, Math.min(degree, this.#count));
  }

  /** Contact `index` of a client. */
  contactOf(client: number, index: number): number {
    this.#keyed.rekey(client, index);
    const rank = Math.floor(this.#count * this.#keyed.uniform() ** 2);
    // ranks are spread over the numbers, so that the popular ones do not share a worker
    return (rank * this.#step + this.#shift) % this.#count;
  }

  /** The contact that a client writes to, by chance; the first ones more often. */
  pick(client: number, chance: Chance): number {
    return this.contactOf(client, Math.floor(this.degreeOf(client) * chance.uniform() ** 2));
  }
}

/** A step that leads through all of `0` to `count - 1`: it has no common divisor with `count`. */
function stepThrough(count: number, from: number): number {
  let step = from;
  while (commonDivisor(step, count) !== 1) step++;
  return step;
}

function commonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
