/** What clients report of a server that challenges, refuses, loses and damages, against what that server itself counted. */
import { assert, assertEquals } from "@std/assert";
import { freePort } from "./peers/ports.ts";
import { startTargetProgram } from "./program.ts";
import { assertAllDelivered, assertConserved, runScenario, type ScenarioRun } from "./scenario_run.ts";

/** 30 clients, half of the messages large. */
const MIXED = `
name: mixed
target: { uri: embedded }
populations:
  - name: phones
    clients: 30
    auth: { password: secret }
    register: { rate: 200/s }
    messages: { size: [{ weight: 1, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 100/s, duration: 2s }
`;
/** The same with small messages alone. */
const SMALL = MIXED.replace(/size: \[.*\]/, "size: 100");

/** Runs a scenario against `imstorm target` with these options, and gives both sides' counts. */
async function runAgainst(
  targetArgs: readonly string[],
  scenario: string,
  ...sets: readonly string[]
): Promise<{ run: ScenarioRun; counted: (name: string) => number }> {
  await using target = await startTargetProgram(targetArgs, freePort());
  const args = ["--target", `sip:${target.address}`, "--set", "target.domain=ims.example"];
  const run = await runScenario(scenario, { args: [...args, ...sets.flatMap((set) => ["--set", set])] });
  assertConserved(run.summary);
  assertEquals(run.summary.clients, { configured: 30, registered: 30, failed: 0 });
  return { run, counted: await target.stop() };
}

for (const digest of ["MD5", "SHA-256"]) {
  for (const transport of ["udp", "tcp"]) {
    Deno.test(`clients answer ${digest} challenges to REGISTER, MESSAGE and INVITE over ${transport}`, async () => {
      const { run, counted } = await runAgainst(
        ["--digest", digest, "--challenge-requests", "--domain", "ims.example"],
        MIXED,
        `populations.phones.transport=${transport}`,
      );
      assertAllDelivered(run);
      const { responses, messages } = run.summary;
      // the first of each client, and the removal, which begins anew
      assertEquals(responses.REGISTER?.["401"], counted("answered.401"));
      assertEquals((responses.MESSAGE?.["407"] ?? 0) + (responses.INVITE?.["407"] ?? 0), counted("answered.407"));
      assert(counted("answered.407") >= 30);
      assert(counted("answered.407") < messages.attempted, "a nonce serves for many requests (RFC 7616 §3.4)");
      assertEquals(counted("requests.MESSAGE"), messages.pager.attempted + (responses.MESSAGE?.["407"] ?? 0));
    });
  }
}

Deno.test("a message that its credentials make too large goes over to large mode", async () => {
  const { run } = await runAgainst(
    ["--digest", "SHA-256", "--challenge-requests", "--domain", "ims.example"],
    // about 1150 octets without credentials, and 1400 with them
    SMALL.replace("size: 100", "size: 600"),
  );
  assertAllDelivered(run);
  const { decisions, messages, transport } = run.summary;
  // before its first challenge a client cannot know how long its credentials will be
  assert(decisions.switched_after_auth > 0);
  assertEquals(decisions.pager, decisions.switched_after_auth);
  assertEquals([messages.pager.attempted, messages.large.attempted], [0, 200]);
  assertEquals(transport.switched_to_tcp, 0, "no MESSAGE over 1300 octets");
});

Deno.test("a wrong password registers nobody", async () => {
  await using target = await startTargetProgram(["--digest", "MD5", "--domain", "ims.example"], freePort());
  const wrong = ["--set", "populations.phones.auth.password=guessed", "--set", "target.domain=ims.example"];
  const run = await runScenario(MIXED, { args: ["--target", `sip:${target.address}`, ...wrong] });
  assertEquals([run.code, run.summary.clients.registered], [4, 0], run.stderr);
  assertEquals(run.summary.messages.attempted, 0);
  assertEquals((await target.stop())("bindings"), 0);
});

Deno.test("datagrams that the server loses are sent again until every message has arrived once", async () => {
  const { run, counted } = await runAgainst(["--loss", "0.1"], SMALL, "timers.t1=100ms");
  const { messages, retransmissions } = run.summary;
  assert(counted("faults.lost") > 20);
  assert((retransmissions.MESSAGE ?? 0) > 0 && (retransmissions.REGISTER ?? 0) > 0);
  assertEquals([messages.delivered, messages.duplicated, messages.corrupted], [messages.attempted, 0, 0]);
  assertEquals(counted("requests.MESSAGE"), messages.attempted);
});

Deno.test("sessions survive a server that loses datagrams", async () => {
  const { run, counted } = await runAgainst(["--loss", "0.05"], MIXED, "timers.t1=100ms");
  const { messages, sessions } = run.summary;
  assert(counted("faults.lost") > 20);
  assertEquals([messages.delivered, messages.duplicated], [messages.attempted, 0]);
  assertEquals([sessions.established, sessions.leaked], [sessions.invited, 0]);
});

Deno.test("messages that the server delivers twice are counted exactly", async () => {
  const { run, counted } = await runAgainst(["--duplicate", "0.2"], SMALL);
  const { messages } = run.summary;
  assert(counted("faults.duplicated") > 10);
  assertEquals(messages.duplicated, counted("faults.duplicated"));
  assertEquals(messages.delivered, messages.attempted, "a second delivery is none");
});

Deno.test("messages that the server damages are counted exactly, and are not delivered", async () => {
  const { run, counted } = await runAgainst(["--corrupt", "0.2"], SMALL, "limits.lost_grace=1s");
  const { messages } = run.summary;
  assert(counted("faults.corrupted") > 10);
  // where the mark itself is damaged nobody can say which message it was
  assertEquals(messages.corrupted + messages.unknown, counted("faults.corrupted"));
  assertEquals(messages.lost, counted("faults.corrupted"), "accepted and never arrived whole");
  assertEquals(messages.delivered, messages.attempted - messages.lost);
});

Deno.test("requests that the server refuses are counted exactly, with their texts as evidence", async () => {
  const args = ["--refuse", "0.3", "--refuse-status", "486"];
  const { run, counted } = await runAgainst(args, MIXED, "limits.lost_grace=1s");
  const { messages, sessions, responses, failures } = run.summary;
  assert(counted("faults.refused") > 20);
  assertEquals(messages.rejected, counted("faults.refused"));
  assertEquals(messages.refused, counted("faults.refused"));
  assertEquals((responses.MESSAGE?.["486"] ?? 0) + (responses.INVITE?.["486"] ?? 0), counted("answered.486"));
  assertEquals(sessions.failed, failures.invite_rejected_486);
  assertEquals([sessions.established, sessions.leaked], [sessions.invited - sessions.failed, 0]);
});

Deno.test("messages that the server finds too large are rejected with 513, the others arrive", async () => {
  const sizes = "size: [{ weight: 1, constant: 50 }, { weight: 1, constant: 600 }]";
  const { run, counted } = await runAgainst(
    ["--max-message", "900"],
    SMALL.replace("size: 100", sizes),
    "limits.lost_grace=1s",
  );
  const { messages, failures } = run.summary;
  assert(counted("answered.513") > 50);
  assertEquals([messages.rejected, failures.rejected_513], [counted("answered.513"), counted("answered.513")]);
  assertEquals(messages.delivered, messages.attempted - messages.rejected);
});

Deno.test("sessions whose interval is too small are tried again with the server's Min-SE (RFC 4028 §7.3)", async () => {
  const { run, counted } = await runAgainst(
    ["--min-se", "300"],
    MIXED,
    "populations.phones.session={expires: 90s, refresh_after: 0.01, hold: 4s}",
  );
  assertAllDelivered(run);
  const { sessions, session_timer: timer } = run.summary;
  assertEquals([timer.interval_too_small_422, counted("answered.422")], [sessions.invited, sessions.invited]);
  assertEquals(timer.started, sessions.invited);
  // after 3 s of 300 s, held for 4 s
  assertEquals([timer.refreshes_sent, timer.refreshes_received], [sessions.invited, sessions.invited]);
  assertEquals([timer.refreshes_failed, timer.expired], [0, 0]);
});

Deno.test("what the server delays takes at least so long", async () => {
  const { run } = await runAgainst(["--delay", "60ms"], SMALL);
  assertAllDelivered(run);
  const { pager_accept: accept, pager_delivery: delivery } = run.summary.latency_us;
  assert(delivery.min! >= 60_000 && accept.min! >= 60_000, `${delivery.min} µs, ${accept.min} µs`);
});

Deno.test("two workers send the messages of one scenario, and deliveries find their senders", async () => {
  await using target = await startTargetProgram([], freePort());
  const args = ["--target", `sip:${target.address}`, "--workers", "2"];
  const run = await runScenario(MIXED.replace("rate: 100/s", "rate: 200/s"), { args });
  assertAllDelivered(run);
  const counted = await target.stop();
  const { messages, clients, sessions } = run.summary;
  assertEquals(clients, { configured: 30, registered: 30, failed: 0 });
  assertEquals(messages.attempted, 400);
  assertEquals(counted("requests.MESSAGE"), messages.pager.attempted);
  assertEquals(counted("requests.INVITE"), sessions.invited);
  assertEquals(counted("bindings"), 0);
});
