/** Sessions that end otherwise than planned: early BYE, CANCEL, refusals, repeated answers (RFC 3261 §9, §13, §15). */
import { assert, assertEquals } from "@std/assert";
import { granted, held } from "./held.ts";
import { kindOf, type Peer } from "./peer.ts";
import { Stand } from "./stand.ts";
import { until } from "./wires.ts";

Deno.test("T50 a BYE before delivery is answered 200, the MSRP connection closes, and the peer released early (RFC 3261 §15.1.2)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  peer.onSend = () => {};
  stand.sendLarge();
  const invite = await peer.next("INVITE");
  peer.accept(invite);
  await peer.nextChunk("SEND");
  peer.ask("BYE", { within: invite });
  await peer.next("200 BYE");
  await until(() => peer.events.includes("msrp closed"), () => "the end of the connection");
  await stand.end();
  assertEquals([stand.failures(), stand.outcomes()], [{ peer_bye_early: 1 }, { attempted: 1, failed: 1 }]);
  assertEquals(stand.count("sessions.released_by_peer"), 1);
  assertEquals(peer.all("BYE").length, 0);
});

Deno.test("T51 a CANCEL follows a provisional response only, with the branch and CSeq of its INVITE (RFC 3261 §9.1)", async () => {
  await using stand = new Stand();
  const { peer, alice } = stand;
  stand.sendLarge();
  const invite = await peer.next("INVITE");
  alice.abandon();
  await stand.quiet();
  assertEquals(peer.kinds(), ["INVITE"]);
  peer.answer(invite, 180);
  const cancel = await peer.next("CANCEL");
  assertEquals([cancel.branch(), cancel.sequence(), cancel.uri], [invite.branch(), invite.sequence(), invite.uri]);
  peer.answer(cancel, 200);
  peer.answer(invite, 487);
  await peer.next("ACK");
  await stand.end();
  assertEquals([stand.outcomes(), stand.failures()], [{ attempted: 1, unanswered: 1 }, { invite_cancelled: 1 }]);
});

Deno.test("T51 a 200 that crosses the CANCEL is acknowledged and released by BYE, without MSRP (RFC 3261 §9.1, §15)", async () => {
  await using stand = new Stand();
  const { peer, alice } = stand;
  stand.sendLarge();
  const invite = await peer.next("INVITE");
  peer.answer(invite, 180);
  await stand.quiet();
  alice.abandon();
  const cancel = await peer.next("CANCEL");
  peer.accept(invite);
  peer.answer(cancel, 200);
  await peer.next("BYE");
  await stand.end();
  assertEquals([peer.arrived.map(kindOf), peer.msrp.all.length], [["INVITE", "CANCEL", "ACK", "BYE"], 0]);
});

Deno.test("T51 488 is a rejection by that status, and there is no MSRP (RFC 3261 §21.4.26)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  stand.sendLarge();
  peer.answer(await peer.next("INVITE"), 488);
  await stand.end();
  assertEquals([stand.failures(), stand.outcomes()], [{ invite_rejected_488: 1 }, { attempted: 1, rejected: 1 }]);
  assertEquals(peer.msrp.all.length, 0);
});

const BAD_ANSWERS: readonly [what: string, sdpOf: (peer: Peer) => string, failure: string][] = [
  ["no path", (peer) => peer.sdp({ path: "" }), "answer_no_path"],
  ["port 0", (peer) => peer.sdp({ port: 0 }), "answer_rejected"],
  ["no type of ours", (peer) => peer.sdp({ types: "message/cpim" }), "answer_type"],
  ["max-size 10", (peer) => peer.sdp({ lines: ["a=max-size:10"] }), "answer_max_size"],
  ["sendonly", (peer) => peer.sdp({ direction: "sendonly" }), "answer_direction"],
];

Deno.test("T51 a 200 whose description is of no use is acknowledged, counted by its reason, and released (RFC 4975 §8)", async () => {
  for (const [what, sdpOf, failure] of BAD_ANSWERS) {
    await using stand = new Stand();
    const { peer } = stand;
    stand.sendLarge();
    peer.accept(await peer.next("INVITE"), { body: sdpOf(peer) });
    await peer.next("BYE");
    await stand.end();
    assertEquals([stand.failures(), stand.outcomes()], [{ [failure]: 1 }, { attempted: 1, failed: 1 }], what);
    assertEquals([peer.kinds(), peer.msrp.all.length], [["INVITE", "ACK", "BYE"], 0]);
  }
});

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`T52 each repeated 200 over ${transport} is acknowledged again, and there is one session (RFC 3261 §13.2.2.4)`, async () => {
    await using stand = new Stand({ transport });
    const { peer } = stand;
    peer.onSend = () => {};
    stand.sendLarge();
    const invite = await peer.next("INVITE");
    assertEquals(invite.way.transport, transport);
    const headers = [`Contact: ${peer.contact(transport)}`];
    for (let k = 0; k < 4; k++) {
      peer.accept(invite, { headers });
      await stand.quiet();
    }
    const acks = peer.all("ACK");
    assertEquals([acks.length, new Set(acks.map((ack) => ack.sequence())).size], [4, 1]);
    assert(acks.every((ack) => ack.branch() !== invite.branch()));
    assertEquals([stand.alice.sessions.size, peer.msrp.all.length, peer.chunks.length], [1, 1, 1]);
    assertEquals(stand.count("sessions.established"), 1);
    peer.answerChunk(peer.chunks[0]!, 200);
    await peer.next("BYE");
    await stand.end();
  });
}

Deno.test("T52 a second branch of a fork is acknowledged and released; the first one goes on (RFC 3261 §13.2.2.4)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  peer.onSend = () => {};
  stand.sendLarge();
  const invite = await peer.next("INVITE");
  peer.accept(invite);
  await stand.quiet();
  peer.accept(invite, { tag: "otherbranch" });
  const bye = await peer.next("BYE");
  assertEquals(bye.tag("To"), "otherbranch");
  await stand.quiet();
  assertEquals(stand.alice.sessions.size, 1);
  peer.answerChunk(await peer.nextChunk("SEND"), 200);
  assertEquals((await peer.next("BYE")).tag("To"), "peertag");
  await stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("T52 a repeated 200 to a re-INVITE is acknowledged again and refreshes once (RFC 3261 §13.2.2.4, RFC 4028 §7.4)", async () => {
  const { stand } = await held(["Require: timer", "Session-Expires: 600;refresher=uac"]);
  await using _stand = stand;
  const { peer } = stand;
  peer.on("INVITE", (again) => {
    for (let k = 0; k < 3; k++) peer.accept(again, granted(again, peer.port));
  });
  await stand.pass(301_000);
  assertEquals(peer.all("ACK").map((ack) => ack.sequence()), [1, 2, 2, 2]);
  stand.alice.abandon();
  await stand.end();
});
