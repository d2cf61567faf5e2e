/** Which addresses and ports the clients of a worker send from. */
import type { Scenario } from "../scenario/scenario.ts";
import { type Source, sourceCount, sourceHost } from "../scenario/source.ts";
import type { Address } from "../transport/flow.ts";
import type { ClientSources } from "../ua/settings.ts";
import type { Share } from "./clients.ts";

/** The sources of a worker's clients. */
export interface WorkerSources {
  /** To be opened besides the worker's own address, port 0 each: source 1 is the first of them. */
  readonly addresses: readonly Address[];
  /** By number of the population; undefined where its clients send from the worker's own address. */
  readonly populations: readonly (ClientSources | undefined)[];
}

/**
 * The share of a worker: the sources whose number is `index` modulo `count`, and of these no more than it has clients.
 * Where there are fewer sources than workers each has one all the same, for workers share no socket. `host`: the address
 * that packets to the target leave from.
 */
export function sourcesOf(scenario: Pick<Scenario, "populations">, share: Share, host: string): WorkerSources {
  const addresses: Address[] = [];
  let first = 0;
  const populations = scenario.populations.map(({ source, clients }): ClientSources | undefined => {
    const begin = first;
    first += clients;
    if (source === undefined) return undefined;
    const count = Math.min(localCount(source, share), clientsOf(begin, clients, share));
    const spread = new Spread(addresses.length + 1, count, begin, share.count);
    for (let i = 0; i < count; i++) {
      addresses.push({ host: sourceHost(source, i * share.count + share.index) ?? host, port: 0 });
    }
    return spread;
  });
  return { addresses, populations };
}

/** The addresses that a scenario names and that its clients send from, of all workers. */
export function sourceHosts(scenario: Pick<Scenario, "populations">): string[] {
  const named = scenario.populations.filter(({ source }) => source?.addresses !== undefined);
  const { addresses } = sourcesOf({ populations: named }, { index: 0, count: 1 }, "");
  return [...new Set(addresses.map(({ host }) => host))];
}

/** The sources of all workers together, less than a scenario names where it has fewer clients. */
export function countOfSources(scenario: Pick<Scenario, "populations">, workers: number): number {
  let sum = 0;
  for (let index = 0; index < workers; index++) {
    sum += sourcesOf(scenario, { index, count: workers }, "127.0.0.1").addresses.length;
  }
  return sum;
}

/** The clients of a population one after another over sources one after another. */
class Spread implements ClientSources {
  readonly #source: number;
  readonly #count: number;
  readonly #begin: number;
  readonly #workers: number;

  /** Sources `[source, source + count)` for the clients from number `begin` on that belong to one of the workers. */
  constructor(source: number, count: number, begin: number, workers: number) {
    this.#source = source;
    this.#count = count;
    this.#begin = begin;
    this.#workers = workers;
  }

  of(index: number): number {
    return this.#source + Math.floor((index - this.#begin) / this.#workers) % this.#count;
  }
}

function localCount(source: Source, { index, count }: Share): number {
  return Math.max(1, Math.ceil((sourceCount(source) - index) / count));
}

/** How many of the numbers `[begin, begin + clients)` are `index` modulo `count`. */
function clientsOf(begin: number, clients: number, { index, count }: Share): number {
  const before = (end: number): number => Math.max(0, Math.ceil((end - index) / count));
  return before(begin + clients) - before(begin);
}
