/** The live metrics of a run, judged by promtool, scraped by Prometheus, and asked for by the dashboard's own queries. */
import { assert, assertEquals } from "@std/assert";
import { PeerChild, poll, runToEnd } from "./peers/child.ts";
import { needProgram } from "./peers/packages.ts";
import { freePort } from "./peers/ports.ts";
import { Program, ROOT, runProgram } from "./program.ts";
import { Folder, SHARED_MACHINE } from "./scenario_run.ts";

const SCENARIO = `
name: scraped
target: { uri: embedded, embedded: { refuse: { share: 0.1 } } }
populations:
  - name: phones
    clients: 20
    register: { rate: 200/s }
    messages: { size: [{ weight: 3, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 60/s, duration: 10m }
thresholds: [messages.lost == 0]
`;
/** Families without a member until something goes wrong, and what not every machine tells. */
const MAY_BE_EMPTY =
  /imstorm_(?:retransmissions_total|timeouts_total|transport_faults_total|generator_steal_ratio|generator_descriptor)/;

async function startRun(folder: Folder): Promise<{ program: Program; url: string }> {
  const file = await folder.write("scenario.yaml", SCENARIO);
  const args = ["run", file, "--out", `${folder.path}/out`, "--metrics", "0", ...SHARED_MACHINE];
  const program = Program.start(args);
  const url = await program.until("the address of the metrics", () => /^metrics: (\S+)$/m.exec(program.stderr())?.[1]);
  return { program, url };
}

async function check(text: string, folder: Folder): Promise<void> {
  const promtool = await needProgram("promtool");
  const file = await folder.write("metrics.txt", text);
  const { code, output, errors } = await runToEnd("bash", ["-c", `'${promtool}' check metrics < '${file}'`], 20_000);
  assertEquals([code, output, errors], [0, "", ""]);
}

async function startPrometheus(folder: Folder, target: string): Promise<{ child: PeerChild; api: string }> {
  const program = await needProgram("prometheus");
  const config = await folder.write(
    "prometheus.yml",
    `scrape_configs: [{job_name: imstorm, scrape_interval: 1s, static_configs: [{targets: ["${target}"]}]}]\n`,
  );
  const port = await freePort();
  const child = PeerChild.start(program, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder.path}/tsdb`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  return { child, api: `http://127.0.0.1:${port}/api/v1` };
}

/** What the API answers under `data`; undefined while it is not there. */
async function ask(api: string, path: string): Promise<unknown> {
  const response = await fetch(`${api}/${path}`).catch(() => undefined);
  const body = await response?.json().catch(() => undefined) as { status: string; data: unknown; error?: string };
  if (body?.status === "error") throw new Error(`${path}: ${body.error}`);
  return body?.data;
}

async function query(api: string, expression: string): Promise<{ metric: Record<string, string>; value: number }[]> {
  const data = await ask(api, `query?query=${encodeURIComponent(expression)}`) as {
    result: { metric: Record<string, string>; value: [number, string] }[];
  };
  return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

Deno.test("live metrics pass promtool, are scraped by Prometheus as OpenMetrics, and fill the dashboard", async () => {
  await using folder = await Folder.make();
  const { program, url } = await startRun(folder);
  await using _run = program;
  assert(url.startsWith("http://127.0.0.1:"), "loopback unless told otherwise");
  await program.until("counted messages", async () => {
    const text = await (await fetch(url)).text();
    return /imstorm_message_delivery_seconds_count\{mode="large"\} [1-9]/.test(text) || undefined;
  });
  const response = await fetch(url);
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  await check(await response.text(), folder);

  const { child, api } = await startPrometheus(folder, new URL(url).host);
  try {
    const seen = await poll(20_000, async () => {
      const scraped = await ask(api, "query?query=count_over_time(up[1m])").catch(() => undefined);
      const [first] = (scraped as { result: { value: [number, string] }[] } | undefined)?.result ?? [];
      return first !== undefined && Number(first.value[1]) >= 3 ? true : undefined;
    });
    assert(seen, `Prometheus scraped nothing: ${child.log()}`);
    const { activeTargets: [target] } = await ask(api, "targets") as { activeTargets: Record<string, string>[] };
    assertEquals([target!.health, target!.lastError], ["up", ""]);
    // types and units come with OpenMetrics only
    const metadata = await ask(api, "metadata?metric=imstorm_message_accept_seconds") as Record<string, unknown[]>;
    assertEquals(metadata.imstorm_message_accept_seconds, [{
      type: "histogram",
      help: "From the due moment, by mode; the catalogue has each mode's exact meaning.",
      unit: "seconds",
    }]);
    await askAllOfDashboard(api);
    const wrong = await query(
      api,
      "imstorm_message_accept_seconds_bucket{le='+Inf'} != ignoring(le) imstorm_message_accept_seconds_count",
    );
    assertEquals(wrong, []);
    assertEquals((await query(api, "imstorm_run_state == 1")).map(({ metric }) => metric.state), ["running"]);
  } finally {
    await child.stop();
  }

  program.signal("SIGINT");
  assertEquals((await program.end()).code, 130);
  const { stdout } = await runProgram(["report", `${folder.path}/out`, "--format", "openmetrics"]);
  const summary = JSON.parse(await Deno.readTextFile(`${folder.path}/out/summary.json`));
  for (const mode of ["pager", "large"]) {
    const line = `imstorm_messages_attempted_total{mode="${mode}"} ${summary.messages[mode].attempted}`;
    assert(stdout.includes(`\n${line}\n`), line);
  }
  assert(stdout.includes('\nimstorm_run_state{state="interrupted"} 1\n') && stdout.endsWith("\n# EOF\n"));
});

/** Every query of the dashboard is one that Prometheus understands, and has an answer. */
async function askAllOfDashboard(api: string): Promise<void> {
  const dashboard = JSON.parse(await Deno.readTextFile(`${ROOT}sim/k6/grafana/imstorm.json`)) as {
    panels: { title: string; targets?: { expr: string }[] }[];
  };
  const empty: string[] = [];
  for (const { title, targets = [] } of dashboard.panels) {
    for (const { expr } of targets) {
      if (!expr.includes("imstorm_")) continue;
      const asked = expr.replaceAll("$__rate_interval", "10s").replaceAll('"$instance"', '".*"');
      const answers = await query(api, asked);
      if (answers.length === 0 && !MAY_BE_EMPTY.test(expr)) empty.push(`${title}: ${expr}`);
    }
  }
  assertEquals(empty, []);
}

Deno.test("a run whose metrics cannot be served sends nothing, and says why", async () => {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SCENARIO);
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ends = await Promise.all(
    ["nonsense", `127.0.0.1:${(taken.addr as Deno.NetAddr).port}`].map((address) =>
      runProgram(["run", file, "--out", `${folder.path}/out`, "--metrics", address])
    ),
  );
  assertEquals(ends.map(({ code, stdout }) => [code, stdout]), [[2, ""], [2, ""]]);
  assert(ends[0]!.stderr.includes("is neither HOST:PORT nor a port"), ends[0]!.stderr);
  assert(ends[1]!.stderr.includes("Cannot serve metrics on 127.0.0.1"), ends[1]!.stderr);
  assertEquals(await Deno.stat(`${folder.path}/out`).then(() => "there", () => "none"), "none");
});
