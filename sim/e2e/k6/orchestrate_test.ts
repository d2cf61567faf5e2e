/** The real k6 in charge of real agents: what it ends with, what it writes, and that nothing goes on without it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { RECEIVER_COUNTS, SENDER_COUNTS } from "../../metrics/catalogue.ts";
import { poll, runToEnd } from "../peers/child.ts";
import { runProgram } from "../program.ts";
import { scenarioText, Stand } from "./agents.ts";

/** Waits until no agent has a run under way; the states they are left in. */
async function settled(stand: Stand, among: readonly number[]): Promise<string[]> {
  const states = await poll(30_000, async () => {
    const agents = await Promise.all(among.map((index) => stand.ask(index, "/v1/agent")));
    return agents.every(({ state }) => state === "idle") ? agents.map(({ run }) => run?.state) : undefined;
  });
  assert(states !== undefined, "an agent still runs");
  return states;
}

Deno.test("two agents with k6 in charge", async (t) => {
  await using stand = await Stand.start(2);

  await t.step("all gates pass: 0, and totals are those of the agents", async () => {
    const dashboard = `${stand.folder.path}/k6.html`;
    const { code, stdout, stderr } = await stand.runToEnd(
      scenarioText({
        thresholds: [
          "messages.lost == 0",
          "pager_accept.p99 < 20s",
          "large_delivery.p95 < 20s",
          "messages.success_ratio >= 99%",
        ],
      }),
      {
        env: {
          K6_WEB_DASHBOARD: "true",
          K6_WEB_DASHBOARD_PORT: "-1",
          K6_WEB_DASHBOARD_PERIOD: "1s",
          K6_WEB_DASHBOARD_EXPORT: dashboard,
        },
      },
    );
    assertEquals(code, 0, stdout + stderr);
    assertStringIncludes(stderr, "1 worker an agent: ");
    const summary = await stand.json("summary.json");
    const { metrics } = await stand.json("k6-summary.json");
    const { attempted } = summary.messages;
    assertEquals([summary.verdict, attempted], ["passed", 120]);
    assertEquals(metrics["im_messages{outcome:attempted}"].values.count, attempted);
    assertEquals(metrics["im_samples{mode:pager,leg:accept}"].values.count, summary.latency_us.pager_accept.count);
    const p99 = metrics["im_latency_ms{mode:pager,leg:accept,q:p99,scope:total}"].values.value;
    assertEquals(p99, summary.latency_us.pager_accept.p99 / 1000);
    assert(metrics["im_window_p99_ms"].values.count > 2, "one value a window");
    for (const counts of [SENDER_COUNTS, RECEIVER_COUNTS]) {
      assertEquals(counts.reduce((sum, name) => sum + summary.messages[name], 0), attempted);
    }
    assertStringIncludes(await Deno.readTextFile(`${stand.out()}/k6-junit.xml`), 'failures="0"');
    assertStringIncludes(await dashboardText(dashboard), `"im_latency_ms":{"type":"gauge"`);
  });

  await t.step("a latency gate fails: 99", async () => {
    const { code, stdout } = await stand.runToEnd(scenarioText({ seconds: 2, thresholds: ["pager_accept.p99 < 1us"] }));
    assertEquals(code, 99, stdout);
    assertStringIncludes(stdout, "FAILED  im_latency_ms{mode:pager,leg:accept,q:p99,scope:total}");
  });

  await t.step("no data fails: the measurement is invalid, and the count gate of the latency failed", async () => {
    const { code, stdout } = await stand.runToEnd(
      scenarioText({ seconds: 2, sizes: "200", thresholds: ["large_delivery.p99 < 20s"] }),
    );
    assertEquals(code, 98, stdout);
    assertStringIncludes(stdout, "passed  im_latency_ms{mode:large,leg:delivery,q:p99,scope:total}");
    assertStringIncludes(stdout, "FAILED  im_samples{mode:large,leg:delivery}");
  });

  await t.step("a wrong token: 98, and no agent did anything", async () => {
    const wrong = await stand.folder.write("wrong", "another-token-of-the-tests");
    const { code, stderr } = await stand.runToEnd(scenarioText(), { tokenFile: wrong });
    assertEquals(code, 98, stderr);
    assertStringIncludes(stderr, "/v1/runs");
    await settled(stand, [0, 1]);
  });

  await t.step("an interruption drains the agents: 130", async () => {
    await using program = await stand.run(scenarioText({ seconds: 60 }));
    await program.until(
      "agents that run",
      async () => (await stand.ask(1, "/v1/agent")).run?.state === "running" || undefined,
    );
    program.signal("SIGINT");
    const { code, stdout } = await program.end();
    assertEquals(code, 130, stdout);
    assertEquals(await settled(stand, [0, 1]), ["done", "done"]);
    assertEquals((await stand.json("summary.json")).sessions.leaked, 0);
  });

  await t.step("k6 killed: the leases end the run", async () => {
    await using program = await stand.run(scenarioText({ seconds: 60 }), { env: { IMSTORM_LEASE_S: "3" } });
    const k6 = await program.until(
      "agents that run",
      async () => (await stand.ask(1, "/v1/agent")).run?.state === "running" ? await childOf(program.pid) : undefined,
    );
    Deno.kill(k6, "SIGKILL");
    assertEquals((await program.end()).code, 1);
    // the lease of the lead is over; it has the other one drain
    assertEquals((await settled(stand, [0, 1]))[0], "aborted");
  });

  await t.step("an agent killed in mid run: 98", async () => {
    await using program = await stand.run(scenarioText({ seconds: 60 }), { env: { IMSTORM_LOST_AFTER_S: "2" } });
    await program.until(
      "agents that run",
      async () => (await stand.ask(1, "/v1/agent")).run?.state === "running" || undefined,
    );
    stand.agents[1]!.program.signal("SIGKILL");
    const { code, stderr } = await program.end();
    assertEquals(code, 98, stderr);
    await settled(stand, [0]);
  });
});

Deno.test("without k6, the way to get it: 2", async () => {
  const { code, stderr } = await runProgram(
    [
      "k6",
      "run",
      "scenarios/demo.yaml",
      "--agents",
      "http://127.0.0.1:9",
      "--token-file",
      "LICENSE",
      "--out",
      await Deno.makeTempDir(),
    ],
    { env: { PATH: "/usr/bin:/bin" } },
  );
  assertEquals(code, 2, stderr);
  assertStringIncludes(stderr, "go install go.k6.io/k6/v2@");
});

/** The process that a process has started. */
async function childOf(pid: number): Promise<number | undefined> {
  const { output } = await runToEnd("pgrep", ["-P", String(pid)], 5_000);
  return output === "" ? undefined : Number(output.trim().split("\n")[0]);
}

/** What a dashboard of k6 says: its data are compressed within the page. */
async function dashboardText(path: string): Promise<string> {
  const page = await Deno.readTextFile(path);
  const data = /<script id="data"[^>]*>\s*([A-Za-z0-9+/=\s]+)<\/script>/.exec(page)?.[1];
  assert(data !== undefined, "the page has data");
  const octets = Uint8Array.from(atob(data.replace(/\s/g, "")), (each) => each.charCodeAt(0));
  return await new Response(new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
