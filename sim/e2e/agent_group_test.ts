/** Many agents, one result. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { Histogram } from "../metrics/histogram.ts";
import { totalsOf } from "../metrics/snapshot.ts";
import { readRun } from "../results/reader.ts";
import { AgentGroup } from "./agents.ts";
import { freePort } from "./peers/ports.ts";
import { startTargetProgram } from "./program.ts";
import { assertConserved, Folder } from "./scenario_run.ts";

/** Small, large and unmarked messages between clients of all agents. */
const MIXED = `
name: mixed
target: { uri: "sip:127.0.0.1:5060" }
populations:
  - name: phones
    clients: 22
    register: { rate: 500/s }
    messages: { size: [{ weight: 8, constant: 100 }, { weight: 1, constant: 3 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 100/s, duration: 3s }
thresholds: [messages.lost == 0, pager_delivery.p99 < 20s]
limits: { schedule_lag_p99: 20s, cpu_share: 1 }
`;

Deno.test("four agents make one run: shares are disjoint, the ledger closes across them, histograms merge exactly", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  await using group = await AgentGroup.start(folder.path, 4);
  const lead = group.lead();
  await lead.make({ id: "whole", scenario: MIXED, target: `sip:${target.address}`, workers: 1, ...group.whole() });
  await lead.until("whole", "ready");
  await lead.order("whole", "start");
  const end = await lead.until("whole", "done", "failed", "aborted");
  assertEquals([end.state, end.verdict, end.reason], ["done", "passed", undefined]);

  const { body: summary } = await lead.ask("GET", "/v1/runs/whole/results");
  assertConserved(summary);
  assertEquals(summary.clients, { ...summary.clients, configured: 22, registered: 22, failed: 0 });
  assertEquals([summary.messages.attempted, summary.messages.delivered], [300, 300]);
  assertEquals([summary.messages.unknown, summary.messages.duplicated, summary.messages.late], [0, 0, 0]);

  // every agent started a part, and the parts are the whole
  const whole = await lead.snapshot("whole");
  const parts = await Promise.all(group.agents.slice(1).map((agent) => agent.snapshot("whole")));
  assertEquals(parts.map(({ scope }) => scope), ["own", "own", "own"]);
  const attempted = parts.map(({ counters }) => counters["messages.attempted"]!);
  assert(attempted.every((count) => count > 20), `${attempted}`);
  const run = readRun(end.results!);
  const ofLead = totalsOf(run.snapshots.filter(({ worker }) => worker === 0));
  for (const name of ["messages.attempted", "messages.delivered", "requests.MESSAGE", "clients.registered"]) {
    const sum = parts.reduce((total, { counters }) => total + (counters[name] ?? 0), ofLead.counter(name));
    assertEquals(sum, whole.counters[name], name);
  }
  assertEquals(new Set(run.snapshots.map(({ worker }) => worker)), new Set([0, 1, 2, 3]));

  const merged = ofLead.latencies.get("pager_delivery")!;
  for (const agent of group.agents.slice(1)) {
    const { body } = await agent.ask("GET", "/v1/runs/whole/histograms");
    assert(merged.addEncoded(Buffer.from(body.histograms.pager_delivery, "base64")));
  }
  const { body: histograms } = await lead.ask("GET", "/v1/runs/whole/histograms");
  const ofWhole = Histogram.decode(Buffer.from(histograms.histograms.pager_delivery, "base64"))!;
  assertEquals(ofWhole.summary(), merged.summary());
  assertEquals(summary.latency_us.pager_delivery, merged.summary());

  const counted = await target.stop();
  assertEquals([counted("bindings"), counted("requests.REGISTER")], [0, 44]);
});
