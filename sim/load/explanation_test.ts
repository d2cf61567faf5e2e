import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defineScenario } from "../scenario/read.ts";
import type { Scenario, ScenarioInput } from "../scenario/scenario.ts";
import { explain } from "./explanation.ts";
import { explanationText } from "./explanation_text.ts";

const PHASES: ScenarioInput["phases"] = [
  { executor: "constant-arrival-rate", rate: "100/s", duration: "10s", warmup: "2s" },
  { executor: "ramping-arrival-rate", start: "100/s", stages: [{ target: "300/s", duration: "5s" }] },
];

function scenario(population: Partial<ScenarioInput["populations"][number]> = {}): Scenario {
  return defineScenario({
    name: "explained",
    description: "What it is for",
    target: { uri: "embedded" },
    populations: [{ name: "phones", clients: 100, messages: { size: 200 }, ...population }],
    phases: PHASES,
    thresholds: ["messages.lost == 0"],
  });
}

Deno.test("explain counts messages by phase and says when the rate is what", () => {
  const { phases, loads, peakRate, duration, plan, sampled } = explain(scenario(), { overhead: 500 });
  const open = { arrivals: "uniform", burst: 1, vus: 0, messages: 1000, isEstimate: false } as const;
  assertEquals(phases, [
    { ...open, executor: "constant-arrival-rate", start: 0, duration: 10_000, uncounted: 200 },
    { ...open, executor: "ramping-arrival-rate", start: 10_000, duration: 5000, uncounted: 0 },
  ]);
  assertEquals(loads, [
    { phase: 0, at: 0, duration: 10_000, from: 100, to: 100, isRate: true, rate: 100 },
    { phase: 1, at: 10_000, duration: 5000, from: 100, to: 300, isRate: true, rate: 200 },
  ]);
  assertEquals([peakRate, plan.messages, sampled], [300, 2000, 2000]);
  // 100 clients at 50/s, then the phases
  assertEquals(duration, 2000 + 15_000);
});

Deno.test("explain decides the mode of each message by its whole request", () => {
  const modes = (size: number, overhead: number, mode = {}) => {
    const { pager, large } = explain(scenario({ messages: { size }, mode }), { overhead }).modes;
    return [pager.messages, large.messages];
  };
  assertEquals(modes(799, 500), [2000, 0]);
  assertEquals(modes(800, 500), [0, 2000]);
  assertEquals(modes(800, 500, { boundary: "inclusive" }), [2000, 0]);
  assertEquals(modes(800, 500, { size_basis: "content" }), [2000, 0]);
  assertEquals(modes(10, 500, { force: "large" }), [0, 2000]);
});

Deno.test("explain takes total sizes as they are", () => {
  const { modes, sizes } = explain(scenario({ messages: { size: { total: [1299, 1300] } } }), { overhead: 500 });
  assert(modes.pager.messages > 900 && modes.large.messages > 900);
  assertEquals(modes.pager.octets, modes.pager.messages * 799);
  assertEquals(sizes, [{ least: 512, most: 1023, pager: modes.pager.messages, large: modes.large.messages }]);
});

Deno.test("explain sorts sizes into powers of two", () => {
  const { sizes } = explain(scenario({ messages: { size: [{ constant: 0 }, { constant: 63 }, { constant: 64 }] } }), {
    overhead: 500,
  });
  assertEquals(sizes.map(({ least, most }) => [least, most]), [[0, 63], [64, 127]]);
});

Deno.test("explain estimates packets and ports at the highest rate", () => {
  const pager = explain(scenario(), { overhead: 500, workers: { count: 2, reason: "as asked for" } });
  assertEquals([pager.peakPackets, pager.ports], [1200, { udp: 2, tcp: 4 }]);
  const large = explain(scenario({ messages: { size: 5000 } }), { overhead: 500 });
  assert(large.peakPackets > 300 * 28, `${large.peakPackets}`);
  // a connection has two ends of ours and stands for about a second
  assertEquals(large.ports.tcp, 2 + 600);
  const shared = explain(scenario({ messages: { size: 5000 }, msrp: { connections: "shared" } }), { overhead: 500 });
  assertEquals(shared.ports.tcp, 2);
});

Deno.test("explain counts the ports of sources, no more than there are clients, and names where they are", () => {
  const workers = { count: 2, reason: "as asked for" };
  const ports = explain(scenario({ clients: 200, source: { ports: 50 } }), { overhead: 500, workers });
  assertEquals(ports.ports, { udp: 2 + 50, tcp: 4 + 50 });
  assertStringIncludes(
    explanationText(ports),
    "200 over udp, registering at 50/s in 4s, sending to phones (random)\n              from 50 ports\n",
  );
  const source = { addresses: "127.0.1.1-127.0.1.250", ports: 4 };
  const addresses = explain(scenario({ clients: 200, source }), { overhead: 500, workers });
  assertEquals(addresses.ports, { udp: 2 + 200, tcp: 4 + 200 });
  const text = explanationText(addresses);
  assertStringIncludes(text, "\n              from 200 ports at 127.0.1.1-127.0.1.250, 4 at each\n");
});

Deno.test("explain adds the longest hold of sessions, and no more ports than sessions have ends", () => {
  const held = explain(scenario({ messages: { size: 5000 }, session: { hold: "1h" } }), { overhead: 500 });
  assertEquals(held.duration, 17_000 + 3_600_000);
  assertEquals(held.ports.tcp, 2 + 4000);
  assertEquals(explain(scenario({ session: { hold: "1h" } }), { overhead: 500 }).duration, 17_000);
});

Deno.test("explain looks at a sample of a long run", () => {
  const { sampled, modes, plan } = explain(scenario(), { overhead: 500, sample: 50 });
  assertEquals([sampled, modes.pager.messages, plan.messages], [50, 50, 2000]);
});

Deno.test("explanationText fits a terminal and says what matters", () => {
  const text = explanationText(explain(scenario(), { overhead: 500 }));
  for (
    const part of [
      "explained: What it is for",
      "embedded",
      "100 over udp",
      "2000 in 15s",
      "messages.lost == 0",
      "200 are warm-up",
    ]
  ) {
    assertStringIncludes(text, part);
  }
  assert(text.split("\n").every((line) => line.length <= 100), text);
  assert(text.endsWith("\n"));
});

Deno.test("explanationText tells of refreshes where they come before the end", () => {
  const of = (register: object) => explanationText(explain(scenario({ register }), { overhead: 500 }));
  assertStringIncludes(of({ expires: "20s", rate: "50/s" }), "\n              refreshing every 10s, 50/s at most\n");
  const spread = of({ expires: "20s", rate: "50/s", refresh_spread: 1 });
  assertStringIncludes(spread, "refreshing every 10s, 10/s on average");
  for (const none of [{ expires: "3600s" }, { expires: "20s", refresh: false }]) {
    assert(!of(none).includes("refreshing"));
  }
});
