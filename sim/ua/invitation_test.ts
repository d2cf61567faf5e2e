import { assert, assertEquals, assertMatch } from "@std/assert";
import { toText } from "../bytes/text.ts";
import { inviting } from "../testing/invitation_stand.ts";

for (const refuses of [false, true]) {
  const way = refuses ? "over UDP where TCP is refused" : "over TCP with Via SIP/2.0/TCP";
  Deno.test(`Invitation of more than 1300 octets goes ${way} (T9, RFC 3261 §18.1.1)`, () => {
    const { peer, begin, answers, stand, user, alice } = inviting({ description: "x".repeat(1000) });
    if (refuses) peer.refuseSipConnections();
    answers.push((invite) => peer.respond(invite, 486));
    begin();
    stand.wait(50);
    const { message, flow } = peer.last("INVITE");
    assert(message.octets.length > 1300);
    assertEquals(flow.transport, refuses ? "udp" : "tcp");
    assertMatch(message.header("Via")!, refuses ? /^SIP\/2\.0\/UDP / : /^SIP\/2\.0\/TCP /);
    assertEquals(peer.methods(), ["INVITE", "ACK"]);
    assertEquals([user.heard, alice.endpoint.switchedToTcp], [["rejected 486"], 1]);
    // what is shown of it is what was sent
    assertEquals(user.request, toText(message.octets));
    stand.end();
  });
}

Deno.test("Invitation of exactly 1300 octets stays on UDP (T9, RFC 3261 §18.1.1)", () => {
  const probe = inviting({ description: "x".repeat(500) });
  probe.begin();
  probe.stand.wait(10);
  const room = 1300 - probe.peer.last("INVITE").message.octets.length;
  for (const [more, transport] of [[0, "udp"], [1, "tcp"]] as const) {
    const { peer, begin, stand } = inviting({ description: "x".repeat(500 + room + more) });
    begin();
    stand.wait(10);
    const { message, flow } = peer.last("INVITE");
    assertEquals([message.octets.length, flow.transport], [1300 + more, transport]);
  }
});

Deno.test("Invitation stores Allow of any response; a response without it leaves the list (T21, I585 §9.1.1)", () => {
  const { stand, peer, user, begin, answers, end } = inviting();
  answers.push((invite) => {
    peer.respond(invite, 183, { headers: [["Allow", "INVITE, ACK"], ["Allow", "BYE"]] });
    peer.accept(invite);
  });
  begin();
  stand.wait(50);
  assertEquals(user.heard, ["provisional", "answered"]);
  assertEquals(user.session!.allow, ["INVITE", "ACK", "BYE"]);
  end();
});

Deno.test("Invitation takes the list of the latest Allow, an empty one included (T21, I585 §9.1.1)", () => {
  for (const [value, expected] of [["INVITE, UPDATE", ["INVITE", "UPDATE"]], ["", []]] as const) {
    const { stand, peer, user, begin, answers, end } = inviting();
    answers.push((invite) => {
      peer.respond(invite, 183, { headers: [["Allow", "INVITE, ACK, BYE"]] });
      peer.accept(invite, { headers: [["Allow", value]] });
    });
    begin();
    stand.wait(50);
    assertEquals(user.session!.allow?.filter((method) => method !== ""), [...expected]);
    end();
  }
});

Deno.test("Invitation stores Contact as Session Identity, and whether it is a focus (T23, I585 §9.1.1, RFC 4579 §5.2)", () => {
  for (const isFocus of [true, false]) {
    const { stand, peer, user, begin, answers, end } = inviting();
    const contact = `<sip:conf1@10.0.0.2:5071>${isFocus ? ";isfocus" : ""}`;
    answers.push((invite) => peer.respond(invite, 200, { headers: [["Contact", contact]] }));
    begin();
    stand.wait(50);
    assertEquals(user.session!.identity, { uri: "sip:conf1@10.0.0.2:5071", isFocus });
    end();
  }
});

Deno.test("Invitation lets a later Contact replace the Session Identity (T24, I585 §9.1.1)", () => {
  const { stand, peer, user, begin, answers, end } = inviting();
  answers.push((invite) => {
    peer.respond(invite, 180, { headers: [["Contact", "<sip:ringing@10.0.0.2:5071>"]] });
    peer.accept(invite);
  });
  const invitation = begin();
  stand.wait(50);
  assertEquals(invitation.identity, { uri: "sip:bob@10.0.0.2:5071", isFocus: false });
  assertEquals(user.session!.identity, invitation.identity);
  end();
});

Deno.test("Invitation stores the Contact of a refusal, and makes no session (T24, I585 §9.1.1)", () => {
  const { stand, alice, peer, user, begin, answers } = inviting();
  answers.push((invite) => peer.respond(invite, 486, { headers: [["Contact", "<sip:busy@h>"], ["Allow", "MESSAGE"]] }));
  const invitation = begin();
  stand.wait(50);
  assertEquals([invitation.identity?.uri, invitation.allow], ["sip:busy@h", ["MESSAGE"]]);
  assertEquals([user.heard, alice.endpoint.leftovers().dialogs], [["rejected 486"], 0]);
  stand.end();
});

Deno.test("Invitation takes the Contact of a 3xx for no Session Identity (RFC 3261 §8.1.3.4)", () => {
  const { stand, peer, user, begin, answers } = inviting();
  answers.push((invite) => peer.respond(invite, 302, { headers: [["Contact", "<sip:elsewhere@h>"]] }));
  const invitation = begin();
  stand.wait(50);
  assertEquals([invitation.identity, user.heard], [undefined, ["rejected 302"]]);
  stand.end();
});

Deno.test("Invitation answers 422: ACK, then the same call with CSeq + 1 and the interval asked for (T29, RFC 4028 §7.3)", () => {
  const { stand, peer, user, begin, answers, end } = inviting();
  answers.push((invite) => peer.respond(invite, 422, { headers: [["Min-SE", "3600"]] }));
  answers.push((invite) => peer.accept(invite, { headers: [["Session-Expires", "3600;refresher=uac"]] }));
  begin();
  stand.wait(50);
  assertEquals(peer.methods(), ["INVITE", "ACK", "INVITE", "ACK"]);
  const [first, second] = peer.all("INVITE").map(({ message }) => message);
  assertEquals([first!.cseq()!.sequenceNumber, second!.cseq()!.sequenceNumber], [1, 2]);
  assertEquals([second!.callId(), second!.fromTag(), second!.toTag()], [first!.callId(), first!.fromTag(), ""]);
  assertEquals([second!.header("Session-Expires"), second!.header("Min-SE")], ["3600;refresher=uac", "3600"]);
  assertEquals([user.heard, stand.count("session_timer.interval_too_small_422")], [["answered"], 1]);
  end();
});

Deno.test("Invitation raises Min-SE with each 422 (T30, RFC 4028 §7.3)", () => {
  const { stand, peer, begin, answers, end } = inviting();
  for (const minSe of ["3600", "4000"]) {
    answers.push((invite) => peer.respond(invite, 422, { headers: [["Min-SE", minSe]] }));
  }
  answers.push((invite) => peer.accept(invite));
  begin();
  stand.wait(50);
  const values = peer.all("INVITE").map(({ message }) => message.header("Min-SE"));
  assertEquals(values, [undefined, "3600", "4000"]);
  end();
});

Deno.test("Invitation ends an endless loop of 422, and one that asks for nothing new (T30, RFC 4028 §7.3)", () => {
  for (const [step, tries] of [[100, 5], [0, 2]] as const) {
    const { stand, peer, user, begin } = inviting();
    let minSe = 2000;
    peer.script = (arrived) => {
      if (arrived.message.method === "INVITE") {
        peer.respond(arrived, 422, { headers: [["Min-SE", String(minSe += step)]] });
      }
    };
    begin();
    stand.wait(1000);
    assertEquals([peer.all("INVITE").length, user.heard], [tries, ["session_interval_too_small"]]);
    stand.end();
  }
});

Deno.test("Invitation answers a challenge, and repeats the credentials in ACK (RFC 3261 §22.1)", () => {
  const { stand, peer, user, begin, answers, end } = inviting({ password: "secret" });
  const challenge = 'Digest realm="r", nonce="n", qop="auth"';
  answers.push((invite) => peer.respond(invite, 401, { headers: [["WWW-Authenticate", challenge]] }));
  answers.push((invite) => peer.accept(invite));
  const invitation = begin();
  stand.wait(50);
  assertEquals(peer.methods(), ["INVITE", "ACK", "INVITE", "ACK"]);
  assertEquals(
    peer.last("ACK").message.header("Authorization"),
    peer.last("INVITE").message.header("Authorization"),
  );
  assertEquals(peer.last("ACK").message.cseq()!.sequenceNumber, 2);
  assertEquals([user.heard, invitation.sentAt], [["answered"], 0]);
  end();
});
