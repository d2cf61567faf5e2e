/** What crosses an invitation or comes more than once: CANCEL, repeated and forked answers, answers that break the rules. */
import { assertEquals } from "@std/assert";
import { inviting } from "../testing/invitation_stand.ts";
import { PEER_TAG } from "../testing/scripted_peer.ts";

Deno.test("Invitation that is cancelled sends CANCEL after a provisional response, and hears of it once (T51, RFC 3261 §9.1)", () => {
  const { stand, peer, user, begin, answers } = inviting();
  const invitation = begin();
  stand.wait(10);
  invitation.cancel();
  invitation.cancel();
  stand.wait(10);
  assertEquals(peer.methods(), ["INVITE"]);
  const [invite] = peer.all("INVITE");
  peer.respond(invite!, 180);
  stand.wait(10);
  const cancel = peer.last("CANCEL").message;
  assertEquals([cancel.branch(), cancel.cseq()!.sequenceNumber], [invite!.message.branch(), 1]);
  peer.respond(peer.last("CANCEL"), 200);
  peer.respond(invite!, 487);
  stand.wait(10);
  assertEquals(user.heard, ["provisional", "cancelled"]);
  assertEquals([peer.methods(), answers.length], [["INVITE", "CANCEL", "ACK"], 0]);
  stand.end();
});

Deno.test("Invitation acknowledges and releases a 200 that crosses its CANCEL (T51, RFC 3261 §9.1, §15)", () => {
  const { stand, alice, peer, user, begin } = inviting();
  const invitation = begin();
  stand.wait(10);
  const [invite] = peer.all("INVITE");
  peer.respond(invite!, 180);
  stand.wait(10);
  invitation.cancel();
  peer.accept(invite!);
  stand.wait(50);
  assertEquals(peer.methods(), ["INVITE", "CANCEL", "ACK", "BYE"]);
  assertEquals([user.heard, alice.endpoint.leftovers().dialogs], [["provisional", "cancelled"], 0]);
  peer.respond(peer.last("CANCEL"), 200);
  stand.end();
});

Deno.test("Invitation does not answer a challenge once it is cancelled (RFC 3261 §9.1)", () => {
  const { stand, peer, user, begin } = inviting({ password: "secret" });
  const invitation = begin();
  stand.wait(10);
  invitation.cancel();
  peer.respond(peer.last("INVITE"), 401, { headers: [["WWW-Authenticate", 'Digest realm="r", nonce="n"']] });
  stand.wait(50);
  assertEquals([peer.methods(), user.heard], [["INVITE", "ACK"], ["cancelled"]]);
  stand.end();
});

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`Invitation acknowledges each repeated 200 over ${transport}, and makes one session (T52, RFC 3261 §13.2.2.4)`, () => {
    const { stand, alice, peer, user, begin, answers, end } = inviting({ transport });
    answers.push((invite) => peer.accept(invite));
    begin();
    stand.wait(20);
    for (let k = 0; k < 3; k++) {
      peer.accept(peer.last("INVITE"));
      stand.wait(20);
    }
    assertEquals(peer.all("ACK").length, 4);
    const sequences = peer.all("ACK").map(({ message }) => message.cseq()!.sequenceNumber);
    assertEquals([sequences, alice.endpoint.leftovers().dialogs], [[1, 1, 1, 1], 1]);
    assertEquals([user.heard, stand.count("responses.INVITE.200")], [["answered"], 1]);
    end();
    assertEquals(user.heard, ["answered", "released us"]);
  });
}

Deno.test("Invitation acknowledges a 200 repeated after BYE, with the CSeq of its INVITE (T52, RFC 3261 §13.2.2.4)", () => {
  const { stand, peer, user, begin, answers } = inviting();
  answers.push((invite) => peer.accept(invite));
  begin();
  stand.wait(20);
  user.session!.request("UPDATE", [], { onResponse: () => {}, onTimeout: () => {}, onTransportFault: () => {} });
  user.session!.release();
  stand.wait(20);
  peer.respond(peer.last("UPDATE"), 200);
  peer.accept(peer.last("INVITE"));
  stand.wait(20);
  assertEquals(peer.methods(), ["INVITE", "ACK", "UPDATE", "BYE", "ACK"]);
  assertEquals(peer.last("ACK").message.cseq()!.sequenceNumber, 1);
  stand.end();
});

Deno.test("Invitation keeps the first branch of a fork, and acknowledges and releases the others (T52, RFC 3261 §13.2.2.4)", () => {
  const { stand, alice, peer, user, begin, answers, end } = inviting();
  answers.push((invite) => {
    peer.accept(invite);
    for (let k = 0; k < 2; k++) {
      peer.respond(invite, 200, { toTag: "other", headers: [["Contact", "<sip:other@10.0.0.2:5071>;isfocus"]] });
    }
  });
  begin();
  stand.wait(50);
  const targets = peer.requests.slice(1).map(({ message }) => `${message.method} ${message.toTag()}`);
  assertEquals(targets.sort(), [`ACK ${PEER_TAG}`, "ACK other", "ACK other", "BYE other"].sort());
  assertEquals([user.heard, alice.endpoint.leftovers().dialogs], [["answered"], 1]);
  // what the other branch says is not the session's
  assertEquals(user.session!.identity, { uri: "sip:bob@10.0.0.2:5071", isFocus: false });
  end();
});

Deno.test("Invitation without any answer times out at 32 s (T54, RFC 3261 §17.1.1.2)", () => {
  const { stand, peer, user, begin } = inviting({});
  begin();
  stand.wait(31_900);
  assertEquals([user.heard, peer.all("INVITE").length], [[], 7]);
  stand.wait(200);
  assertEquals(user.heard, ["timed_out"]);
  stand.end();
});

Deno.test("Invitation over TCP ends by what happens to its connection", () => {
  const { stand, peer, user, begin } = inviting({ transport: "tcp" });
  peer.refuseSipConnections();
  begin();
  stand.wait(50);
  assertEquals(user.heard, ["connection_refused"]);
  stand.end();
});

Deno.test("Invitation releases the session of a 200 without Contact, and counts the answer bad (RFC 3261 §12.1.1)", () => {
  const { stand, alice, peer, user, begin, answers } = inviting();
  answers.push((invite) => peer.respond(invite, 200));
  begin();
  stand.wait(50);
  assertEquals(peer.methods(), ["INVITE", "ACK", "BYE"]);
  assertEquals([user.heard, alice.endpoint.leftovers().dialogs], [["bad_answer"], 0]);
  stand.end();
});

Deno.test("Invitation takes a 200 without To tag for a bad answer, and only once (RFC 3261 §12.1.2)", () => {
  const { stand, peer, user, begin } = inviting();
  begin();
  stand.wait(10);
  const { message, flow } = peer.last("INVITE");
  const lines = ["Via", "From", "To", "Call-ID", "CSeq"].map((name) => `${name}: ${message.header(name)}\r\n`).join("");
  for (let k = 0; k < 3; k++) {
    flow.send(new TextEncoder().encode(`SIP/2.0 200 OK\r\n${lines}Contact: <sip:x@y>\r\nContent-Length: 0\r\n\r\n`));
  }
  stand.wait(50);
  assertEquals([user.heard, stand.count("responses.INVITE.200")], [["bad_answer"], 1]);
  stand.end();
});
