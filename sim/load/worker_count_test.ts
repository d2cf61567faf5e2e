import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { defineScenario } from "../scenario/read.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import type { Demand } from "./demand.ts";
import { placeOf, type TargetPlace } from "./target_address.ts";
import { chooseWorkers, MOST_WORKERS, wholeReason, workersFor } from "./worker_count.ts";

function demand(more: Partial<Demand> = {}): Demand {
  return { clients: 1000, messages: 2000, registrations: 50, cores: 0.2, ...more };
}

function count(cores: number, target: TargetPlace, more: Partial<Demand> = {}): number {
  return chooseWorkers(demand(more), { cores, target }).count;
}

Deno.test("one worker carries what one core carries, however many there are", () => {
  assertEquals(["embedded", "here", "elsewhere"].map((place) => count(64, place as TargetPlace)), [1, 1, 1]);
  assertEquals(count(64, "elsewhere", { cores: 0.6 }), 1);
  assertEquals(count(64, "elsewhere", { cores: 0.61 }), 2);
});

Deno.test("more load gets more workers, and more clients do", () => {
  assertEquals([1, 3, 6].map((cores) => count(64, "elsewhere", { cores })), [2, 5, 10]);
  assertEquals([500_000, 500_001, 2_000_000].map((clients) => count(64, "elsewhere", { clients })), [1, 2, 4]);
});

Deno.test("cores are left to the coordinator, the embedded server, and a server on this machine", () => {
  const all = (cores: number): number[] =>
    (["elsewhere", "embedded", "here"] as const).map((place) => count(cores, place, { cores: 100 }));
  assertEquals([1, 2, 4, 8, 16].map(all), [[1, 1, 1], [1, 1, 1], [3, 2, 1], [7, 6, 3], [15, 14, 7]]);
});

Deno.test("no worker is without a client, and none is beyond what the option takes", () => {
  assertEquals(count(64, "elsewhere", { cores: 10, clients: 3 }), 3);
  assertEquals(count(1000, "elsewhere", { cores: 900 }), MOST_WORKERS);
});

Deno.test("a warning comes when the load asks for more workers than there are, and only then", () => {
  const cut = chooseWorkers(demand({ cores: 3 }), { cores: 4, target: "elsewhere" });
  assertEquals(cut.warning, "the load asks for 5 workers, and there are 3: the generator may be the limit");
  assertStringIncludes(cut.reason, "no more fit");
  assertEquals(chooseWorkers(demand({ cores: 3 }), { cores: 6, target: "elsewhere" }).warning, undefined);
  const alone = chooseWorkers(demand({ cores: 3 }), { cores: 8, target: "here" }, 1);
  assertEquals(alone.warning, "the load asks for 5 workers, and there is 1: the generator may be the limit");
});

Deno.test("a number asked for is taken as it is, and more workers than cores are told", () => {
  const asked = chooseWorkers(demand(), { cores: 4, target: "elsewhere" }, 4);
  assertEquals(asked, { count: 4, reason: "as asked for" });
  const crowded = chooseWorkers(demand(), { cores: 4, target: "elsewhere" }, 5);
  assertEquals([crowded.count, crowded.warning], [5, "5 workers share 4 cores: they keep each other waiting"]);
  assertEquals(wholeReason(crowded), "as asked for; 5 workers share 4 cores: they keep each other waiting");
});

Deno.test("the reason names the peak, what it takes and what is there", () => {
  const { reason } = chooseWorkers(demand(), { cores: 2, target: "embedded" });
  assertEquals(reason, "2000 messages/s at the peak: about 0.20 of 2 cores, the embedded server on one");
  const storm = chooseWorkers(demand({ messages: 0 }), { cores: 2, target: "elsewhere" });
  assertEquals(storm.reason, "50 registrations/s at the peak: about 0.20 of 2 cores");
});

Deno.test("choice grows with cores and load, and stays between 1 and both", () => {
  const cores = fc.integer({ min: 1, max: 200 });
  const load = fc.double({ min: 0, max: 100, noNaN: true });
  const place = fc.constantFrom<TargetPlace>("embedded", "here", "elsewhere");
  fc.assert(fc.property(cores, load, place, (cores, load, place) => {
    const found = count(cores, place, { cores: load });
    assert(found >= 1 && found <= Math.max(1, cores - 1));
    assert(found <= count(cores + 1, place, { cores: load }));
    assert(found <= count(cores, place, { cores: load + 1 }));
  }));
});

Deno.test("placeOf tells servers on this machine by their address, and asks nobody", () => {
  assertEquals(placeOf("embedded"), "embedded");
  for (const uri of ["sip:127.0.0.1:5060", "sip:127.3.2.1", "sip:[::1]:5060", "sip:localhost;transport=tcp"]) {
    assertEquals(placeOf(uri), "here", uri);
  }
  for (const uri of ["sip:198.51.100.7", "sip:ims.example", "sip:[2001:db8::1]"]) {
    assertEquals(placeOf(uri), "elsewhere", uri);
  }
});

Deno.test("agents divide the load, and those on one machine its cores", () => {
  const input: ScenarioInput = {
    name: "shared",
    target: { uri: "sip:198.51.100.7" },
    populations: [{ name: "phones", clients: 1000, messages: { size: 100 } }],
    phases: [{ executor: "constant-arrival-rate", rate: "20000/s", duration: "1m" }],
  };
  const scenario = defineScenario(input);
  // 100 µs a message, both ends ours, and room for 0.6 in each core: 4 are needed by the whole, 2 by a half
  assertEquals(workersFor(scenario, 1).warning?.includes("asks for 4 workers"), true);
  assertEquals(workersFor(scenario, 1, { agents: 2, here: 1 }).warning?.includes("asks for 2 workers"), true);
  assertEquals(workersFor(scenario, undefined, { agents: 4, here: 1000 }).count, 1);
});
