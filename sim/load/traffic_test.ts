/** The load as it runs: what starts when, in simulated time. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { LoadStand, type Seen } from "../testing/load_stand.ts";

type Population = ScenarioInput["populations"][number];
type Phase = ScenarioInput["phases"][number];

const STEADY: Phase = { executor: "constant-arrival-rate", rate: "100/s", duration: "2s" };

function population(more: Partial<Population> = {}): Population {
  return { name: "a", clients: 20, register: false, messages: { size: 100 }, ...more };
}

function stand(
  phases: readonly Phase[],
  more: Partial<Population> = {},
  limits: NonNullable<ScenarioInput["limits"]> = {},
): LoadStand {
  return new LoadStand({ populations: [population(more)], phases: [...phases], limits });
}

Deno.test("a pause makes nothing late: what is due comes later by as long as it took", () => {
  const load = stand([STEADY]);
  load.run(500);
  load.generator.pause(500);
  load.run(1000);
  load.generator.resume(1500);
  load.run(3000);
  assertEquals([load.between(0, 501), load.between(502, 1500), load.seen.length], [50, 0, 200]);
  // about 1 ms each: turn and network, and no trace of the second
  const { histograms } = load.recorder.take(0, 0);
  assert("pager_accept" in histograms);
  assertEquals(load.generator.startedAt(), 1001);
});

Deno.test("a changed rate holds from then on, and phases keep their lengths", () => {
  const load = stand([STEADY]);
  load.run(1001);
  load.generator.setRate(3, 1001);
  assertEquals(Math.round(load.generator.askedRate(1001)), 300);
  load.run(3000);
  assert(Math.abs(load.between(0, 1002) - 100) <= 1, `${load.between(0, 1002)}`);
  assert(Math.abs(load.seen.length - 400) <= 2, `${load.seen.length}`);
  assert(load.seen.at(-1)!.at <= 2005);
});

Deno.test("rate 0 starts nothing until there is a rate again", () => {
  const load = stand([STEADY]);
  load.run(501);
  load.generator.setRate(0, 501);
  load.run(1000);
  load.generator.setRate(1, 1501);
  load.run(3000);
  assert(Math.abs(load.seen.length - 100) <= 1, `${load.seen.length}`);
  assertEquals(load.between(510, 1500), 0);
});

Deno.test("arrivals without room are dropped and counted, or wait and keep their intended instant", () => {
  const drops = stand([STEADY], {}, { in_flight: 10 });
  drops.answerAfter = 2000;
  drops.run(2000);
  assertEquals(drops.seen.length, 10);
  assertEquals([drops.count("generator.dropped_arrivals"), drops.count("generator.arrivals")], [190, 200]);

  const queues = stand([STEADY], {}, { in_flight: 10, in_flight_policy: "queue" });
  queues.answerAfter = 2500;
  queues.run(2400);
  assertEquals(queues.seen.length, 10);
  queues.answerAfter = 1;
  queues.run(3000);
  assertEquals([queues.seen.length, queues.count("generator.dropped_arrivals")], [200, 0]);
  assert(queues.count("generator.queued_arrivals") >= 188, `${queues.count("generator.queued_arrivals")}`);
});

Deno.test("a VU begins its next message when the last is settled, after its think time", () => {
  const load = stand([{ executor: "constant-vus", vus: 4, duration: "1s", think: "90ms" }]);
  load.answerAfter = 8;
  load.run(3000);
  const own = load.seen.filter(({ from }) => from === load.seen[0]!.from).map(({ at }) => at);
  const gaps = own.slice(1).map((at, index) => at - own[index]!);
  assert(gaps.every((gap) => gap >= 98 && gap <= 103), gaps.join());
  assertEquals(new Set(load.seen.map(({ from }) => from)).size, 4);
  assertEquals(load.generator.state, "quiet");
});

Deno.test("VUs that join on a ramp keep nobody from acting, whenever their phase begins", () => {
  // 6 s and a third of 4 s: in binary fractions less than their sum
  for (const [before, target] of [[6000, 4], [1700, 7], [4100, 12]] as const) {
    const load = stand([
      { executor: "constant-vus", vus: 1, duration: `${before}ms`, think: "500ms" },
      { executor: "ramping-vus", start_vus: 1, stages: [{ target, duration: "4s" }], think: "100ms" },
    ]);
    load.run(before + 4500);
    assertEquals(load.generator.state, "quiet", `${target} VUs after ${before} ms`);
    const during = load.seen.filter(({ at }) => at > before + 3600);
    assertEquals(new Set(during.map(({ from }) => from)).size, target - 1, "the last one joins at the end");
  }
});

Deno.test("executors that count their work do exactly so much, whatever the number of workers, and the same of it", () => {
  const phase = fc.record({
    executor: fc.constantFrom("per-vu-iterations" as const, "shared-iterations" as const),
    vus: fc.integer({ min: 1, max: 12 }),
    more: fc.integer({ min: 0, max: 30 }),
  });
  const work = ({ executor, vus, more }: { executor: Phase["executor"]; vus: number; more: number }, count: number) => {
    const iterations = executor === "shared-iterations" ? vus + more : 1 + more % 5;
    const phases = [{ executor, vus, iterations, max_duration: "10s" } as Phase];
    const seen: Seen[] = [];
    for (let index = 0; index < count; index++) {
      const one = new LoadStand({
        populations: [
          population({ messages: { size: { uniform: [50, 500] }, to: { population: "a", pick: "contacts" } } }),
        ],
        phases,
      }, { index, count });
      one.run(200);
      assertEquals(one.generator.state, "quiet");
      seen.push(...one.seen);
    }
    assertEquals(seen.length, executor === "shared-iterations" ? iterations : vus * iterations);
    return seen;
  };
  const key = ({ from, to, size }: Seen): string => `${from} ${to} ${size}`;
  fc.assert(
    fc.property(phase, fc.integer({ min: 2, max: 4 }), (phase, count) => {
      const [one, many] = [work(phase, 1), work(phase, count)];
      assertEquals(one.map(({ size }) => size).toSorted(), many.map(({ size }) => size).toSorted());
      if (phase.executor === "per-vu-iterations") assertEquals(one.map(key).toSorted(), many.map(key).toSorted());
    }),
    { numRuns: 15 },
  );
});

Deno.test("a reply goes to whoever wrote last, after its think time, or lapses when nobody writes", () => {
  const actions: Population["actions"] = [{ action: "reply", think: "50ms", patience: "300ms" }];
  const phases: Phase[] = [
    {
      executor: "per-vu-iterations",
      vus: 1,
      iterations: 1,
      max_duration: "2s",
      populations: ["writers"],
      start_time: "100ms",
    },
    {
      executor: "per-vu-iterations",
      vus: 2,
      iterations: 1,
      max_duration: "2s",
      populations: ["answerers"],
      start_time: "0s",
    },
  ];
  const load = new LoadStand({
    populations: [
      population({ name: "answerers", clients: 2, actions }),
      population({
        name: "writers",
        clients: 1,
        messages: { size: 90, to: { population: "answerers", pick: "ring" } },
      }),
    ],
    phases,
  });
  load.run(1000);
  assertEquals(load.seen.map(({ from, to }) => [from, to]), [
    ["writers000000", "answerers000000"],
    ["answerers000000", "writers000000"],
  ]);
  const wait = load.seen[1]!.at - load.seen[0]!.at;
  assert(wait >= 50 && wait <= 54, `${wait} ms`);
  assertEquals([load.count("actions.replied"), load.count("actions.unanswerable")], [1, 1]);
});

Deno.test("rates count messages; other actions come on top, exactly in proportion", () => {
  const actions: Population["actions"] = [
    { action: "pager", weight: 3 },
    { action: "reply", weight: 1, think: "0s", patience: "1ms" },
    { action: "reregister", weight: 1 },
  ];
  const load = stand([STEADY], { actions, register: { rate: "1000/s" } });
  load.run(4000);
  const [replied, unanswerable] = [load.count("actions.replied"), load.count("actions.unanswerable")];
  assertEquals(load.seen.length + unanswerable, 200);
  assert(replied > 10, `${replied} replies`);
  assertEquals(load.count("actions.reregistered") + load.count("actions.skipped"), 50);
  assertEquals(load.count("actions.skipped"), 0);
});

Deno.test("a client that is away sends when it is back, and is not removed twice", () => {
  const actions: Population["actions"] = [{ action: "auto", weight: 1 }, {
    action: "deregister",
    weight: 1,
    away: "300ms",
  }];
  const load = stand([{ ...STEADY, rate: "50/s" }], { clients: 10, actions, register: { rate: "1000/s" } });
  load.run(6000);
  assertEquals(load.seen.length, 100);
  const left = load.count("actions.deregistered");
  assert(left > 10 && left === load.count("actions.returned"), `${left} left`);
  assertEquals(left + load.count("actions.skipped"), 100);
  assertEquals([load.generator.state, load.count("clients.unregistered")], ["quiet", 0]);
  load.generator.finish(load.network.wheel.now);
  load.run(3000);
  assertEquals([load.generator.state, load.count("clients.unregistered")], ["done", 10]);
});

Deno.test("a stir phase and a warm-up are in no count of messages", () => {
  const load = stand([{ ...STEADY, duration: "1s", stir: true }, { ...STEADY, duration: "1s", warmup: "200ms" }]);
  load.run(4000);
  assertEquals([load.seen.length, load.count("messages.attempted"), load.count("messages.delivered")], [200, 80, 80]);
});
