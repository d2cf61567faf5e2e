/** One agent and its controllers: what it answers, whom it refuses, and what it does when nobody asks any more. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { totalsOf } from "../metrics/snapshot.ts";
import { readRun } from "../results/reader.ts";
import { AgentProgram, SHORT_LEASE } from "./agents.ts";
import { Described } from "./described.ts";
import { poll } from "./peers/child.ts";
import { freePort } from "./peers/ports.ts";
import { ROOT, runProgram, startTargetProgram } from "./program.ts";
import { Folder } from "./scenario_run.ts";

/** Messages for longer than any test waits, and sessions that are held. */
const LONG = `
name: long
target: { uri: embedded }
populations:
  - name: phones
    clients: 12
    register: { rate: 500/s }
    session: { hold: 10m }
    messages: { size: [{ weight: 3, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 40/s, duration: 10m }
thresholds: [messages.lost == 0]
limits: { schedule_lag_p99: 20s, cpu_share: 1 }
`;

const SHORT = LONG.replace("hold: 10m", "hold: 0s").replace("duration: 10m", "duration: 2s");

Deno.test("an agent runs what it is asked to, and every answer is as /openapi.json says", async () => {
  await using folder = await Folder.make();
  await using agent = await AgentProgram.start(folder.path);
  const { body: description } = await agent.ask("GET", "/openapi.json");
  assertEquals(description.openapi, "3.1.0");
  const described = agent.described = new Described(description);
  const status = async (method: "GET" | "POST", path: string, body?: unknown): Promise<number> =>
    (await agent.ask(method, path, body)).status;

  const made = await agent.make({ id: "short", scenario: SHORT });
  assertEquals([made.state, made.scope], ["preparing", "merged"]);
  assertEquals((await agent.make({ id: "short", scenario: SHORT })).id, "short", "asked again it is the same run");
  await agent.until("short", "ready");
  const now = (await agent.ask("GET", "/v1/agent")).body.now_us;
  const { body: late } = await agent.ask("POST", "/v1/runs/short/start", { at_us: now - 1 });
  assertEquals(late.error.code, "start_in_the_past");
  await agent.order("short", "start", { at_us: now + 1_000_000 });
  assertEquals((await agent.ask("POST", "/v1/runs/short/start")).body.error.code, "wrong_state");
  assertEquals(await status("POST", "/v1/runs/short/resume"), 409);
  const events = agent.events("short");
  // when the test fails before it waits for them, that is what must be told
  events.catch(() => undefined);
  await agent.until("short", "running");
  assertEquals((await agent.order("short", "pause")).state, "paused");
  const paused = await agent.snapshot("short");
  assertEquals(await status("POST", "/v1/runs/short/rate", { factor: 2 }), 200);
  assertEquals((await agent.order("short", "resume")).state, "running");
  assert((paused.counters["messages.attempted"] ?? 0) <= 80);
  assertEquals(await status("POST", "/v1/runs/short/heartbeat"), 200);
  assertEquals(await status("GET", "/v1/runs/short/results"), 404);
  const end = await agent.until("short", "done", "failed", "aborted");
  assertEquals([end.state, end.verdict], ["done", "passed"]);

  const { sequence } = await agent.snapshot("short");
  const nothing = await agent.snapshot("short", sequence);
  assertEquals([nothing.window, nothing.deltas, nothing.since], [{}, {}, sequence]);
  const { body: summary } = await agent.ask("GET", "/v1/runs/short/results");
  // 80 at the scenario's rate; more by as much as was left when the rate was doubled
  assert(summary.messages.attempted >= 80);
  assertEquals(summary.messages.delivered, summary.messages.attempted);
  for (const path of ["histograms", "ledger?outcome=delivered", "evidence", "results/run.json", "results/junit.xml"]) {
    assertEquals(await status("GET", `/v1/runs/short/${path}`), 200, path);
  }
  assertEquals(await status("GET", "/v1/runs/short/results/..%2F..%2Fetc%2Fpasswd"), 404);
  assertEquals(await status("GET", "/v1/runs/other"), 404);
  assertEquals(await status("POST", "/v1/runs/short/drain"), 200);
  assertEquals(await status("POST", "/v1/runs/short/stop"), 200);

  const names = (await events).map(({ event }) => event);
  assert(names.includes("snapshot") && names.at(-1) === "state", `${names}`);
  for (const operation of Object.entries(described.description.paths)) {
    const [path, methods] = operation;
    if (path.endsWith("/exchange") || path.endsWith("/events")) continue;
    for (const method of Object.keys(methods)) {
      const good = ["200", "201"].some((each) => described.seen.has(`${method.toUpperCase()} ${path} ${each}`));
      assert(good, `${method} ${path} was asked`);
    }
  }
});

Deno.test("an agent refuses what it should not do, says why, and sends nothing", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  await using agent = await AgentProgram.start(folder.path);
  agent.described = new Described((await agent.ask("GET", "/openapi.json")).body);
  const refused = async (request: unknown, status: number, code: string) => {
    const { status: given, body } = await agent.ask("POST", "/v1/runs", request);
    assertEquals([given, body.error?.code], [status, code]);
    return body.error;
  };
  for (const token of ["", "wrong", `${agent.token}x`, agent.token.toLowerCase()]) {
    assertEquals((await agent.ask("GET", "/v1/agent", undefined, token)).body.error.code, "unauthorized");
    assertEquals((await agent.ask("POST", "/v1/runs", { scenario: SHORT }, token)).status, 401);
  }
  await refused({ scenario: SHORT, description: "x".repeat(5_000_000) }, 413, "too_large");
  await refused({ scenario: `${SHORT}\n#${"x".repeat(1_100_000)}` }, 422, "invalid_scenario");
  await refused("{", 400, "bad_json");
  assertEquals((await refused({ scenrio: SHORT }, 422, "invalid_body")).faults.length > 0, true);
  const fault =
    (await refused({ scenario: SHORT.replace("clients: 12", "clients: 0") }, 422, "invalid_scenario")).faults[0];
  assertEquals([fault.path, fault.line], ["populations[0].clients", 6]);
  await refused({ scenario: SHORT, overrides: { "populations.0.clients": "many" } }, 422, "invalid_scenario");
  await refused(
    { scenario: SHORT, overrides: { "populations.0.users": { csv: "/etc/passwd" } } },
    422,
    "invalid_scenario",
  );
  await refused({ scenario: SHORT, share: { index: 2, count: 2 } }, 422, "share_out_of_range");
  await refused({ scenario: SHORT, share: { index: 0, count: 2 } }, 422, "share_out_of_range");
  await refused({ scenario: SHORT, version: "0.0.1" }, 409, "version_mismatch");
  await refused({ scenario: SHORT, target: "sip:192.0.2.1:5060" }, 403, "target_not_allowed");
  await refused(
    { scenario: SHORT, target: `sip:${target.address}`, overrides: { "target.hosts": ["192.0.2.1"] } },
    403,
    "target_not_allowed",
  );
  assertEquals((await agent.ask("GET", "/v1/agent")).body.state, "idle");
  assertEquals(await Array.fromAsync(Deno.readDir(folder.path)), [], "no results of what did not run");

  const two = await Promise.all(
    ["one", "two"].map((id) => agent.ask("POST", "/v1/runs", { id, scenario: LONG, target: `sip:${target.address}` })),
  );
  assertEquals(two.map(({ status }) => status).toSorted(), [201, 409]);
  const run = two.find(({ status }) => status === 201)!.body.id;
  await agent.order(run, "stop");
  await agent.until(run, "aborted");
  assertEquals(agent.program.stderr().includes(agent.token), false, "the token is in no log");
  const counted = await target.stop();
  assertEquals([counted("bindings"), counted("requests.MESSAGE")], [0, 0]);
});

Deno.test("an agent whose controller is killed drains and stops by itself, and leaves nothing behind", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  await using agent = await AgentProgram.start(folder.path);
  const request = { id: "orphan", scenario: LONG, target: `sip:${target.address}`, ...SHORT_LEASE };
  const controller = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-net=127.0.0.1",
      `${ROOT}sim/e2e/agent_controller.ts`,
      agent.url,
      agent.token,
      JSON.stringify(request),
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await agent.program.until("held sessions", async () => (await sessionsIn(folder)) > 0 || undefined);
  } finally {
    controller.kill("SIGKILL");
    await controller.status;
  }
  // asking for the agent, not for the run, is no sign of a controller
  const last = await poll(30_000, async () => {
    const { body } = await agent.ask("GET", "/v1/agent");
    return body.state === "idle" ? body.run : undefined;
  });
  assertEquals([last?.state, last?.verdict], ["aborted", "interrupted"]);
  assertStringIncludes(last!.reason!, "nobody asked for 2 s");
  const counted = await target.stop();
  assertEquals([counted("bindings"), counted("requests.REGISTER")], [0, 24]);
  assert(counted("requests.MESSAGE") > 0);
  const summary = JSON.parse(await Deno.readTextFile(`${last!.results}/summary.json`));
  assert(summary.sessions.established > 0);
  assertEquals(summary.sessions.leaked, 0, "held sessions were released");
  assert(counted("requests.BYE") >= summary.sessions.established);
});

/** Sessions that the only run below a folder has established so far. */
async function sessionsIn(folder: Folder): Promise<number> {
  for await (const { name } of Deno.readDir(folder.path)) {
    // the folder is there a moment before its first file
    if (!(await Deno.stat(`${folder.path}/${name}/run.json`).then(() => true, () => false))) return 0;
    return totalsOf(readRun(`${folder.path}/${name}`).snapshots).counter("sessions.established");
  }
  return 0;
}

Deno.test("an agent that is interrupted ends its run first, and a token of the environment is not printed", async () => {
  await using target = await startTargetProgram([], freePort());
  await using folder = await Folder.make();
  const token = "a-token-of-the-environment";
  await using agent = await AgentProgram.start(folder.path, [], { IMSTORM_TOKEN: token });
  assertEquals(agent.token, "");
  assert(!agent.program.stdout().includes(token));
  const asked = await agent.ask(
    "POST",
    "/v1/runs",
    { id: "cut", scenario: LONG, target: `sip:${target.address}` },
    token,
  );
  assertEquals(asked.status, 201);
  await poll(
    20_000,
    async () => (await agent.ask("GET", "/v1/runs/cut", undefined, token)).body.state === "ready" || undefined,
  );
  await agent.ask("POST", "/v1/runs/cut/start", {}, token);
  agent.program.signal("SIGTERM");
  const { code, stderr } = await agent.program.end();
  assertEquals(code, 0, stderr);
  assertEquals((await target.stop())("bindings"), 0);
});

Deno.test("an agent serves https with the certificate it is given", async () => {
  await using folder = await Folder.make();
  const [key, cert] = [`${folder.path}/key.pem`, `${folder.path}/cert.pem`];
  const made = await new Deno.Command("openssl", {
    args: [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "1",
      "-subj",
      "/CN=localhost",
      "-addext",
      "basicConstraints=critical,CA:FALSE",
      "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1",
      "-keyout",
      key,
      "-out",
      cert,
    ],
    stderr: "null",
  }).output();
  assert(made.success);
  await using agent = await AgentProgram.start(`${folder.path}/results`, ["--cert", cert, "--key", key]);
  assert(agent.url.startsWith("https://127.0.0.1:"));
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(cert)] });
  const response = await fetch(`${agent.url}/v1/agent`, {
    client,
    headers: { authorization: `Bearer ${agent.token}` },
  });
  assertEquals((await response.json()).state, "idle");
});

Deno.test("wrong options of an agent end with 2 and a sentence", async () => {
  await using folder = await Folder.make();
  const short = await folder.write("token", "short");
  const wrong: [args: string[], what: string][] = [
    [["--listen", "nowhere"], "is no HOST:PORT"],
    [["--allow-target", "http://x/"], "--allow-target is no HOST[:PORT]"],
    [["--token-file", short], "shorter than 16 characters"],
    [["--token-file", `${folder.path}/missing`], "missing"],
    [["--cert", short], "belong together"],
  ];
  for (const [args, what] of wrong) {
    const { code, stdout, stderr } = await runProgram(["agent", ...args]);
    assertEquals([code, stdout], [2, ""], stderr);
    assertStringIncludes(stderr, what);
  }
});
