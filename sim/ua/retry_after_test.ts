/** 503 with Retry-After: counted, and kept to where the population says so. */
import { assertEquals } from "@std/assert";
import { BOB_URI, type PartyOptions, scripted } from "../testing/user_agent_stand.ts";

/** A peer that answers 503 with a Retry-After until a moment, and then 200 to MESSAGE and 486 to INVITE. */
function overloaded(until: number, value: string, options: PartyOptions = {}) {
  const { stand, alice, peer } = scripted(options);
  peer.script = (arrived) => {
    const { method } = arrived.message;
    if (method === "ACK") return;
    if (arrived.at < until) peer.respond(arrived, 503, { headers: [["Retry-After", value]] });
    else peer.respond(arrived, method === "INVITE" ? 486 : 200);
  };
  return { stand, alice, peer };
}

Deno.test("UserAgent counts a 503 with Retry-After and sends on, for arrivals must not stop silently", () => {
  const { stand, peer } = overloaded(1000, "10");
  for (let second = 0; second < 3; second++) {
    stand.send();
    stand.wait(1000);
  }
  assertEquals(peer.moments("MESSAGE").map(Math.floor), [1, 1001, 2001]);
  assertEquals([stand.family("retry_after."), stand.outcomes()], [{ asked: 1 }, {
    attempted: 3,
    accepted_200: 2,
    rejected: 1,
  }]);
  stand.end();
});

Deno.test("UserAgent told to honour Retry-After lets its messages wait, both modes, in order (RFC 3261 §21.5.4)", () => {
  const { stand, peer } = overloaded(1000, "10 (overloaded)", { honourRetryAfter: true });
  stand.send();
  stand.wait(1000);
  stand.send();
  stand.send({ size: 3000, to: "sip:carol@ims.example" });
  stand.send({ to: "sip:carol@ims.example" });
  stand.wait(8900);
  assertEquals([peer.methods(), stand.count("messages.attempted")], [["MESSAGE"], 4]);
  stand.wait(200);
  assertEquals(peer.methods(), ["MESSAGE", "MESSAGE", "INVITE", "MESSAGE", "ACK"]);
  assertEquals(peer.all("MESSAGE")[1]!.message.requestUri(), BOB_URI);
  assertEquals(stand.family("retry_after."), { asked: 1, held: 3 });
  assertEquals(stand.outcomes(), { attempted: 4, accepted_200: 2, rejected: 2 });
  // due at 1 s and answered after 10 s: the wait is inside the latency
  assertEquals(stand.latencies().includes("pager_accept"), true);
  stand.end();
});

Deno.test("UserAgent that waits lets the next message of a queue wait too", () => {
  const { stand, peer } = overloaded(1000, "10", { honourRetryAfter: true });
  stand.send();
  stand.send();
  stand.wait(5000);
  assertEquals([peer.methods(), stand.count("generator.queued_messages")], [["MESSAGE"], 1]);
  stand.wait(6000);
  assertEquals(peer.methods(), ["MESSAGE", "MESSAGE"]);
  assertEquals(stand.outcomes(), { attempted: 2, accepted_200: 1, rejected: 1 });
  assertEquals(stand.family("retry_after."), { asked: 1, held: 1 });
  stand.end();
});

Deno.test("UserAgent counts a message that waits twice once, and no message that waits for others only", () => {
  const { stand, peer } = overloaded(10_500, "10", { honourRetryAfter: true });
  stand.send();
  stand.wait(1000);
  for (let held = 0; held < 3; held++) stand.send();
  stand.wait(9500);
  // the first of the three is refused as well, so the second waits again; the third does not come to it
  assertEquals([peer.methods().length, stand.family("retry_after.")], [2, { asked: 2, held: 3 }]);
  stand.send();
  stand.wait(15_000);
  assertEquals([peer.methods().length, stand.family("retry_after.")], [5, { asked: 2, held: 4 }]);
  stand.end();
});

Deno.test("UserAgent waits again when it is refused again, and has one outcome a message", () => {
  const { stand, peer } = overloaded(11_000, "10;duration=60", { honourRetryAfter: true });
  for (const to of ["sip:a@h", "sip:b@h", "sip:c@h"]) {
    stand.send({ to });
    stand.wait(500);
  }
  stand.wait(30_000);
  assertEquals(stand.outcomes()["attempted"], 3);
  assertEquals(peer.moments("MESSAGE").map((at) => Math.floor(at / 1000)), [0, 10, 10]);
  stand.end();
});

Deno.test("UserAgent that is cut short sends nothing that waited; its messages stay unanswered", () => {
  const { stand, alice, peer } = overloaded(1000, "10", { honourRetryAfter: true });
  stand.send();
  stand.wait(100);
  stand.send();
  alice.agent.abandon();
  stand.wait(20_000);
  assertEquals(peer.methods(), ["MESSAGE"]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 2, rejected: 1, unanswered: 1 });
});

Deno.test("UserAgent does not wait for a time that is none, nor for other refusals", () => {
  for (const [status, value] of [[503, "soon"], [503, "-1"], [503, ""], [500, "10"], [486, "10"]] as const) {
    const { stand, peer } = scripted({ honourRetryAfter: true });
    peer.script = (arrived) => peer.respond(arrived, status, { headers: [["Retry-After", value]] });
    stand.send();
    stand.wait(100);
    stand.send();
    stand.wait(100);
    assertEquals([peer.methods().length, stand.family("retry_after.")], [2, {}], `${status} ${value}`);
    stand.end();
  }
});
