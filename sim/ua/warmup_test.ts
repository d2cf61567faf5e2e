/** Messages of a warm-up: sent, followed and answered as all others, and in no count but those of the wire. */
import { assertEquals } from "@std/assert";
import { HOLD } from "../testing/held_session.ts";
import { taking } from "../testing/peer_scripts.ts";
import { facing, scripted, type UserAgentStand } from "../testing/user_agent_stand.ts";

/** Scopes that a warm-up must leave at nothing. */
const KEPT_OUT = ["messages.", "decisions.", "sessions.", "session_timer.", "failures.", "evidence."];

function assertKeptOut(stand: UserAgentStand): void {
  for (const scope of KEPT_OUT) assertEquals(stand.family(scope), {}, scope);
}

Deno.test("UserAgent keeps sessions and timers of a warm-up out of their counts, at both sides", () => {
  const { stand, alice } = facing({ session: { hold: HOLD, expires: 90, refresher: "uac" } });
  stand.warmup.on = true;
  stand.send({ size: 3000, counted: false });
  stand.wait(1000);
  // the warm-up is over while the session is held
  stand.warmup.on = false;
  stand.wait(100_000);
  assertEquals([alice.agent.isInSession(), stand.count("responses.INVITE.200")], [true, 1]);
  assertEquals(stand.count("requests.UPDATE"), 2);
  alice.agent.abandon();
  stand.wait(100);
  assertKeptOut(stand);
  assertEquals(stand.latencies(), []);
  stand.end();
});

Deno.test("UserAgent counts the same session when it is no warm-up", () => {
  const { stand, alice } = facing({ session: { hold: HOLD, expires: 90, refresher: "uac" } });
  stand.send({ size: 3000 });
  stand.wait(101_000);
  alice.agent.abandon();
  stand.wait(100);
  assertEquals(stand.family("sessions."), { invited: 1, established: 1, released: 1 });
  assertEquals(stand.family("session_timer."), {
    started: 1,
    refreshes_due: 2,
    refreshes_sent: 2,
    refreshes_received: 2,
  });
  stand.end();
});

Deno.test("UserAgent keeps failures of a warm-up out of counts and evidence; the wire counts whole", () => {
  const { stand, peer } = scripted();
  peer.script = (arrived) => peer.respond(arrived, arrived.message.method === "INVITE" ? 486 : 404);
  for (const size of [100, 3000]) stand.send({ size, counted: false });
  stand.wait(100);
  assertKeptOut(stand);
  assertEquals(stand.evidenceTaken(), []);
  assertEquals(stand.family("responses."), { "MESSAGE.404": 1, "INVITE.486": 1 });
  for (const size of [100, 3000]) stand.send({ size });
  stand.wait(100);
  assertEquals(stand.family("failures."), { rejected_404: 1, invite_rejected_486: 1 });
  stand.end();
});

Deno.test("UserAgent keeps 422 to a session of a warm-up out of the counts of timers", () => {
  const { stand, peer } = scripted();
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") peer.respond(arrived, 422, { headers: [["Min-SE", "5000"]] });
  };
  stand.send({ size: 3000, counted: false });
  stand.wait(100);
  assertKeptOut(stand);
  assertEquals(stand.count("responses.INVITE.422"), 2);
  stand.end();
});

Deno.test("UserAgent keeps offers it refuses in a warm-up out of its failures", () => {
  const { stand, peer } = scripted();
  const offer = (sequence: number, branch: string) =>
    peer.request("INVITE", undefined, { sequence, branch, headers: [["Content-Type", "text/x"]], body: "x" });
  stand.warmup.on = true;
  offer(1, "z9hG4bKwarm");
  stand.wait(50);
  assertKeptOut(stand);
  stand.warmup.on = false;
  offer(2, "z9hG4bKcold");
  stand.wait(50);
  assertEquals(stand.family("failures."), { offer_refused: 1 });
  stand.wait(40_000);
  stand.end();
});

Deno.test("UserAgent records no latency of a session of a warm-up, not even those of RFC 6076", () => {
  const { stand, peer } = scripted();
  taking(peer);
  stand.send({ size: 3000, counted: false });
  stand.wait(100);
  assertEquals([stand.latencies(), stand.count("responses.BYE.200")], [[], 1]);
  stand.end();
});
