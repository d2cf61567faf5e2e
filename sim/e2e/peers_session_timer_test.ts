/** Session timers (RFC 4028) against SIPp on the far end: both roles, refused intervals, and peers that keep silent. */
import { assert, assertEquals } from "@std/assert";
import { OwnClient } from "./own_client.ts";
import { judged } from "./peers/judged.ts";
import { startMsrpSink } from "./peers/msrp_sink.ts";
import { LOOPBACK } from "./peers/ports.ts";
import { runSippClient, type SippAnsweringKind, startSippAnswering } from "./peers/sipp.ts";
import { startTarget } from "../target/server.ts";
import { formatAddress } from "../transport/address.ts";
import { assertConserved, runScenario } from "./scenario_run.ts";

const PASSWORD = "secret";
const SESSIONS = 5;

interface Refreshed {
  readonly what: string;
  readonly kind: SippAnsweringKind;
  /** Share of the interval after which it is refreshed: seconds become tenths. */
  readonly refreshAfter: number;
  readonly hold: string;
  /** Refreshes of one session, those included that are refused. */
  readonly refreshes: number;
  readonly refused: number;
  readonly method: "UPDATE" | "INVITE";
}

const REFRESHED: readonly Refreshed[] = [
  {
    what: "an INVITE and an UPDATE that are answered 422 come back with the Min-SE of the answer (RFC 4028 §7.3, §7.4)",
    kind: "session_too_small",
    refreshAfter: 0.01,
    // one refresh after 1.2 s, the next one would be due 1.5 s later
    hold: "2s",
    refreshes: 2,
    refused: 2,
    method: "UPDATE",
  },
  {
    what: "a session is refreshed by UPDATE where the peer's Allow names it (RFC 4028 §7.4)",
    kind: "session_update",
    refreshAfter: 0.01,
    hold: "2300ms",
    refreshes: 2,
    refused: 0,
    method: "UPDATE",
  },
  {
    what:
      "a session is refreshed by re-INVITE with its description unchanged where Allow names no UPDATE (RFC 4028 §7.4)",
    kind: "session_reinvite",
    refreshAfter: 0.01,
    hold: "2300ms",
    refreshes: 2,
    refused: 0,
    method: "INVITE",
  },
];

function scenarioOf({ hold, refreshAfter }: Refreshed, target: string, password: string | undefined): string {
  return `
name: refreshed
target: { uri: "${target}", domain: ims.test }
populations:
  - name: callers
    clients: ${SESSIONS}
    user: "caller{n}"
    register: false
    ${password === undefined ? "" : `auth: { password: ${password} }`}
    session: { expires: 90s, refresh_after: ${refreshAfter}, hold: ${hold} }
    messages: { size: 4KiB, to: { uri: "sip:service@ims.test" } }
phases:
  - { executor: constant-arrival-rate, rate: ${SESSIONS}/s, duration: 1s }
`;
}

for (const refreshed of REFRESHED) {
  for (const [transport, digest] of [["udp", PASSWORD], ["tcp", undefined]] as const) {
    const name = `${refreshed.what}, over ${transport} ${digest === undefined ? "without" : "with"} digest`;
    Deno.test(name, async (t) => {
      await using sink = startMsrpSink();
      await using answering = await startSippAnswering(refreshed.kind, {
        transport,
        msrpPort: sink.port,
        ...(digest === undefined ? {} : { digest }),
      });
      await judged(t, { ports: [answering.port, sink.port] }, async () => {
        const target = `sip:${answering.address};transport=${transport}`;
        const { summary, stderr } = await runScenario(scenarioOf(refreshed, target, digest));
        const { sessions, session_timer: timer, responses } = summary;
        const answered = await answering.stop();
        assertEquals([answered.successful, answered.failed], [SESSIONS, 0], answered.errors);
        assertConserved(summary);
        assertEquals(summary.messages.accepted_200, SESSIONS, stderr);
        assertEquals(sessions, {
          invited: SESSIONS,
          established: SESSIONS,
          released: SESSIONS,
          released_by_peer: 0,
          failed: 0,
          leaked: 0,
        });
        assertEquals(timer, {
          started: SESSIONS,
          refreshes_sent: SESSIONS * refreshed.refreshes,
          refreshes_received: 0,
          refreshes_failed: 0,
          interval_too_small_422: SESSIONS * refreshed.refused,
          expired: 0,
        });
        assertEquals(responses.INVITE?.["401"] ?? 0, digest === undefined ? 0 : SESSIONS);
        assertEquals(responses.BYE, { "200": SESSIONS });
      }, (check) => {
        const accepted = refreshed.refreshes - (refreshed.refused > 0 ? 1 : 0);
        if (refreshed.method === "INVITE") assertEquals(check.requests.UPDATE, undefined);
        else assert(check.requests.UPDATE! >= SESSIONS * accepted);
      });
    });
  }
}

/** Our client's clock runs 20 times as fast as the process's: the 60 s of the test are over in 3 s. */
const SPEED = 20;

for (const digest of [undefined, PASSWORD]) {
  const how = digest === undefined ? "without" : "with";
  Deno.test(`a session that its refresher leaves alone is ended 30 s before its 90 s are over (RFC 4028 §10), ${how} digest`, async (t) => {
    await using sink = startMsrpSink();
    await using answering = await startSippAnswering("session_silent", {
      msrpPort: sink.port,
      ...(digest === undefined ? {} : { digest }),
    });
    await judged(t, { ports: [answering.port, sink.port] }, async () => {
      await using alice = new OwnClient({
        user: "alice",
        ...(digest === undefined ? {} : { password: digest }),
        target: answering.address,
        domain: "ims.test",
        speed: SPEED,
        session: { expires: 90, refresher: "uas", hold: 1e6 },
      });
      alice.send({ to: `sip:service@${LOOPBACK}`, size: 4096 });
      await alice.settled();
      const answeredAt = alice.messages("received", "SIP/2.0 200").find(({ text }) => text.includes("INVITE"))!.at;
      const bye = alice.messages("sent", "BYE");
      assertEquals(bye.length, 1);
      // a slow machine's 50 ms are a second here
      const after = bye[0]!.at - answeredAt;
      assert(after >= 60_000 && after < 66_000, `BYE after ${after} ms`);
      assertEquals(
        ["session_timer.expired", "sessions.released", "session_timer.refreshes_sent", "sessions.leaked"]
          .map((counter) => alice.count(counter)),
        [1, 1, 0, 0],
      );
      assertEquals([alice.count("messages.accepted_200"), sink.sends()], [1, 1]);
      const answered = await answering.stop();
      assertEquals([answered.successful, answered.failed], [1, 0], answered.errors);
    });
  });
}

/** Our called client listens here and nobody else does. */
const OWN_HOST = "127.0.0.79";
const CALLS = 5;

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`our client refuses SIPp an interval of 60 s with Min-SE 90, and takes its refreshes over ${transport} (RFC 4028 §9)`, async (t) => {
    await judged(t, { hosts: [OWN_HOST] }, async () => {
      const domain = "ims.test";
      await using bob = new OwnClient({ user: "bob", target: `${LOOPBACK}:9`, domain, host: OWN_HOST, transport });
      const run = await runSippClient("session", {
        target: bob.address,
        transport,
        users: [{ user: "alice", receiver: "bob" }],
        calls: CALLS,
        interval: 60,
      });
      assertEquals([run.code, run.successful, run.failed], [0, CALLS, 0], run.errors);
      await bob.settled();
      assertEquals(bob.count("session_timer.refreshes_received"), 2 * CALLS);
      const refused = bob.messages("sent", "SIP/2.0 422");
      assertEquals(refused.length, 2 * CALLS);
      assert(refused.every(({ text }) => text.includes("\r\nMin-SE: 90\r\n")));
    }, (check) => assertEquals([check.requests.UPDATE, check.requests.INVITE], [2 * CALLS, 3 * CALLS]));
  });

  Deno.test(`our target with digest refuses SIPp an interval of 100 s with Min-SE 120, and our client takes it over ${transport} (RFC 4028 §8.1)`, async (t) => {
    const server = await startTarget({
      listen: (["udp", "tcp"] as const).map((each) => ({ transport: each, address: { host: LOOPBACK, port: 0 } })),
      digest: { realm: "ims.test", algorithm: "MD5", secretOf: () => PASSWORD },
      challengeRequests: true,
      minSe: 120,
    });
    const address = server.addresses[0]!.address;
    try {
      await judged(t, { ports: [address.port] }, async () => {
        await using bob = new OwnClient({
          user: "bob",
          password: PASSWORD,
          target: formatAddress(address),
          domain: "ims.test",
          host: OWN_HOST,
          transport,
        });
        assertEquals(await bob.register(), { kind: "registered" });
        const run = await runSippClient("session", {
          target: formatAddress(address),
          transport,
          users: [{ user: "alice", password: PASSWORD, receiver: "bob" }],
          calls: CALLS,
          interval: 100,
        });
        assertEquals([run.code, run.successful, run.failed], [0, CALLS, 0], run.errors);
        await bob.settled();
        const counters = server.counters();
        assertEquals([counters["answered.407"], counters["answered.422"]], [CALLS, 2 * CALLS]);
        assertEquals(bob.count("session_timer.refreshes_received"), 2 * CALLS);
        assertEquals(bob.messages("sent", "SIP/2.0 422"), []);
      });
    } finally {
      await server.close();
    }
  });
}
