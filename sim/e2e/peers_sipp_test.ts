/** SIPp on either side of us: it answers our clients, and it calls through our server. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { captureObstacle, startCapture } from "./peers/capture.ts";
import { runToEnd } from "./peers/child.ts";
import { freePort } from "./peers/ports.ts";
import { runSippClient, type SippRun, type SippUser, startSippAnswering } from "./peers/sipp.ts";
import { startTargetProgram } from "./program.ts";
import { assertConserved, runScenario } from "./scenario_run.ts";

const TRANSPORTS = ["udp", "tcp"] as const;

/** Clients that do not register, and a receiver that is not theirs. */
const TO_STRANGER = `
name: stranger
target: { uri: embedded }
populations:
  - name: phones
    clients: 50
    register: false
    messages:
      size: { lognormal: { median: 140, p99: 500 }, max: 600 }
      to: { uri: "sip:service@ims.test" }
phases:
  - { executor: constant-arrival-rate, rate: 100/s, duration: 4s, arrivals: poisson }
thresholds: [messages.rejected == 0, messages.timed_out == 0]
`;

Deno.test("SIPp answers every pager message of clients at 25 ports, each where it came from", async () => {
  await using answering = await startSippAnswering("message", { transport: "udp" });
  const port = Number(answering.address.split(":")[1]);
  await using capture = await captureObstacle() === undefined ? await startCapture([port]) : undefined;
  const sources = TO_STRANGER.replace("clients: 50", "clients: 50\n    source: { ports: 25 }");
  const run = await runScenario(sources, { args: ["--target", `sip:${answering.address}`] });
  const answered = await answering.stop();
  assertEquals([run.code, run.summary.verdict], [0, "passed"], run.stderr);
  const { messages } = run.summary;
  assertEquals([answered.successful, answered.failed], [messages.attempted, 0], answered.errors);
  assertEquals(messages.accepted_200, messages.attempted);
  if (capture === undefined) return;
  assertEquals((await capture.stop()).dropped, 0);
  const filter = ["-Y", `udp.dstport == ${port}`, "-T", "fields", "-e", "udp.srcport"];
  const { output } = await runToEnd("tshark", ["-n", "-r", capture.file, ...filter], 30_000);
  const sent = output.trim().split("\n");
  assertEquals([sent.length >= messages.attempted, new Set(sent).size], [true, 25]);
});

for (const transport of TRANSPORTS) {
  Deno.test(`SIPp answers every pager message of clients that do not register, over ${transport}`, async () => {
    await using answering = await startSippAnswering("message", { transport });
    const target = `sip:${answering.address};transport=${transport}`;
    const run = await runScenario(TO_STRANGER, { args: ["--target", target] });
    const answered = await answering.stop();
    const { messages, responses, clients } = run.summary;
    assertConserved(run.summary);
    assertEquals([run.code, run.summary.verdict], [0, "passed"], run.stderr);
    assert(messages.attempted > 300);
    assertEquals(messages.accepted_200 + messages.accepted_202, messages.attempted);
    // nobody of ours could see them arrive: SIPp did
    assertEquals([messages.unobserved, messages.delivered], [messages.attempted, 0]);
    assertEquals([answered.successful, answered.failed], [messages.attempted, 0], answered.errors);
    assertEquals(Object.keys(responses), ["MESSAGE"]);
    assertEquals([clients.configured, clients.registered], [50, 0]);
  });

  for (const digest of ["none", "MD5"] as const) {
    Deno.test(`calls of SIPp through imstorm target are all successful over ${transport}, digest ${digest}`, async (t) => {
      const options = digest === "none" ? [] : ["--digest", digest, "--password", "secret", "--challenge-requests"];
      await using target = await startTargetProgram(["--domain", "ims.test", ...options], freePort());
      const users = (prefix: string, more: (index: number) => Partial<SippUser>): SippUser[] =>
        Array.from({ length: 40 }, (_, index) => ({ user: `${prefix}${index}`, password: "secret", ...more(index) }));
      const assertSuccessful = (run: SippRun, calls: number): void => {
        assertEquals([run.code, run.successful, run.failed], [0, calls, 0], run.errors);
      };
      const registerAt = async (contact: string): Promise<void> => {
        const receivers = users("bob", () => ({ contact }));
        const run = await runSippClient("register", { target: target.address, transport, users: receivers });
        assertSuccessful(run, 40);
      };
      const callers = users("alice", (index) => ({ receiver: `bob${index}` }));

      await t.step("REGISTER, then MESSAGE", async () => {
        await using answering = await startSippAnswering("message", { transport });
        await registerAt(answering.address);
        const run = await runSippClient("register_message", { target: target.address, transport, users: callers });
        const answered = await answering.stop();
        assertSuccessful(run, 40);
        assertEquals([answered.successful, answered.failed], [40, 0], answered.errors);
      });
      await t.step("INVITE with Record-Route, ACK and BYE", async () => {
        await using answering = await startSippAnswering("invite", { transport });
        await registerAt(answering.address);
        const run = await runSippClient("invite", { target: target.address, transport, users: callers });
        const answered = await answering.stop();
        assertSuccessful(run, 40);
        assertEquals([answered.successful, answered.failed], [40, 0], answered.errors);
      });

      const counted = await target.stop();
      const challenges = digest === "none" ? 0 : 40;
      // bob twice, alice once
      assertEquals(counted("answered.401"), 3 * challenges);
      assertEquals(counted("answered.407"), 2 * challenges);
      assertEquals([counted("requests.MESSAGE"), counted("requests.BYE")], [40 + challenges, 40]);
    });
  }
}

Deno.test("SIPp with a wrong password is refused by imstorm target", async () => {
  const options = ["--domain", "ims.test", "--digest", "MD5", "--password", "secret"];
  await using target = await startTargetProgram(options, freePort());
  const liars = Array.from({ length: 3 }, (_, index) => ({ user: `mallory${index}`, password: "guessed" }));
  const run = await runSippClient("register", { target: target.address, users: liars });
  assertEquals([run.code, run.successful, run.failed], [1, 0, 3]);
  assertStringIncludes(run.errors, "SIP/2.0 40");
  assertEquals((await target.stop())("bindings"), 0);
});
