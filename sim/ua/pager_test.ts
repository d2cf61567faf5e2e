import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { toText } from "../bytes/text.ts";
import type { Arrived, ScriptedPeer } from "../testing/scripted_peer.ts";
import { facing, type PartyOptions, scripted } from "../testing/user_agent_stand.ts";
import { contentSizeFor, pagerSize, pagerValues } from "./pager.ts";

const CHALLENGE = 'Digest realm="ims.example", nonce="n1", qop="auth", algorithm=MD5';

/** Answers every MESSAGE, and every INVITE with 486 so that large mode shows and ends. */
function answering(peer: ScriptedPeer, status = 200): void {
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") peer.respond(arrived, 486);
    else if (arrived.message.method === "MESSAGE") peer.respond(arrived, status);
  };
}

/** Challenges what has no credentials, and then takes it. */
function challenging(peer: ScriptedPeer, challenge = CHALLENGE): void {
  peer.script = (arrived) => {
    const { message } = arrived;
    if (message.method === "ACK") return;
    if (message.method === "INVITE") peer.respond(arrived, 486);
    else if (message.header("Proxy-Authorization") !== undefined) peer.respond(arrived, 200);
    else peer.respond(arrived, 407, { headers: [["Proxy-Authenticate", challenge]] });
  };
}

/** What leaves for a message whose whole request has exactly `total` octets. */
function methodsFor(total: number, options: PartyOptions = {}): string[] {
  const { stand, peer } = scripted(options);
  answering(peer);
  stand.send({ size: total, sizeIsTotal: true });
  stand.wait(50);
  stand.end();
  return peer.methods().filter((method) => method !== "ACK");
}

Deno.test("UserAgent sends 1299 octets as one MESSAGE, and 1300 or 1301 as a session (T1, T2, T3, I585 §9)", () => {
  assertEquals([1299, 1300, 1301].map((total) => methodsFor(total)), [["MESSAGE"], ["INVITE"], ["INVITE"]]);
});

Deno.test("UserAgent takes exactly 1300 octets as pager where the boundary is inclusive (T2, RFC 3428 §8)", () => {
  const options: PartyOptions = { mode: { boundary: "inclusive" } };
  assertEquals([1299, 1300, 1301].map((total) => methodsFor(total, options)), [["MESSAGE"], ["MESSAGE"], ["INVITE"]]);
});

Deno.test("UserAgent with positive knowledge of the path sends 1301 as MESSAGE, 1300 as session (T3, T4, I585 §9)", () => {
  const options: PartyOptions = { mode: { endToEndReliable: true } };
  assertEquals([1299, 1300, 1301].map((total) => methodsFor(total, options)), [["MESSAGE"], ["INVITE"], ["MESSAGE"]]);
});

Deno.test("UserAgent does not take TCP on the first hop for knowledge of the path (T5, RFC 3428 §8)", () => {
  assertEquals(methodsFor(1400, { transport: "tcp" }), ["INVITE"]);
});

for (const transport of ["udp", "tcp"] as const) {
  for (const total of [1299, 1300, 1301]) {
    Deno.test(`PagerMessage of a total of ${total} octets arrives as exactly that over ${transport}`, () => {
      const { stand, peer } = scripted({ transport, mode: { force: "pager" } });
      answering(peer);
      stand.send({ size: total, sizeIsTotal: true });
      stand.wait(50);
      const { message, flow } = peer.last("MESSAGE");
      assertEquals(message.octets.length, total);
      assertEquals(message.body().length, Number(message.header("Content-Length")));
      assertEquals(flow.transport, total > 1300 ? "tcp" : transport);
      stand.end();
    });
  }
}

for (const total of [1299, 1300, 1301]) {
  Deno.test(`PagerMessage keeps a total of ${total} octets when a 407 makes it carry credentials`, () => {
    const { stand, peer } = scripted({ password: "secret", mode: { force: "pager" } });
    challenging(peer);
    stand.send({ size: total, sizeIsTotal: true });
    stand.wait(50);
    const [first, second] = peer.all("MESSAGE").map(({ message }) => message);
    assertEquals([first!.octets.length, second!.octets.length], [total, total]);
    assertEquals(second!.body().length < first!.body().length, true);
    assertEquals([first!.body().slice(0, 13), second!.callId()], [second!.body().slice(0, 13), first!.callId()]);
    // and with the credentials known from the start
    stand.send({ size: total, sizeIsTotal: true });
    stand.wait(50);
    const third = peer.last("MESSAGE").message;
    assertEquals([third.octets.length, peer.all("MESSAGE").length], [total, 3]);
    assertStringIncludes(third.header("Proxy-Authorization")!, "nc=00000002");
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 2, accepted_200: 2 });
  });
}

Deno.test("PagerMessage that waited while credentials came keeps its exact total", () => {
  const { stand, peer } = scripted({ password: "secret" });
  challenging(peer);
  stand.send({ size: 1299, sizeIsTotal: true });
  stand.send({ size: 1299, sizeIsTotal: true });
  stand.wait(50);
  const sizes = peer.all("MESSAGE").map(({ message }) => message.octets.length);
  assertEquals(sizes, [1299, 1299, 1299]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 2, accepted_200: 2 });
});

Deno.test("Ledger counts the octets of the content that arrived, after it was made again around credentials", () => {
  const { stand, alice, bob } = facing({ password: "secret" });
  const answers = [407, 200];
  bob.agent.onRequest = (message, transaction, at) => {
    const status = answers.shift()!;
    const headers = status === 407 ? [["Proxy-Authenticate", CHALLENGE] as const] : [];
    bob.endpoint.respond(transaction, message, status, { toTag: "x", headers });
    if (status !== 200) return;
    bob.agent.settings.onDelivery({ receiver: 1, from: alice.agent.aor, content: message.body(), at });
  };
  stand.send({ size: 1299, sizeIsTotal: true });
  stand.wait(50);
  stand.end();
  assertEquals(stand.count("messages.octets_delivered"), bob.received[0]!.length);
  assertEquals(stand.count("messages.corrupted"), 0);
});

Deno.test("UserAgent measures octets, not characters (T6, RFC 3428 §8)", () => {
  const methods = [150, 400].map((characters) => {
    const { stand, peer } = scripted();
    answering(peer);
    stand.send({ text: "\u{1f600}".repeat(characters) });
    stand.wait(50);
    stand.end();
    return peer.methods()[0];
  });
  assertEquals(methods, ["MESSAGE", "INVITE"]);
});

Deno.test("PagerMessage becomes a large message when credentials carry it over the threshold (T7, I585 §9)", () => {
  const { stand, peer } = scripted({ password: "secret" });
  challenging(peer);
  const values = pagerValues(stand.alice.agent, "sip:bob@ims.example", false);
  const size = contentSizeFor(values, 1290, 0);
  stand.send({ size });
  stand.wait(50);
  assertEquals(peer.methods(), ["MESSAGE", "INVITE", "ACK"]);
  assertEquals(stand.count("decisions.switched_after_auth"), 1);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
  assertEquals([stand.count("messages.large.attempted"), stand.count("messages.large.rejected")], [1, 1]);
});

for (const sizeBasis of ["body", "content"] as const) {
  Deno.test(`UserAgent that measures the ${sizeBasis} sends 1500 octets in all as MESSAGE, over TCP (T8)`, () => {
    const { stand, peer } = scripted({ mode: { sizeBasis } });
    answering(peer);
    stand.send({ size: 1500, sizeIsTotal: true });
    stand.send({ size: 1300 });
    stand.wait(50);
    stand.end();
    assertEquals(peer.methods().slice(0, 2), ["MESSAGE", "INVITE"]);
    assertEquals(peer.last("MESSAGE").flow.transport, "tcp");
  });
}

Deno.test("PagerMessage over 1300 octets leaves over TCP with such a Via, over UDP where that is refused (T9, RFC 3261 §18.1.1)", () => {
  for (const refuses of [false, true]) {
    const { stand, peer } = scripted({ mode: { endToEndReliable: true } });
    answering(peer);
    if (refuses) peer.refuseSipConnections();
    stand.send({ size: 1301, sizeIsTotal: true });
    stand.wait(50);
    const { message, flow } = peer.last("MESSAGE");
    assertEquals(flow.transport, refuses ? "udp" : "tcp");
    assertMatch(message.header("Via")!, refuses ? /^SIP\/2\.0\/UDP / : /^SIP\/2\.0\/TCP /);
    assertEquals([peer.all("MESSAGE").length, stand.alice.endpoint.switchedToTcp], [1, 1]);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  }
});

for (const status of [413, 513, 404, 480, 486, 500, 503, 603]) {
  Deno.test(`PagerMessage answered ${status} is rejected, and not sent again (T10, RFC 3261 §21.5.7)`, () => {
    const { stand, peer } = scripted();
    answering(peer, status);
    stand.send();
    stand.wait(50_000);
    assertEquals(peer.methods(), ["MESSAGE"]);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
    assertEquals(stand.family("failures."), { [`rejected_${status}`]: 1 });
  });
}

Deno.test("UserAgent has one MESSAGE pending per URI; to another URI it sends at once (T11, RFC 3428 §8)", () => {
  const { stand, alice, peer } = scripted();
  stand.send();
  stand.send();
  stand.send({ to: "sip:carol@ims.example" });
  stand.wait(10);
  const targets = () => peer.all("MESSAGE").map(({ message }) => message.requestUri());
  assertEquals(targets(), ["sip:bob@ims.example", "sip:carol@ims.example"]);
  assertEquals([alice.agent.pendingPagers(), stand.count("generator.queued_messages")], [3, 1]);
  peer.respond(peer.all("MESSAGE")[0]!, 100);
  stand.wait(10);
  assertEquals(targets().length, 2);
  peer.respond(peer.all("MESSAGE")[0]!, 486);
  stand.wait(10);
  assertEquals(targets(), ["sip:bob@ims.example", "sip:carol@ims.example", "sip:bob@ims.example"]);
  peer.respond(peer.all("MESSAGE")[1]!, 200);
  peer.respond(peer.all("MESSAGE")[2]!, 200);
  stand.wait(10);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 3, accepted_200: 2, rejected: 1 });
});

Deno.test("PagerMessage tells 200 from 202 (T53, RFC 3428 §7)", () => {
  for (const status of [200, 202]) {
    const { stand, peer } = scripted();
    answering(peer, status);
    stand.send();
    stand.wait(50);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 1, [`accepted_${status}`]: 1 });
  }
});

Deno.test("PagerMessage over UDP is sent at 0, 0.5, 1.5 and 3.5 s while it gets lost (T54, RFC 3261 §17.1.2)", () => {
  const { stand, peer } = scripted({}, { delay: 0 });
  const toBob: number[] = [];
  peer.script = (arrived) => {
    toBob.push(arrived.at);
    if (toBob.length === 4) peer.respond(arrived, 200);
  };
  stand.send();
  stand.wait(60_000);
  // the wheel fires a moment later than asked, never earlier
  assertEquals(toBob.map((at) => Math.round(at / 10) * 10), [0, 500, 1500, 3500]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  assertEquals(stand.alice.endpoint.transactions.counters.retransmissions.get("MESSAGE"), 3);
});

Deno.test("PagerMessage without any answer times out at 32 s, and the next one goes (T54, RFC 3261 §17.1.2.2)", () => {
  const { stand, alice, peer } = scripted();
  stand.send();
  stand.send();
  stand.wait(31_990);
  assertEquals([stand.count("messages.timed_out"), alice.agent.pendingPagers()], [0, 2]);
  stand.wait(40);
  assertEquals([stand.count("messages.timed_out"), alice.agent.pendingPagers()], [1, 1]);
  peer.respond(peer.last("MESSAGE"), 200);
  stand.wait(50);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 2, accepted_200: 1, timed_out: 1 });
});

Deno.test("PagerMessage over TCP ends by what happens to its connection", () => {
  const refused = scripted({ transport: "tcp" });
  refused.peer.refuseSipConnections();
  refused.stand.send();
  refused.stand.wait(50);
  refused.stand.end();
  assertEquals(refused.stand.outcomes(), { attempted: 1, failed: 1 });
  assertEquals(refused.stand.family("failures."), { connection_refused: 1 });

  const reset = scripted({ transport: "tcp" });
  reset.stand.send();
  reset.stand.wait(10);
  reset.peer.refuseSipConnections();
  reset.stand.wait(50);
  reset.stand.end();
  assertEquals(reset.stand.outcomes(), { attempted: 1, failed: 1 });
});

Deno.test("PagerMessage answers a challenge once: CSeq + 1, same Call-ID and From tag, a new branch (T55, RFC 3261 §22.2)", () => {
  const { stand, peer } = scripted({ password: "secret" });
  challenging(peer);
  stand.send();
  stand.wait(50);
  const [first, second] = peer.all("MESSAGE").map(({ message }) => message);
  assertEquals([first!.cseq()!.sequenceNumber, second!.cseq()!.sequenceNumber], [1, 2]);
  assertEquals([second!.callId(), second!.fromTag()], [first!.callId(), first!.fromTag()]);
  assertEquals(second!.branch() === first!.branch(), false);
  assertEquals(second!.body(), first!.body());
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("PagerMessage gives up on a nonce it has answered already: a wrong password (T55, RFC 3261 §22.1)", () => {
  const { stand, peer } = scripted({ password: "wrong" });
  peer.script = (arrived) => peer.respond(arrived, 407, { headers: [["Proxy-Authenticate", CHALLENGE]] });
  stand.send();
  stand.wait(50);
  assertEquals(peer.methods(), ["MESSAGE", "MESSAGE"]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
  assertEquals(stand.count("authentication.refused"), 1);
});

Deno.test("PagerMessage answers SHA-256 above MD5, and a stale nonce once more (T55, RFC 8760 §2.3)", () => {
  const { stand, peer } = scripted({ password: "secret" });
  const challenges = [
    ['Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256', 'Digest realm="r", nonce="n1", algorithm=MD5'],
    ['Digest realm="r", nonce="n2", qop="auth", algorithm=SHA-256, stale=true'],
  ];
  peer.script = (arrived) => {
    const values = challenges.shift();
    if (values === undefined) peer.respond(arrived, 200);
    else peer.respond(arrived, 401, { headers: values.map((value) => ["WWW-Authenticate", value]) });
  };
  stand.send();
  stand.wait(50);
  const lines = peer.all("MESSAGE").map(({ message }) => message.header("Authorization"));
  assertEquals(lines.length, 3);
  assertMatch(lines[1]!, /nonce="n1".*algorithm=SHA-256/);
  assertMatch(lines[2]!, /nonce="n2".*algorithm=SHA-256/);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("UserAgent without a password takes a challenge for a rejection (RFC 3261 §22.1)", () => {
  const { stand, peer } = scripted();
  challenging(peer);
  stand.send();
  stand.wait(50);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
});

Deno.test("PagerMessage keeps the request of a failure for people to look at", () => {
  const { stand, peer } = scripted();
  answering(peer, 480);
  stand.send();
  stand.wait(50);
  const [evidence] = stand.evidenceTaken();
  assertEquals(evidence!.messages.map(({ direction }) => direction), ["sent", "received"]);
  assertEquals(evidence!.messages[0]!.text, toText(peer.last("MESSAGE").message.octets));
  assertMatch(evidence!.messages[1]!.text, /^SIP\/2\.0 480 /);
  stand.end();
});

Deno.test("PagerMessage passes over answers to nobody, and takes a repeated final response once", () => {
  const { stand, peer } = scripted();
  stand.send();
  stand.wait(10);
  const arrived: Arrived = peer.last("MESSAGE");
  peer.sendRaw(
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKnobody\r\nFrom: <sip:a@b>;tag=1\r\n" +
      "To: <sip:b@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n",
  );
  peer.sendRaw("no SIP at all\r\n\r\n");
  for (const status of [200, 200, 500]) peer.respond(arrived, status);
  stand.wait(50);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  assertEquals(stand.alice.endpoint.transactions.counters.strayResponses, 1);
});

Deno.test("contentSizeFor meets every total it can, and says 0 below the size of the header fields", () => {
  const { stand } = scripted();
  const values = pagerValues(stand.alice.agent, "sip:bob@ims.example", false);
  const bare = pagerSize(values, 0);
  for (let total = bare; total < bare + 1200; total++) {
    const size = contentSizeFor(values, total, 0);
    const missed = total - pagerSize(values, size);
    // one more digit of Content-Length costs an octet: those totals do not exist
    assertEquals(missed, total - bare === 10 || total - bare === 101 || total - bare === 1002 ? 1 : 0);
  }
  assertEquals(contentSizeFor(values, bare - 1, 0), 0);
});
