/** Four agents, each on a host of its own: a whole that is the sum of its parts. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { Histogram } from "../../metrics/histogram.ts";
import { totalsOf } from "../../metrics/snapshot.ts";
import { readRun } from "../../results/reader.ts";
import { assertConserved } from "../scenario_run.ts";
import { scenarioText, Stand } from "./agents.ts";
import { namespaceObstacle, Namespaces } from "./namespaces.ts";

const AGENTS = ["agent0", "agent1", "agent2", "agent3"];
const SCENARIO = scenarioText({
  rate: 60,
  thresholds: ["messages.lost == 0", "pager_delivery.p99 < 20s", "large_delivery.p99 < 20s"],
});

/** A run of all agents with k6 in charge that passes; its summary. */
async function runOnce(stand: Stand) {
  const { code, stdout, stderr } = await stand.runToEnd(SCENARIO);
  assertEquals(code, 0, stdout + stderr);
  return await stand.json("summary.json");
}

/** The sums of the whole are those of the parts, and its percentiles those of one histogram of all samples. */
async function assertWholeOfParts(stand: Stand): Promise<void> {
  const summary = await runOnce(stand);
  assertConserved(summary);
  const { attempted, delivered, unknown } = summary.messages;
  assertEquals([attempted, delivered, unknown], [240, 240, 0], JSON.stringify(summary.messages));

  const { id, results } = (await stand.ask(0, "/v1/agent")).run;
  const run = readRun(`${results.startsWith("/") ? "" : "./"}${results}`);
  const ofLead = totalsOf(run.snapshots.filter(({ worker }) => worker === 0));
  const whole = await stand.ask(0, `/v1/runs/${id}/snapshot`);
  const parts = stand.agents.map((_, index) => index).slice(1);
  const snapshots = await Promise.all(parts.map((index) => stand.ask(index, `/v1/runs/${id}/snapshot`)));
  assertEquals([whole.scope, ...snapshots.map(({ scope }) => scope)], ["merged", ...parts.map(() => "own")]);
  for (const name of ["messages.attempted", "messages.delivered", "messages.accepted_200", "requests.MESSAGE"]) {
    const each = [ofLead.counter(name), ...snapshots.map(({ counters }) => counters[name] ?? 0)];
    assert(each.every((count) => count > 0), `every agent has its part: ${name} ${each}`);
    assertEquals(each.reduce((sum, count) => sum + count), whole.counters[name], name);
  }

  const encodings = await Promise.all(parts.map((index) => stand.ask(index, `/v1/runs/${id}/histograms`)));
  let compared = 0;
  for (const [name, figures] of Object.entries(summary.latency_us)) {
    const all = new Histogram();
    const added = [ofLead.latencies.get(name)?.encode(), ...encodings.map(({ histograms }) => histograms[name])];
    for (const encoding of added) {
      if (encoding === undefined) continue;
      assert(all.addEncoded(typeof encoding === "string" ? Buffer.from(encoding, "base64") : encoding), name);
    }
    if (all.count() === 0) continue;
    assertEquals(figures as unknown, all.summary(), name);
    compared++;
  }
  assert(compared > 8, `${compared} latencies`);

  const { metrics } = await stand.json("k6-summary.json");
  assertEquals(metrics["im_messages{outcome:attempted}"].values.count, 240);
  const p99 = metrics["im_latency_ms{mode:pager,leg:delivery,q:p99,scope:total}"].values.value;
  assertEquals(p99, summary.latency_us.pager_delivery.p99 / 1000);
}

Deno.test("four agents on loopback with k6 in charge: the whole is the sum of the parts", async () => {
  await using stand = await Stand.start(4);
  await assertWholeOfParts(stand);
});

const obstacle = await namespaceObstacle();
Deno.test({
  name: `four agents, a target and k6 in network namespaces${obstacle ? `: not possible here: ${obstacle}` : ""}`,
  ignore: obstacle !== undefined,
  async fn(t) {
    await using hosts = await Namespaces.make(["target", "k6", ...AGENTS]);
    await using stand = await Stand.start(4, hosts);
    await t.step("the whole is the sum of the parts", () => assertWholeOfParts(stand));
    const missing = await hosts.disturb("target", "5ms", "1%");
    await t.step({
      name: `delay and loss by netem${missing === undefined ? "" : `: not possible here: ${missing}`}`,
      ignore: missing !== undefined,
      async fn() {
        const summary = await runOnce(stand);
        assertConserved(summary);
        assert(summary.latency_us.pager_accept.p50 >= 10_000, "the target's side delays request and answer");
      },
    });
  },
});
