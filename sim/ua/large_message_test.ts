import { assert, assertEquals, assertMatch } from "@std/assert";
import { toText } from "../bytes/text.ts";
import { LARGE_PHASES } from "../metrics/dimensions.ts";
import { taking } from "../testing/peer_scripts.ts";
import type { Arrived } from "../testing/scripted_peer.ts";
import { facing, type PartyOptions, scripted } from "../testing/user_agent_stand.ts";

const OPTIONS: PartyOptions[] = [
  {},
  { transport: "tcp" },
  { msrp: { successReport: true } },
  { msrp: { failureReport: "no" } },
  { msrp: { failureReport: "partial", successReport: true } },
  { msrp: { chunking: 2048 } },
  { msrp: { setup: "active" } },
  { msrp: { connections: "shared" } },
  { anonymous: true },
];

for (const options of OPTIONS) {
  Deno.test(`LargeMessage arrives whole and its session is released by itself with ${JSON.stringify(options)} (T42, I585 §9)`, () => {
    const { stand, bob } = facing(options);
    stand.send({ size: 5000 });
    stand.send({ size: 250_000 });
    stand.wait(500);
    assertEquals(bob.received.map((content) => content.length).sort((a, b) => a - b), [5000, 250_000]);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 2, accepted_200: 2 });
    assertEquals([stand.count("messages.delivered"), stand.count("sessions.released")], [2, 2]);
    assertEquals(stand.family("failures."), {});
    for (const phase of LARGE_PHASES) assertEquals(stand.samples(`large_phase{phase=${phase}}`), 2, phase);
    assertEquals(stand.samples("large_whole"), 2);
  });
}

Deno.test("the phases of a large message are what happened, and add up to the whole", () => {
  const { stand } = facing({ msrp: { successReport: true }, session: { hold: 70 } });
  stand.send({ size: 250_000 });
  stand.wait(500);
  stand.end();
  const micros = (name: string): number => stand.micros(name);
  const phases = LARGE_PHASES.map((phase) => micros(`large_phase{phase=${phase}}`));
  const sum = phases.reduce((a, b) => a + b, 0);
  // each is read from a bucket of its own
  assert(Math.abs(sum - micros("large_whole")) <= 0.001 * sum + LARGE_PHASES.length, `${phases} of ${sum}`);
  assert(Math.abs(micros("large_phase{phase=hold}") - 70_000) < 1000);
  assert(Math.abs(micros("large_phase{phase=setup}") - micros("large_setup")) <= 1);
  assert(micros("large_phase{phase=release}") > 0);
});

Deno.test("LargeMessage travels through loss, repetition and disorder of datagrams", () => {
  for (const conditions of [{ loss: 0.25 }, { duplication: 0.5 }, { jitter: 40 }]) {
    const { stand, bob } = facing({}, {}, conditions);
    for (let k = 0; k < 20; k++) stand.send({ size: 2000 });
    stand.wait(200_000);
    assertEquals(bob.received.length, 20);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 20, accepted_200: 20 });
    assertEquals([stand.count("messages.delivered"), stand.count("messages.duplicated")], [20, 0]);
  }
});

Deno.test("LargeMessage connects when the answer is passive, and its first octets are a SEND (T37, RFC 4975 §5.4)", () => {
  const { stand, peer } = scripted();
  taking(peer);
  stand.send({ size: 3000 });
  stand.wait(50);
  const { request } = peer.chunks[0]!;
  assertEquals([peer.chunks.length, request.method, request.continuation], [1, "SEND", "$"]);
  assertEquals([request.toPath, request.body!.length], [[peer.path], 3000]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("LargeMessage closes a connection of the answerer by itself when the answerer does not (RFC 4975 §5.4)", () => {
  const { stand, alice, peer } = scripted();
  taking(peer, peer.description({ setup: "active" }));
  stand.send({ size: 3000 });
  stand.wait(20);
  peer.greet(peer.last("INVITE"));
  stand.wait(4000);
  assertEquals(alice.endpoint.leftovers().msrpConnections, 1);
  stand.wait(2000);
  assertEquals(peer.faults, ["connection_closed"]);
  stand.end();
});

Deno.test("LargeMessage waits for the connection of an active answerer, and answers its SEND without body (T37, RFC 6135 §4.2)", () => {
  const { stand, alice, peer } = scripted();
  taking(peer, peer.description({ setup: "active" }));
  stand.send({ size: 3000 });
  stand.wait(20);
  assertEquals([peer.methods(), alice.endpoint.leftovers().msrpConnections], [["INVITE", "ACK"], 0]);
  const flow = peer.greet(peer.last("INVITE"));
  stand.wait(20);
  flow.close();
  stand.wait(5);
  assertEquals([peer.chunkAnswers, peer.chunks.length], [["greeting1 200"], 1]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("LargeMessage connects where the answer has no a=setup, or holdconn (T38, RFC 6135 §4.2)", () => {
  for (const setup of [undefined, "holdconn"]) {
    const { stand, peer } = scripted();
    taking(peer, peer.description({ setup }));
    stand.send({ size: 3000 });
    stand.wait(50);
    assertEquals(peer.chunks.length, 1);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  }
});

Deno.test("LargeMessage offers actpass or active, never passive and never a=connection (T38, RFC 6135 §4.2.1)", () => {
  for (const setup of ["actpass", "active"] as const) {
    const { stand, peer } = scripted({ msrp: { setup } });
    taking(peer);
    stand.send({ size: 3000 });
    stand.wait(50);
    const offer = toText(peer.last("INVITE").message.body());
    const port = setup === "active" ? 9 : 15_070;
    assertMatch(offer, new RegExp(`a=setup:${setup}\r\n`));
    assertMatch(offer, new RegExp(`m=message ${port} TCP/MSRP \\*\r\n`));
    assertMatch(offer, new RegExp(`a=path:msrp://10\\.0\\.0\\.1:${port}/[0-9a-f]{20,};tcp\r\n`));
    assertMatch(offer, /a=sendonly\r\n/);
    assert(!/a=connection/.test(offer));
    stand.end();
  }
});

Deno.test("LargeMessage sends BYE when every chunk is answered, and closes the connection after it (T42, I585 §9, RFC 4975 §5.4)", () => {
  const { stand, alice, peer } = scripted({ msrp: { chunking: 2048 } });
  peer.msrpScript = () => {};
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") peer.accept(arrived);
  };
  stand.send({ size: 5000 });
  stand.wait(50);
  assertEquals(peer.chunks.length, 3);
  for (const [index, chunk] of peer.chunks.entries()) {
    assertEquals(peer.all("BYE").length, 0, `before answer ${index}`);
    peer.answerChunk(chunk, 200);
    stand.wait(20);
  }
  assertEquals([peer.all("BYE").length, stand.outcomes()], [1, { attempted: 1, accepted_200: 1 }]);
  assertEquals([alice.endpoint.leftovers().msrpConnections, peer.faults], [1, []]);
  peer.respond(peer.last("BYE"), 200);
  stand.wait(20);
  assertEquals([alice.endpoint.leftovers().msrpConnections, peer.faults], [0, ["connection_closed"]]);
  stand.end();
});

Deno.test("LargeMessage with a success report waits for it before BYE (T43, RFC 4975 §7.1.2)", () => {
  const { stand, peer } = scripted({ msrp: { successReport: true } });
  taking(peer);
  stand.send({ size: 3000 });
  stand.wait(5000);
  assertEquals(peer.all("BYE").length, 0);
  peer.report(peer.chunks[0]!, 3000);
  stand.wait(50);
  assertEquals(peer.all("BYE").length, 1);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("LargeMessage answers a BYE that comes before delivery, and counts it as such (T50)", () => {
  const { stand, alice, peer } = scripted();
  taking(peer);
  peer.msrpScript = () => peer.request("BYE", peer.last("INVITE"), { sequence: 1 });
  stand.send({ size: 3000 });
  stand.wait(50);
  assertEquals(peer.responses.map(({ message }) => `${message.method} ${message.status}`), ["BYE 200"]);
  assertEquals([peer.all("BYE").length, alice.endpoint.leftovers().msrpConnections], [0, 0]);
  stand.end();
  assertEquals([stand.outcomes(), stand.family("failures.")], [{ attempted: 1, failed: 1 }, { peer_bye_early: 1 }]);
  assertEquals(stand.count("sessions.released_by_peer"), 1);
});

Deno.test("LargeMessage ends its session once when both sides send BYE at the same time (RFC 3261 §15)", () => {
  const { stand, peer } = scripted();
  peer.script = (arrived: Arrived) => {
    if (arrived.message.method === "INVITE") peer.accept(arrived);
    if (arrived.message.method !== "BYE") return;
    peer.request("BYE", peer.last("INVITE"), { sequence: 1 });
    peer.respond(arrived, 481);
  };
  stand.send({ size: 3000 });
  stand.wait(50);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("LargeMessage whose BYE is not answered, refused or challenged ends all the same (RFC 3261 §15.1.1)", () => {
  for (const answer of ["none", "500", "challenge"]) {
    const { stand, peer } = scripted({ password: "secret" });
    const challenge = [["WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"']] as const;
    peer.script = (arrived) => {
      const { message } = arrived;
      if (message.method === "INVITE") return peer.accept(arrived);
      if (message.method !== "BYE" || answer === "none") return;
      if (answer === "500") return peer.respond(arrived, 500);
      if (message.header("Authorization") === undefined) peer.respond(arrived, 401, { headers: challenge });
      else peer.respond(arrived, 200);
    };
    stand.send({ size: 3000 });
    stand.wait(33_000);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
    assertEquals(stand.latencies().includes("large_teardown"), answer === "challenge");
    // sessions whose BYE nobody answered are not completed, and their duration stands apart (RFC 6076 §4.5.2, §4.9)
    assertEquals(stand.count("sessions.release_unanswered"), answer === "none" ? 1 : 0);
    assertEquals(stand.samples("session_duration"), answer === "none" ? 0 : 1);
    assertEquals(stand.samples("session_duration_failed"), answer === "none" ? 1 : 0);
    assertEquals(stand.samples("large_whole"), answer === "challenge" ? 1 : 0);
  }
});

Deno.test("LargeMessage whose BYE is challenged is released in the time from the first BYE (RFC 6076 §4.4)", () => {
  const { stand, peer } = scripted({ password: "secret" });
  const challenge = [["WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"']] as const;
  peer.script = (arrived) => {
    const { message } = arrived;
    if (message.method === "INVITE") peer.accept(arrived);
    if (message.method === "BYE" && message.header("Authorization") !== undefined) peer.respond(arrived, 200);
  };
  stand.send({ size: 3000 });
  stand.wait(200);
  peer.respond(peer.all("BYE")[0]!, 401, { headers: challenge });
  stand.wait(100);
  stand.end();
  const delay = stand.micros("session_disconnect_delay");
  assert(delay > 150_000, `${delay} µs`);
});

Deno.test("LargeMessage holds its session after delivery for as long as it is told (I585 §9.1.3)", () => {
  const { stand, peer } = scripted({ session: { hold: 10_000 } });
  taking(peer);
  stand.send({ size: 3000 });
  stand.wait(9900);
  assertEquals([peer.all("BYE").length, stand.outcomes()], [0, { attempted: 1, accepted_200: 1 }]);
  stand.wait(200);
  assertEquals(peer.all("BYE").length, 1);
  stand.end();
});

Deno.test("LargeMessage that is abandoned leaves nothing, whatever its state", () => {
  for (const after of [0, 1, 2, 3, 4, 5, 6, 20]) {
    const { stand, alice, bob } = facing();
    stand.send({ size: 200_000 });
    stand.wait(after);
    alice.agent.abandon();
    stand.wait(200);
    stand.end();
    assert(bob.received.length <= 1);
  }
});

Deno.test("LargeMessage over a shared connection closes it with the last session, and opens another for the next", () => {
  const { stand, alice, bob } = facing({ msrp: { connections: "shared" } });
  for (let round = 0; round < 3; round++) {
    for (let k = 0; k < 5; k++) stand.send({ size: 20_000 });
    stand.wait(3);
    assertEquals(alice.endpoint.leftovers().msrpConnections, 1);
    stand.wait(round);
    // one more while the others end
    stand.send({ size: 2000 });
    stand.wait(200);
  }
  assertEquals(bob.received.length, 18);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 18, accepted_200: 18 });
});

Deno.test("LargeMessage to a client that is not there is refused and counted once", () => {
  const { stand } = facing();
  stand.parties[1]!.endpoint.transports.close();
  stand.send({ size: 3000 });
  stand.wait(40_000);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, timed_out: 1 });
});
