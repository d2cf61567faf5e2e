import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Random } from "../clock/random.ts";
import { defineScenario } from "../scenario/read.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { messagesUntil, Pacer, rateAt } from "./pacer.ts";
import { type OpenLoad, planOf } from "./plan.ts";

function phaseOf(phase: ScenarioInput["phases"][number]): OpenLoad {
  const populations = [{ name: "a", clients: 2, messages: { size: 1 } }];
  // a second phase, so that the first may be silent
  const second = { executor: "constant-arrival-rate", rate: "1/s", duration: "1s" } as const;
  return planOf(defineScenario({ name: "x", target: { uri: "embedded" }, populations, phases: [phase, second] }))
    .phases[0]!.open!;
}

function momentsOf(phase: OpenLoad, seed = 1): number[] {
  const pacer = new Pacer(phase, new Random(seed));
  const moments: number[] = [];
  for (let at = pacer.next(); at >= 0; at = pacer.next()) moments.push(at);
  return moments;
}

const RAMP = phaseOf({
  executor: "ramping-arrival-rate",
  start: "0/s",
  stages: [
    { target: "100/s", duration: "2s" },
    { target: "0/s", duration: "0s" },
    { target: "0/s", duration: "1s" },
    { target: "50/s", duration: "0s" },
    { target: "50/s", duration: "2s" },
    { target: "0/s", duration: "4s" },
  ],
});

Deno.test("Pacer spaces a constant rate evenly, half a gap from either end", () => {
  const phase = phaseOf({ executor: "constant-arrival-rate", rate: "4/s", duration: "1s" });
  assertEquals(momentsOf(phase), [125, 375, 625, 875]);
});

Deno.test("Pacer gives exactly rate times duration messages", () => {
  const phase = phaseOf({ executor: "constant-arrival-rate", rate: "333/s", duration: "7s" });
  assertEquals(momentsOf(phase).length, 2331);
  assertEquals(momentsOf({ ...phase, arrivals: "poisson" }).length, 2331);
});

Deno.test("Pacer follows a ramp by the integral of its rate, over jumps and silences", () => {
  assertEquals(RAMP.messages, 100 + 0 + 100 + 100);
  const moments = momentsOf(RAMP);
  assertEquals(moments.length, 300);
  for (const [k, at] of moments.entries()) {
    assert(Math.abs(messagesUntil(RAMP, at) - (k + 0.5)) < 1e-6, `${k} at ${at}`);
    assert(at <= 2000 || at >= 3000, `${k} at ${at} in the silence`);
  }
  assertEquals(moments.filter((at) => at < 2000).length, 100);
  assertEquals(moments.filter((at) => at > 5000).length, 100);
});

Deno.test("rateAt gives the rate along a ramp, and the later one at a jump", () => {
  const rates = [0, 1000, 1999.9, 2000, 2500, 3000, 5000, 7000, 9000, 9001].map((at) => Math.round(rateAt(RAMP, at)));
  assertEquals(rates, [0, 50, 100, 0, 0, 50, 50, 25, 0, 0]);
});

Deno.test("Poisson gaps of a constant rate are exponential: mean and deviation are equal", () => {
  const phase = phaseOf({ executor: "constant-arrival-rate", rate: "1000/s", duration: "100s", arrivals: "poisson" });
  const moments = momentsOf(phase);
  const gaps = moments.slice(1).map((at, i) => at - moments[i]!);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  assert(Math.abs(mean - 1) < 0.01, `mean ${mean}`);
  assert(Math.abs(deviation - 1) < 0.02, `deviation ${deviation}`);
  // of an exponential distribution, 1/e of the gaps is longer than the mean
  const longer = gaps.filter((gap) => gap > 1).length / gaps.length;
  assert(Math.abs(longer - Math.exp(-1)) < 0.01, `longer ${longer}`);
});

Deno.test("Poisson counts of equal spans vary as their mean does", () => {
  const phase = phaseOf({ executor: "constant-arrival-rate", rate: "100/s", duration: "1000s", arrivals: "poisson" });
  const counts = Array(1000).fill(0);
  for (const at of momentsOf(phase)) counts[Math.floor(at / 1000)]++;
  const variance = counts.reduce((sum, count) => sum + (count - 100) ** 2, 0) / counts.length;
  assert(variance > 85 && variance < 115, `variance ${variance}`);
});

Deno.test("Poisson moments follow a ramp, and depend on the seed alone", () => {
  const phase: OpenLoad = { ...RAMP, arrivals: "poisson" };
  const early = Array.from({ length: 50 }, (_, seed) => momentsOf(phase, seed).filter((at) => at < 2000).length);
  const mean = early.reduce((sum, count) => sum + count, 0) / early.length;
  assert(Math.abs(mean - 100) < 5, `mean ${mean}`);
  assertEquals(momentsOf(phase, 5), momentsOf(phase, 5));
  assert(momentsOf(phase, 5)[0] !== momentsOf(phase, 6)[0]);
});

Deno.test("moments of any phase are in order, inside it, and as many as planned", () => {
  const stage = fc.record({ target: fc.integer({ min: 0, max: 300 }), duration: fc.integer({ min: 0, max: 3000 }) });
  const stages = fc.array(stage, { minLength: 1, maxLength: 6 });
  const arrivals = fc.constantFrom("uniform" as const, "poisson" as const);
  fc.assert(fc.property(stages, arrivals, fc.integer(), (list, arrivals, seed) => {
    if (list.every(({ duration }) => duration === 0)) return;
    const phase = phaseOf({
      executor: "ramping-arrival-rate",
      arrivals,
      stages: list.map(({ target, duration }) => ({ target: `${target}/s`, duration: `${duration}ms` })),
    });
    const moments = momentsOf(phase, seed);
    assertEquals(moments.length, phase.messages);
    const end = list.reduce((sum, { duration }) => sum + duration, 0);
    let last = 0;
    for (const at of moments) {
      assert(at >= last && at <= end, `${at} after ${last}, until ${end}`);
      last = at;
    }
  }));
});

Deno.test("a burst comes at one moment, and leaves the count and the rate as they were", () => {
  const burst = (size: number, arrivals: "uniform" | "poisson") =>
    momentsOf(phaseOf({
      executor: "constant-arrival-rate",
      rate: "10/s",
      duration: "2500ms",
      burst: { size },
      arrivals,
    }));
  // 25 messages: two bursts of 10, a last one of 5
  assertEquals(burst(10, "uniform"), [...Array(10).fill(500), ...Array(10).fill(1500), ...Array(5).fill(2250)]);
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), (size) => {
    const moments = burst(size, "poisson");
    assertEquals(moments.length, 25);
    assertEquals(new Set(moments).size, Math.ceil(25 / size));
    assertEquals(moments.toSorted((a, b) => a - b), moments);
  }));
});

Deno.test("a changed rate leaves the phase its length: what is due later comes faster, slower or not at all", () => {
  const phase = phaseOf({ executor: "constant-arrival-rate", rate: "10/s", duration: "10s" });
  const after = (changes: readonly (readonly [at: number, factor: number])[]): number[] => {
    const pacer = new Pacer(phase, new Random(1));
    const moments: number[] = [];
    let left = [...changes];
    for (let at = pacer.next(); at >= 0; at = pacer.next()) {
      while (left.length > 0 && at >= left[0]![0]) {
        pacer.retime(left[0]![1], left[0]![0]);
        at = pacer.momentFor(pacer.due);
        left = left.slice(1);
      }
      if (at === Infinity) break;
      moments.push(at);
    }
    return moments;
  };
  // 5 s at 10/s and 5 s at 20/s
  assertEquals(after([[5000, 2]]).length, 150);
  assertEquals(after([[5000, 0.5]]).length, 75);
  assertEquals(after([[2000, 3], [4000, 1]]).length, 20 + 60 + 60);
  assertEquals(after([[2000, 0], [4000, 1]]).length, 80);
  const gaps = after([[5000, 2]]).slice(-20);
  assert(gaps.slice(1).every((at, i) => Math.abs(at - gaps[i]! - 50) < 1e-6), gaps.join());
});
