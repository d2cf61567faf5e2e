/** Servers over UDP whose port is closed: from the beginning, for a moment, and from some moment on (RFC 3261 §18.4). */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AnsweringServer } from "./answering_server.ts";
import { freePort } from "./peers/ports.ts";
import { assertConserved, runScenario } from "./scenario_run.ts";

const STEADY = `
name: steady
target: { uri: "sip:127.0.0.1:5060", domain: ims.example }
populations:
  - name: phones
    clients: 20
    register: { rate: 500/s }
    unregister: false
    messages: { size: 100, to: { uri: "sip:bob@ims.example" } }
phases:
  - { executor: constant-arrival-rate, rate: 40/s, duration: 4s }
`;

function at(port: number): string[] {
  return ["--no-calibration", "--target", `sip:127.0.0.1:${port}`];
}

Deno.test("a server that is not there ends the run at its first registration, with 4", async () => {
  const run = await runScenario(STEADY, { args: at(freePort()), within: 20_000 });
  assertEquals(run.code, 4, run.stdout + run.stderr);
  assertStringIncludes(run.stderr, "connection_refused");
});

Deno.test("messages to a closed port fail as such, each once and without waiting for 32 s", async () => {
  for (const source of ["", "    source: { ports: 5 }\n"]) {
    const scenario = STEADY.replace("    register: { rate: 500/s }\n", `    register: false\n${source}`);
    const short = scenario.replace("duration: 4s", "duration: 2s");
    const { summary, stdout } = await runScenario(short, { args: at(freePort()), within: 25_000 });
    assertConserved(summary);
    assertEquals([summary.messages.attempted, summary.messages.failed], [80, 80], stdout);
    assertEquals([summary.failures, summary.retransmissions.MESSAGE ?? 0], [{ connection_refused: 80 }, 0]);
  }
});

Deno.test("a server that is restarted within two seconds loses no message: requests are sent again", async () => {
  await using server = AnsweringServer.start();
  const running = runScenario(STEADY, { args: at(server.port) });
  await server.untilSeen(60);
  await server.stop();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  server.startAgain();
  const { summary, stdout } = await running;
  assertConserved(summary);
  assertEquals(summary.messages.accepted_200, 160, stdout);
  assert(summary.retransmissions.MESSAGE! > 20, JSON.stringify(summary.retransmissions));
});

Deno.test("a server that stays away fails what is sent to it, and is used again when it is back", async () => {
  await using server = AnsweringServer.start();
  // T2 is 0.8 s then
  const scenario = `${STEADY.replace("duration: 4s", "duration: 5s")}timers: { t1: 100ms }\n`;
  const running = runScenario(scenario, { args: at(server.port) });
  await server.untilSeen(60);
  await server.stop();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const before = server.seen.length;
  server.startAgain();
  const { summary, stdout } = await running;
  assertConserved(summary);
  const { accepted_200: accepted, failed, timed_out: timedOut } = summary.messages;
  // those of the first 0.8 s fail together, others one by one
  assert(failed > 50 && accepted > 50, stdout);
  assertEquals([accepted + failed, timedOut, summary.failures], [200, 0, { connection_refused: failed }]);
  assert(server.seen.length - before > 20);
});
