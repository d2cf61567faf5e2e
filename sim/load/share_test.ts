/** Any number of workers does what one does: nothing is lost, and nothing is done twice. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { LoadStand, type Seen } from "../testing/load_stand.ts";

type Load = Pick<ScenarioInput, "populations" | "phases">;

const COUNTS = fc.integer({ min: 2, max: 7 });
const RATE: ScenarioInput["phases"] = [
  { executor: "constant-arrival-rate", rate: "150/s", duration: "400ms", arrivals: "poisson" },
];

/** Populations whose sizes no number of workers divides evenly. */
function populations(sizes: readonly number[], pick: "random" | "ring" | "contacts"): Load["populations"] {
  return sizes.map((clients, number) => ({
    name: `p${number}`,
    clients,
    user: `p${number}u{n}`,
    register: false,
    anonymous: 0.3,
    messages: { size: { uniform: [60, 400] }, to: { population: "p0", pick } },
  }));
}

function seenBy(load: Load, count: number): Seen[] {
  return Array.from({ length: count }, (_, index) => {
    const stand = new LoadStand(load, { index, count });
    stand.run(1500);
    return stand.seen;
  }).flat();
}

const texts = (seen: readonly Seen[]): string[] => seen.map((each) => JSON.stringify(each)).sort();

Deno.test("every client belongs to exactly one of any number of workers", () => {
  const sizes = fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(sizes, COUNTS, (sizes, count) => {
      const load = { populations: populations(sizes, "ring"), phases: RATE };
      const stands = Array.from({ length: count }, (_, index) => new LoadStand(load, { index, count }));
      const all = stands.flatMap(({ clients }) => clients.all.map(({ index }) => index)).sort((a, b) => a - b);
      assertEquals(all, Array.from({ length: sizes.reduce((a, b) => a + b) }, (_, index) => index));
      assertEquals(stands.reduce((sum, stand) => sum + stand.count("clients.configured"), 0), all.length);
      // each finds its own clients, and the addresses of all
      const [first] = stands;
      for (const { clients } of stands) {
        assertEquals(clients.all.map(({ index }) => clients.at(index)?.index), clients.all.map(({ index }) => index));
        assertEquals(all.map((index) => clients.addressOf(index)), all.map((index) => first!.clients.addressOf(index)));
        assertEquals(all.map((index) => clients.numberOf(clients.addressOf(index))), all);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("arrivals of any number of workers are those of one: moments, senders, receivers, contacts, sizes and anonymity", () => {
  const pick = fc.constantFrom("random", "ring", "contacts");
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), pick, COUNTS, (size, pick, count) => {
      const load = { populations: populations([size, 5], pick as "random"), phases: RATE };
      const alone = seenBy(load, 1);
      assertEquals(alone.length, 60);
      assertEquals(texts(seenBy(load, count)), texts(alone));
    }),
    { numRuns: 12 },
  );
});

Deno.test("clients of closed phases do in any number of workers what they do in one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), COUNTS, (vus, count) => {
      const load: Load = {
        populations: populations([9, 4], "random"),
        phases: [
          { executor: "per-vu-iterations", vus, iterations: 3, max_duration: "500ms", think: "20ms" },
          { executor: "shared-iterations", vus, iterations: 20, max_duration: "900ms" },
        ],
      };
      const [alone, together] = [seenBy(load, 1), seenBy(load, count)];
      assertEquals([alone.length, together.length], [vus * 3 + 20, vus * 3 + 20]);
      const own = (seen: readonly Seen[]): string[] => texts(seen.filter(({ at }) => at < 500));
      assertEquals(own(together), own(alone));
      // which client takes a shared iteration is left open; what it sends is not
      const sizes = (seen: readonly Seen[]): number[] => seen.map(({ size }) => size).sort((a, b) => a - b);
      assertEquals(sizes(together), sizes(alone));
    }),
    { numRuns: 12 },
  );
});
