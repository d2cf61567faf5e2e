import { assert, assertEquals } from "@std/assert";
import { defineScenario } from "../scenario/read.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { Arrivals } from "./arrivals.ts";
import { planOf } from "./plan.ts";
import { type Arrival, emptyArrival } from "./sendings.ts";

type Populations = ScenarioInput["populations"];

const PHONES: Populations = [{ name: "phones", clients: 10, messages: { size: 100 } }];

function all(input: Partial<ScenarioInput>): Arrival[] {
  const scenario = defineScenario({
    name: "arrivals",
    seed: 42,
    target: { uri: "embedded" },
    populations: PHONES,
    phases: [{ executor: "constant-arrival-rate", rate: "100/s", duration: "10s", arrivals: "poisson" }],
    ...input,
  });
  const arrivals = new Arrivals(planOf(scenario), scenario);
  const list: Arrival[] = [];
  const into = emptyArrival();
  while (arrivals.next(into)) list.push({ ...into });
  return list;
}

Deno.test("arrivals are numbered in order of time, over all phases", () => {
  const list = all({
    phases: [
      { executor: "constant-arrival-rate", rate: "100/s", duration: "1s" },
      { executor: "constant-arrival-rate", rate: "0/s", duration: "1s" },
      { executor: "constant-arrival-rate", rate: "50/s", duration: "1s", arrivals: "poisson" },
    ],
  });
  assertEquals(list.length, 150);
  assertEquals(list.map(({ sequence }) => sequence), list.map((_, i) => i));
  assert(list.every(({ at }, i) => i === 0 || at >= list[i - 1]!.at));
  assertEquals(list.filter(({ phase }) => phase === 2).length, 50);
  assert(list.filter(({ phase }) => phase === 2).every(({ at }) => at >= 2000 && at <= 3000));
});

Deno.test("arrivals of the warm-up do not count, in each phase for itself", () => {
  const phase = { executor: "constant-arrival-rate", rate: "100/s", duration: "1s", warmup: "200ms" } as const;
  const list = all({ phases: [phase, phase] });
  assertEquals(list.filter(({ counted }) => !counted).length, 40);
  assert(list.every(({ at, counted }) => counted === (at % 1000 >= 200)));
});

Deno.test("the same seed gives the same messages, another seed others", () => {
  assertEquals(all({}), all({}));
  assert(all({}).some(({ sender }, i) => sender !== all({ seed: 43 })[i]!.sender));
});

Deno.test("senders are the clients of populations with messages, all equally often", () => {
  const list = all({
    populations: [
      { name: "a", clients: 10, messages: { size: 1 } },
      { name: "quiet", clients: 50 },
      { name: "b", clients: 30, messages: { size: 2 } },
    ],
    phases: [{ executor: "constant-arrival-rate", rate: "4000/s", duration: "10s" }],
  });
  const counts = new Map<number, number>();
  for (const { sender } of list) counts.set(sender, (counts.get(sender) ?? 0) + 1);
  assertEquals(counts.size, 40);
  for (const [sender, count] of counts) {
    assert(sender < 10 || (sender >= 60 && sender < 90), `sender ${sender}`);
    assert(Math.abs(count - 1000) < 150, `${sender}: ${count}`);
  }
  assert(list.every(({ sender, size }) => size === (sender < 10 ? 1 : 2)));
});

Deno.test("random receivers are all others of the population, never the sender", () => {
  const list = all({ phases: [{ executor: "constant-arrival-rate", rate: "9000/s", duration: "1s" }] });
  assert(list.every(({ sender, receiver }) => sender !== receiver && receiver >= 0 && receiver < 10));
  assertEquals(new Set(list.map(({ sender, receiver }) => `${sender} ${receiver}`)).size, 90);
});

Deno.test("receivers of another population may have the sender's number", () => {
  const list = all({
    populations: [
      { name: "a", clients: 3, messages: { size: 1, to: { population: "b" } } },
      { name: "b", clients: 3 },
    ],
  });
  assertEquals(new Set(list.map(({ receiver }) => receiver)), new Set([3, 4, 5]));
  assert(list.some(({ sender, receiver }) => receiver === sender + 3));
});

Deno.test("a ring sends to the next in number, of another population to the same number", () => {
  const ring = (population: string, size: number): Populations => [
    { name: "a", clients: 4, messages: { size: 1, to: { population, pick: "ring" } } },
    { name: "b", clients: size },
  ];
  assert(all({ populations: ring("a", 1) }).every(({ sender, receiver }) => receiver === (sender + 1) % 4));
  assert(all({ populations: ring("b", 3) }).every(({ sender, receiver }) => receiver === 4 + (sender % 3)));
});

Deno.test("receivers that are not ours come by their address", () => {
  const list = all({
    populations: [{ name: "a", clients: 1, messages: { size: 1, to: { uri: "sip:bob@ims.example" } } }],
  });
  assert(list.every(({ receiver, receiverUri }) => receiver === -1 && receiverUri === "sip:bob@ims.example"));
});

Deno.test("other sizes leave senders, receivers and moments as they were, and so for each of them", () => {
  const without = (list: Arrival[], ...keys: (keyof Arrival)[]) =>
    list.map((arrival) =>
      Object.fromEntries(Object.entries(arrival).filter(([key]) => !keys.includes(key as keyof Arrival)))
    );
  const mixture = [{ normal: { mean: 300, deviation: 50 } }, { total: [1300] }];
  const base = all({ populations: [{ ...PHONES[0]!, messages: { size: mixture } }] });
  assertEquals(without(all({}), "size", "sizeIsTotal"), without(base, "size", "sizeIsTotal"));
  const ring = all({
    populations: [{ ...PHONES[0]!, messages: { size: mixture, to: { population: "phones", pick: "ring" } } }],
  });
  assertEquals(without(ring, "receiver"), without(base, "receiver"));
  const hidden = all({ populations: [{ ...PHONES[0]!, anonymous: 0.5, messages: { size: mixture } }] });
  assertEquals(without(hidden, "anonymous"), without(base, "anonymous"));
  const share = hidden.filter(({ anonymous }) => anonymous).length / hidden.length;
  assert(Math.abs(share - 0.5) < 0.06 && base.every(({ anonymous }) => !anonymous), `${share}`);
  const even = all({
    populations: [{ ...PHONES[0]!, messages: { size: mixture } }],
    phases: [{ executor: "constant-arrival-rate", rate: "100/s", duration: "10s" }],
  });
  assertEquals(without(even, "at", "due"), without(base, "at", "due"));
});

Deno.test("a million arrivals take less than a second or two", () => {
  const scenario = defineScenario({
    name: "many",
    target: { uri: "embedded" },
    populations: [{
      name: "phones",
      clients: 100_000,
      messages: { size: [{ lognormal: { median: 140, p99: 900 } }, { uniform: [1, 5000] }] },
    }],
    phases: [{ executor: "constant-arrival-rate", rate: "100000/s", duration: "10s", arrivals: "poisson" }],
  });
  const arrivals = new Arrivals(planOf(scenario), scenario);
  const into = emptyArrival();
  const start = performance.now();
  let count = 0;
  while (arrivals.next(into)) count++;
  assertEquals(count, 1_000_000);
  // about 0.35 s; the rest is for busy machines
  assert(performance.now() - start < 3000, `${performance.now() - start} ms`);
});
