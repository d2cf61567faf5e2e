import { assert, assertEquals, assertMatch } from "@std/assert";
import { toText } from "../bytes/text.ts";
import type { Message } from "../sip/message.ts";
import { type Arrived, PEER_TAG } from "../testing/scripted_peer.ts";
import { BOB_URI, type PartyOptions, scripted } from "../testing/user_agent_stand.ts";
import { Invitation, type InvitationFailure, type InvitationUser } from "./invitation.ts";
import type { Release, Session } from "./session.ts";

const DESCRIPTION = "v=0\r\n";

/** Notes what an invitation tells. */
class NotingUser implements InvitationUser {
  readonly heard: string[] = [];
  session: Session | undefined;
  request = "";

  onProvisional(): void {
    this.heard.push("provisional");
  }

  onAnswered(session: Session): void {
    this.heard.push("answered");
    this.session = session;
  }

  onRefused(failure: InvitationFailure, _at: number, _message: Message | undefined, request: () => Uint8Array): void {
    this.heard.push(failure.kind === "rejected" ? `rejected ${failure.status}` : failure.kind);
    this.request = toText(request());
  }

  onReleased(_session: Session, by: Release): void {
    this.heard.push(`released ${by}`);
  }
}

/** An invitation by itself; the peer answers BYE, and else what the test says. */
function inviting(options: PartyOptions & { description?: string } = {}) {
  const { stand, alice, peer } = scripted(options);
  const user = new NotingUser();
  const { description = DESCRIPTION } = options;
  const begin = () => new Invitation(alice.agent, { uri: BOB_URI, description, anonymous: false, user });
  const answers: ((arrived: Arrived) => void)[] = [];
  peer.script = (arrived) => {
    const { method } = arrived.message;
    if (method === "BYE") peer.respond(arrived, 200);
    else if (method === "INVITE") answers.shift()?.(arrived);
  };
  /** Ends the session, and fails when anything is left. */
  const end = () => {
    user.session?.release();
    stand.wait(50);
    stand.end();
  };
  return { stand, alice, peer, user, begin, answers, end };
}

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
