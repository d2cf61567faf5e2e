import { assertEquals } from "@std/assert";
import type { Scenario } from "../scenario/scenario.ts";
import type { Source } from "../scenario/source.ts";
import { obstacleToLocal, shortageOf, sourceFaults } from "./preflight.ts";

function scenarioOf(...sources: readonly (Source | undefined)[]): Scenario {
  const populations = sources.map((source) => ({ clients: 20, ...(source === undefined ? {} : { source }) }));
  return { populations } as unknown as Scenario;
}

Deno.test("an address that this machine does not have cannot be sent from", () => {
  assertEquals(obstacleToLocal("127.0.0.1"), undefined);
  assertEquals(obstacleToLocal("127.99.3.4"), undefined);
  assertEquals(typeof obstacleToLocal("192.0.2.1"), "string");
});

Deno.test("every population whose addresses cannot be sent from is named, once", () => {
  const far: Source = { addresses: ["127.0.0.5", "127.0.0.6"], ports: 3 };
  const [first, ...others] = sourceFaults(
    scenarioOf(undefined, { ports: 5 }, far, { addresses: ["192.0.2.0/24"], ports: 1 }),
    undefined,
  );
  assertEquals([first!.path, others.length], [["populations", 3, "source", "addresses"], 0]);
  assertEquals(first!.what.startsWith("cannot be sent from: "), true, first!.what);
  assertEquals(sourceFaults(scenarioOf(far), "127.0.0.1"), []);
  assertEquals(sourceFaults(scenarioOf(far), "192.0.2.9"), [{
    path: ["populations", 0, "source", "addresses"],
    what: "cannot reach a target outside this machine: 127.0.0.5",
  }]);
});

Deno.test("too few file descriptors are known before the run", () => {
  assertEquals(shortageOf(400, 2, 50, 1024), undefined);
  assertEquals(shortageOf(479, 2, 50, 1024), undefined);
  assertEquals(
    shortageOf(480, 2, 50, 1024),
    "480 sources, two for each, need about 1026 file descriptors, and this process may open 1024 (ulimit -n)",
  );
  assertEquals(
    shortageOf(0, 2, 50, 64),
    "2 workers need about 66 file descriptors, and this process may open 64 (ulimit -n)",
  );
});
