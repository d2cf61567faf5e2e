import { assertEquals } from "@std/assert";
import type { Scenario } from "../scenario/scenario.ts";
import type { Source } from "../scenario/source.ts";
import { formatAddress } from "../transport/address.ts";
import { countOfSources, sourcesOf } from "./sources.ts";

function scenarioOf(populations: readonly { clients: number; source?: Source }[]): Pick<Scenario, "populations"> {
  return { populations: populations as Scenario["populations"] };
}

const HOST = "127.0.0.1";
const ALONE = { index: 0, count: 1 };

Deno.test("clients are spread evenly over the sources of their population, others keep the first address", () => {
  const scenario = scenarioOf([
    { clients: 4 },
    { clients: 5, source: { ports: 2 } },
    { clients: 3, source: { addresses: ["127.0.1.1-127.0.1.9"], ports: 1 } },
  ]);
  const { addresses, populations } = sourcesOf(scenario, ALONE, HOST);
  assertEquals(addresses.map(formatAddress), [
    "127.0.0.1:0",
    "127.0.0.1:0",
    // no more than there are clients
    "127.0.1.1:0",
    "127.0.1.2:0",
    "127.0.1.3:0",
  ]);
  assertEquals(populations[0], undefined);
  assertEquals([4, 5, 6, 7, 8].map((client) => populations[1]!.of(client)), [1, 2, 1, 2, 1]);
  assertEquals([9, 10, 11].map((client) => populations[2]!.of(client)), [3, 4, 5]);
  assertEquals(countOfSources(scenario, 1), 5);
});

Deno.test("workers have the sources among them, each its own, and each client one of its worker's", () => {
  for (const [clients, ports, workers] of [[1000, 100, 3], [7, 5, 2], [50, 3, 4], [10, 10, 1], [3, 100, 2]] as const) {
    const source = { addresses: [`10.0.0.1-10.0.0.${ports}`], ports: 1 };
    // a population before it, so that numbers do not begin at 0
    const scenario = scenarioOf([{ clients: 5 }, { clients, source }]);
    const used: string[] = [];
    const perSource = new Map<string, number>();
    for (let index = 0; index < workers; index++) {
      const share = { index, count: workers };
      const { addresses, populations } = sourcesOf(scenario, share, HOST);
      used.push(...addresses.map(({ host }) => host));
      for (let client = 5; client < 5 + clients; client++) {
        if (client % workers !== index) continue;
        const key = `${index} ${addresses[populations[1]!.of(client) - 1]!.host}`;
        perSource.set(key, (perSource.get(key) ?? 0) + 1);
      }
    }
    const wanted = Math.max(Math.min(ports, clients), Math.min(workers, clients));
    assertEquals([used.length, new Set(used).size], [wanted, Math.min(ports, clients)], `${[clients, ports, workers]}`);
    assertEquals([perSource.size, countOfSources(scenario, workers)], [wanted, wanted]);
    const counts = [...perSource.values()];
    if (ports % workers === 0) assertEquals(Math.max(...counts) - Math.min(...counts) <= 1, true, `${counts}`);
  }
});
