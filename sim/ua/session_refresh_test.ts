import { assert, assertEquals } from "@std/assert";
import { toText } from "../bytes/text.ts";
import type { HeaderField } from "../sip/request.ts";
import { held, HOLD, WITH_UPDATE } from "../testing/held_session.ts";
import { facing, type PartyOptions, scripted } from "../testing/user_agent_stand.ts";

Deno.test("SessionRefresh sends UPDATE without content where Allow has it, after half of the interval (T22, T25, RFC 4028 §7.4, §10)", () => {
  const { refreshes, seconds, waitUntil, end } = held([["Session-Expires", "600;refresher=uac"], WITH_UPDATE]);
  waitUntil(299.9);
  assertEquals(refreshes.length, 0);
  waitUntil(300.1);
  assertEquals(refreshes.length, 1);
  const { message } = refreshes[0]!;
  assertEquals([message.method, message.body().length], ["UPDATE", 0]);
  assertEquals(message.header("Session-Expires"), "600;refresher=uac");
  waitUntil(1000);
  assertEquals(seconds("UPDATE"), [300, 600, 900]);
  end();
});

Deno.test("SessionRefresh sends re-INVITE where the list of the 183 has no UPDATE and the 200 has none (T21, I585 §9.1.1)", () => {
  const { refreshes, waitUntil, end } = held([["Session-Expires", "600;refresher=uac"]], {}, [
    ["Allow", "INVITE, ACK, BYE"],
  ]);
  waitUntil(301);
  assertEquals(refreshes.map(({ message }) => message.method), ["INVITE"]);
  end();
});

Deno.test("SessionRefresh takes the list of a later Allow for its next refresh (T21, I585 §9.1.1)", () => {
  const timer: HeaderField = ["Session-Expires", "600;refresher=uac"];
  const { peer, refreshes, answers, waitUntil, end } = held([timer, WITH_UPDATE]);
  answers.push((refresh) => peer.accept(refresh, { headers: [timer, ["Allow", "INVITE, ACK, BYE"]] }));
  waitUntil(601);
  assertEquals(refreshes.map(({ message }) => message.method), ["UPDATE", "INVITE"]);
  end();
});

Deno.test("SessionRefresh uses the method it is told to", () => {
  for (const [refreshMethod, method] of [["update", "UPDATE"], ["reinvite", "INVITE"]] as const) {
    const headers: HeaderField[] = [["Session-Expires", "600;refresher=uac"], WITH_UPDATE];
    const { refreshes, waitUntil, end } = held(headers, { session: { refreshMethod, refreshAfter: 0.25 } });
    waitUntil(151);
    assertEquals(refreshes.map(({ message }) => message.method), [method]);
    end();
  }
});

Deno.test("SessionRefresh repeats the o= line and leaves the transfer alone in a re-INVITE (T36, RFC 4028 §7.4)", () => {
  const { stand, peer, refreshes, waitUntil, end } = held([["Session-Expires", "600;refresher=uac"]]);
  const first = toText(peer.all("INVITE")[0]!.message.body());
  waitUntil(301);
  const { message } = refreshes[0]!;
  assertEquals(toText(message.body()), first);
  assertEquals(message.header("Content-Type"), "application/sdp");
  assertEquals(peer.last("ACK").message.cseq()!.sequenceNumber, message.cseq()!.sequenceNumber);
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  end();
});

Deno.test("SessionRefresh during a transfer does not disturb it (T36, RFC 4028 §7.4)", () => {
  const { stand, peer } = scripted();
  peer.msrpScript = () => {};
  peer.script = (arrived) => {
    const { method } = arrived.message;
    if (method === "INVITE") peer.accept(arrived, { headers: [["Session-Expires", "20;refresher=uac"]] });
    if (method === "BYE") peer.respond(arrived, 200);
  };
  stand.send({ size: 3000 });
  stand.wait(11_000);
  assertEquals(peer.methods(), ["INVITE", "ACK", "INVITE", "ACK"]);
  peer.answerChunk(peer.chunks[0]!, 200);
  stand.wait(100);
  stand.end();
  assertEquals([stand.outcomes(), peer.chunks.length], [{ attempted: 1, accepted_200: 1 }, 1]);
});

for (const [interval, byeAt] of [[600, 568], [90, 60], [1800, 1768]] as const) {
  Deno.test(`SessionRefresh sends BYE at ${byeAt} s when the peer should refresh ${interval} s and does not (T26, RFC 4028 §10)`, () => {
    const { stand, peer, seconds, waitUntil, end } = held([["Session-Expires", `${interval};refresher=uas`]]);
    waitUntil(byeAt + 1);
    assertEquals([peer.methods(), seconds("BYE")], [["INVITE", "ACK", "BYE"], [byeAt]]);
    assertEquals(stand.count("session_timer.expired"), 1);
    end();
    assertEquals(stand.count("sessions.released"), 1);
  });
}

Deno.test("SessionRefresh runs alone where the peer knows no timer, unless told not to (T27, RFC 4028 §7.2)", () => {
  for (const soloRefresh of [true, false]) {
    const { stand, seconds, waitUntil, end } = held([], { session: { soloRefresh } });
    waitUntil(2000);
    assertEquals(seconds("INVITE"), soloRefresh ? [900, 1800] : []);
    assertEquals(stand.count("session_timer.started"), soloRefresh ? 1 : 0);
    end();
  }
});

Deno.test("SessionRefresh alone keeps the interval that a 422 asked for (T27, RFC 4028 §7.2, §7.3)", () => {
  const { stand, peer } = scripted({ session: { hold: HOLD } });
  let refused = false;
  peer.script = (arrived) => {
    const { message } = arrived;
    if (message.method === "INVITE" && !refused) {
      refused = true;
      return peer.respond(arrived, 422, { headers: [["Min-SE", "3600"]] });
    }
    if (message.method === "INVITE") peer.accept(arrived);
    if (message.method === "BYE") peer.respond(arrived, 200);
  };
  stand.send({ size: 3000 });
  stand.wait(1_799_000);
  assertEquals(peer.all("INVITE").length, 2);
  stand.wait(2000);
  assertEquals(peer.all("INVITE").length, 3);
  stand.alice.agent.abandon();
  stand.wait(100);
  stand.end();
});

Deno.test("SessionRefresh starts with the 2xx, whatever a provisional response says (T28, RFC 4028 §7.2)", () => {
  const { stand, peer, waitUntil, end } = held([["Supported", "timer"]], {}, [["Session-Expires", "90;refresher=uac"]]);
  waitUntil(1000);
  assertEquals([peer.methods(), stand.count("session_timer.started")], [["INVITE", "ACK"], 0]);
  end();
});

Deno.test("SessionRefresh switches the timer off when the 2xx to a refresh has none (RFC 4028 §7.2)", () => {
  const { peer, answers, waitUntil, seconds, end } = held([["Session-Expires", "600;refresher=uac"], WITH_UPDATE]);
  answers.push((refresh) => peer.respond(refresh, 200, { headers: [["Supported", "timer"]] }));
  waitUntil(5000);
  assertEquals([seconds("UPDATE"), seconds("BYE")], [[300], []]);
  end();
});

for (const status of [408, 481]) {
  Deno.test(`SessionRefresh sends BYE when a refresh is answered ${status} (T31, RFC 4028 §10)`, () => {
    const { stand, peer, answers, waitUntil, seconds, end } = held([["Session-Expires", "600;refresher=uac"]]);
    answers.push((refresh) => peer.respond(refresh, status));
    waitUntil(400);
    assertEquals([seconds("INVITE"), seconds("BYE")], [[300], [300]]);
    assertEquals(stand.count("session_timer.refreshes_failed"), 1);
    end();
  });
}

Deno.test("SessionRefresh sends BYE when a refresh gets no answer (T31, RFC 4028 §10)", () => {
  for (const headers of [[], [WITH_UPDATE]]) {
    const { answers, waitUntil, seconds, end } = held([["Session-Expires", "600;refresher=uac"], ...headers]);
    answers.push(...Array.from({ length: 12 }, () => () => {}));
    waitUntil(331);
    assertEquals(seconds("BYE"), []);
    waitUntil(333);
    assertEquals(seconds("BYE"), [332]);
    end();
  }
});

Deno.test("SessionRefresh answered 500 neither tries again at once nor ends the session before its interval (T31, RFC 4028 §10)", () => {
  const { peer, answers, waitUntil, seconds, end } = held([["Session-Expires", "600;refresher=uac"], WITH_UPDATE]);
  answers.push((refresh) => peer.respond(refresh, 500));
  waitUntil(599);
  assertEquals([seconds("UPDATE"), seconds("BYE")], [[300], []]);
  waitUntil(601);
  assertEquals([seconds("UPDATE"), seconds("BYE")], [[300], [600]]);
  end();
});

Deno.test("SessionRefresh whose connection fails leaves the session its interval: as a 503 (RFC 3261 §8.1.3.1)", () => {
  const options: PartyOptions = { transport: "tcp" };
  const { peer, answers, waitUntil, seconds, end } = held([["Session-Expires", "600;refresher=uac"]], options);
  answers.push(() => peer.refuseSipConnections());
  waitUntil(599);
  assertEquals([seconds("INVITE"), seconds("BYE")], [[300], []]);
  waitUntil(640);
  end();
});

Deno.test("SessionRefresh repeats a refresh with the interval of a 422 (RFC 4028 §7.4)", () => {
  const { stand, peer, refreshes, answers, waitUntil, seconds, end } = held([
    ["Session-Expires", "600;refresher=uac"],
    WITH_UPDATE,
  ]);
  answers.push((refresh) => peer.respond(refresh, 422, { headers: [["Min-SE", "700"]] }));
  answers.push((refresh) => peer.respond(refresh, 200, { headers: [["Session-Expires", "700;refresher=uac"]] }));
  waitUntil(651);
  assertEquals(seconds("UPDATE"), [300, 300, 650]);
  // what is sent again is due once
  assertEquals([stand.count("session_timer.refreshes_due"), stand.count("session_timer.refreshes_sent")], [2, 3]);
  const offers = refreshes.map(({ message }) => [message.header("Session-Expires"), message.header("Min-SE")]);
  assertEquals(offers, [["600;refresher=uac", undefined], ["700;refresher=uac", "700"], ["700;refresher=uac", "700"]]);
  end();
});

Deno.test("SessionRefresh answers a challenge to its refresh (RFC 4028 §10, RFC 3261 §22.2)", () => {
  const headers: HeaderField[] = [["Session-Expires", "600;refresher=uac"], WITH_UPDATE];
  const { peer, refreshes, answers, waitUntil, end } = held(headers, { password: "secret" });
  const challenge: HeaderField = ["WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'];
  answers.push((refresh) => peer.respond(refresh, 401, { headers: [challenge] }));
  waitUntil(301);
  assertEquals(refreshes.length, 2);
  assert(refreshes[1]!.message.header("Authorization") !== undefined);
  end();
});

Deno.test("SessionRefresh waits 2.1 to 4 s after 491 as owner of the Call-ID (T35, RFC 3261 §14.1)", () => {
  const { peer, answers, waitUntil, seconds, end } = held([["Session-Expires", "600;refresher=uac"]]);
  answers.push((refresh) => peer.respond(refresh, 491));
  waitUntil(310);
  const [first, second] = seconds("INVITE");
  assertEquals(first, 300);
  assert(second! - first! >= 2.1 && second! - first! <= 4.1, `${second}`);
  end();
});

Deno.test("Session between two user agents is kept by UPDATE of the caller for as long as it is held (T22, T25, RFC 4028 §10)", () => {
  const { stand, bob } = facing({ session: { hold: 3_600_000, expires: 600 } });
  stand.send({ size: 3000 });
  stand.wait(3_500_000);
  assertEquals([stand.count("session_timer.refreshes_sent"), stand.count("session_timer.refreshes_received")], [
    11,
    11,
  ]);
  assertEquals([bob.received.length, stand.count("session_timer.expired")], [1, 0]);
  assertEquals(["refresh", "refresh_lag", "refresh_margin"].map((name) => stand.samples(name)), [11, 11, 11]);
  // on time, and half of the interval is left
  assert(stand.micros("refresh_lag") < 20_000 && Math.abs(stand.micros("refresh_margin") / 1e6 - 300) < 1);
  stand.wait(200_000);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("Session between two user agents is kept by the callee where the caller asks for that (T33, RFC 4028 §9)", () => {
  const { stand } = facing({ session: { hold: 1_000_000, expires: 600, refresher: "uas" } });
  stand.send({ size: 3000 });
  stand.wait(950_000);
  assertEquals([stand.count("session_timer.refreshes_sent"), stand.count("session_timer.expired")], [3, 0]);
  stand.wait(100_000);
  stand.end();
});
