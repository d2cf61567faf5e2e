import { assertEquals, assertMatch } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import type { HeaderField } from "../sip/request.ts";
import { answering, CHALLENGE, challenging } from "../testing/peer_scripts.ts";
import type { Arrived } from "../testing/scripted_peer.ts";
import { scripted } from "../testing/user_agent_stand.ts";

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

Deno.test("PagerMessage accepts a 2xx with Contact or content, and notes it as the peer's fault (T53, RFC 3428 §7)", () => {
  const { stand, peer } = scripted();
  const contact: HeaderField = ["Contact", "<sip:bob@10.0.0.2>"];
  const answers = [{}, { headers: [contact] }, { headers: [contact], body: toOctets("thanks") }];
  peer.script = (arrived) => peer.respond(arrived, 200, answers.shift());
  for (let k = 0; k < 3; k++) {
    stand.send();
    stand.wait(10);
  }
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 3, accepted_200: 3 });
  assertEquals(stand.family("violations."), { message_2xx_with_contact: 2, message_2xx_with_body: 1 });
  assertEquals(stand.family("failures."), {});
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
