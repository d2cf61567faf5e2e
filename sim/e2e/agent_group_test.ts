/** Many agents, one result: with clocks that cannot be compared, with agents that are lost, and without their lead. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { Histogram } from "../metrics/histogram.ts";
import { totalsOf } from "../metrics/snapshot.ts";
import { readRun } from "../results/reader.ts";
import type { Summary } from "../report/summary.ts";
import { AgentGroup, SHORT_LEASE } from "./agents.ts";
import { poll } from "./peers/child.ts";
import { freePort } from "./peers/ports.ts";
import { type RunningTarget, startTargetProgram } from "./program.ts";
import { assertConserved, Folder } from "./scenario_run.ts";

/** Small, large and unmarked messages between clients of all agents. */
function mixed(duration: string, hold = "0s"): string {
  return `
name: mixed
target: { uri: "sip:127.0.0.1:5060" }
populations:
  - name: phones
    clients: 22
    register: { rate: 500/s }
    session: { hold: ${hold} }
    messages: { size: [{ weight: 8, constant: 100 }, { weight: 1, constant: 3 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 100/s, duration: ${duration} }
thresholds: [messages.lost == 0, pager_delivery.p99 < 20s]
limits: { schedule_lag_p99: 20s, cpu_share: 1 }
`;
}

/** What the lead's folder says, as the lead gives it. */
async function summaryOf(group: AgentGroup, id: string): Promise<Summary> {
  return (await group.lead().ask("GET", `/v1/runs/${id}/results`)).body;
}

/** Runs a scenario to its end over all agents. */
async function runWhole(group: AgentGroup, id: string, target: RunningTarget, maxClockError: number) {
  const lead = group.lead();
  const whole = group.whole({ max_clock_error_ms: maxClockError });
  await lead.make({ id, scenario: mixed("3s"), target: `sip:${target.address}`, ...whole });
  await lead.until(id, "ready");
  await lead.order(id, "start");
  return await lead.until(id, "done", "failed", "aborted");
}

async function assertExactSums(group: AgentGroup, id: string, folder: string): Promise<void> {
  const whole = await group.lead().snapshot(id);
  const others = group.agents.slice(1);
  const parts = await Promise.all(others.map((agent) => agent.snapshot(id)));
  assertEquals(parts.map(({ scope }) => scope), others.map(() => "own"));
  assert(parts.every(({ counters }) => counters["messages.attempted"]! > 20), "every agent has a part");
  const run = readRun(folder);
  assertEquals(new Set(run.snapshots.map(({ worker }) => worker)), new Set(group.agents.keys()));
  const ofLead = totalsOf(run.snapshots.filter(({ worker }) => worker === 0));
  for (const name of ["messages.attempted", "messages.delivered", "requests.MESSAGE", "clients.registered"]) {
    const sum = parts.reduce((total, { counters }) => total + (counters[name] ?? 0), ofLead.counter(name));
    assertEquals(sum, whole.counters[name], name);
  }
  const added = ofLead.latencies.get("pager_delivery")!;
  for (const agent of others) {
    const { body } = await agent.ask("GET", `/v1/runs/${id}/histograms`);
    assert(added.addEncoded(Buffer.from(body.histograms.pager_delivery, "base64")));
  }
  const { body } = await group.lead().ask("GET", `/v1/runs/${id}/histograms`);
  const merged = Histogram.decode(Buffer.from(body.histograms.pager_delivery, "base64"))!;
  assertEquals(merged.summary(), added.summary());
  assertEquals(whole.total.pager_delivery, added.summary());
}

Deno.test("many agents make one run", async (test) => {
  await using target = await startTargetProgram([], freePort(), { within: 5 * 60_000 });
  await using folder = await Folder.make();
  await using group = await AgentGroup.start(folder.path, 4);
  const lead = group.lead();

  await test.step("the ledger closes across them, sums are those of the parts, percentiles those of one histogram", async () => {
    const end = await runWhole(group, "whole", target, 1000);
    assertEquals([end.state, end.verdict, end.reason], ["done", "passed", undefined]);
    const summary = await summaryOf(group, "whole");
    assertConserved(summary);
    assertEquals([summary.clients.configured, summary.clients.registered], [22, 22]);
    const { messages } = summary;
    assertEquals([messages.attempted, messages.delivered], [300, 300]);
    assertEquals([messages.unknown, messages.duplicated, messages.late, messages.misrouted], [0, 0, 0, 0]);
    await assertExactSums(group, "whole", end.results!);
  });

  await test.step("latencies from one agent to another are not given when clocks cannot be compared well enough", async () => {
    const end = await runWhole(group, "clocks", target, 0.000_001);
    const summary = await summaryOf(group, "clocks");
    assertEquals([end.verdict, summary.messages.delivered], ["invalid", 300]);
    assertEquals([summary.latency_us.pager_delivery.count, summary.latency_us.pager_delivery.p99], [0, null]);
    assert(summary.latency_us.pager_accept.count > 0, "what one clock measured stays");
    assertStringIncludes(summary.refused_latencies?.pager_delivery ?? "", "the clocks of agents");
    assertStringIncludes(summary.generator.reasons.join("\n"), "no data for the threshold pager_delivery.p99 < 20s");
    const { total, refused } = await lead.snapshot("clocks");
    assertEquals([total.pager_delivery, typeof refused.large_delivery], [undefined, "string"]);
  });

  await test.step("agents that cannot be reached are named, and nobody keeps a part", async () => {
    const { share, lead: others } = group.whole();
    const [first, second] = others!.agents as [{ url: string; token: string }, { url: string; token: string }];
    const nobody = { url: `http://127.0.0.1:${freePort()}`, token: "0123456789abcdef" };
    const request = {
      id: "half",
      scenario: mixed("3s"),
      target: `sip:${target.address}`,
      share,
      lead: { agents: [first, nobody, { ...second, token: "wrong-token-of-nobody" }] },
    };
    const { status, body } = await lead.ask("POST", "/v1/runs", request);
    assertEquals([status, body.error.code], [502, "agents_unreachable"]);
    assertStringIncludes(body.error.message, "2 of 3 other agents cannot take part");
    assertEquals(body.error.faults.map((fault: { path: string }) => fault.path), ["lead.agents[1]", "lead.agents[2]"]);
    const left = group.agents[1]!;
    assertEquals((await left.until("half", "aborted")).state, "aborted");
    assertEquals((await lead.ask("GET", "/v1/agent")).body.state, "idle");
  });

  await test.step("orders of others than the lead are refused by led agents, and a second run by all", async () => {
    await lead.make({
      id: "lost",
      scenario: mixed("60s", "60s"),
      target: `sip:${target.address}`,
      ...group.whole(),
      ...SHORT_LEASE,
    });
    const led = group.agents[1]!;
    assertEquals((await led.ask("POST", "/v1/runs/lost/stop")).body.error.code, "led");
    for (const agent of [lead, led]) {
      const { status, body } = await agent.ask("POST", "/v1/runs", { scenario: mixed("1s"), target: "embedded" });
      assertEquals([status, body.error.code], [409, "busy"]);
    }
  });

  await test.step("a lost agent makes the measurement invalid, and the rest ends", async () => {
    await lead.until("lost", "ready");
    await lead.order("lost", "start");
    await poll(
      20_000,
      async () => ((await lead.snapshot("lost")).counters["messages.delivered"] ?? 0) > 50 || undefined,
    );
    group.agents[3]!.program.signal("SIGKILL");
    const end = await lead.until("lost", "done", "failed", "aborted");
    assertEquals([end.state, end.verdict], ["failed", "invalid"]);
    assertStringIncludes(end.reason!, "agent 3 (http://127.0.0.1:");
    const summary = await summaryOf(group, "lost");
    assertConserved(summary);
    assertStringIncludes(summary.generator.reasons.join("\n"), "was lost");
    assert(readRun(end.results!).manifest.agents?.[3]?.lost !== null);
  });

  await test.step("agents whose lead is killed end by themselves, and leave nothing behind", async () => {
    const two = { share: { index: 0, count: 3 }, lead: { agents: group.whole().lead!.agents.slice(0, 2) } };
    await lead.make({
      id: "headless",
      scenario: mixed("60s", "60s"),
      target: `sip:${target.address}`,
      ...two,
      ...SHORT_LEASE,
    });
    await lead.until("headless", "ready");
    await lead.order("headless", "start");
    await poll(
      20_000,
      async () => ((await lead.snapshot("headless")).counters["sessions.established"] ?? 0) > 0 || undefined,
    );
    lead.program.signal("SIGKILL");
    for (const agent of group.agents.slice(1, 3)) {
      const end = await agent.until("headless", "aborted");
      assertStringIncludes(end.reason!, "nobody asked for 2 s");
      assertEquals((await agent.ask("GET", "/v1/agent")).body.state, "idle");
    }
  });
});
