/** Session timers of both roles, at their exact instants (RFC 4028, RFC 3261 §14). */
import { assert, assertEquals } from "@std/assert";
import { called, connectTo, granted, held, invited, SECOND } from "./held.ts";
import { sdpLine } from "./msrp_text.ts";
import { kindOf, type Peer } from "./peer.ts";
import { Stand } from "./stand.ts";

const OURS = ["Require: timer", "Session-Expires: 600;refresher=uac"];
const WITH_UPDATE = "Allow: INVITE, ACK, BYE, UPDATE";
const TIMER = "Supported: timer";

/** Grants every refresh what it asks for. */
function grantAll(peer: Peer): void {
  peer.on("UPDATE", (update) => peer.answer(update, 200, granted(update, peer.port)));
  peer.on("INVITE", (invite) => peer.accept(invite, granted(invite, peer.port)));
}

/** Seconds after its INVITE at which our client sent these. */
function secondsOf(stand: Stand, start: string): number[] {
  const from = stand.log.find(({ text }) => text.startsWith("INVITE"))!.at;
  return stand.log.filter(({ direction, text }) => direction === "sent" && text.startsWith(start))
    .map(({ at }) => Math.round((at - from) / 10) / 100);
}

for (const [method, allow] of [["UPDATE", [WITH_UPDATE]], ["INVITE", []]] as const) {
  Deno.test(`T25 600 s with refresher uac are refreshed by ${method} at 300 s, and again 300 s later (RFC 4028 §10)`, async () => {
    const { stand } = await held([...OURS, ...allow]);
    await using _stand = stand;
    grantAll(stand.peer);
    await stand.pass(901 * SECOND);
    assertEquals(secondsOf(stand, `${method} sip:`).filter((second) => second > 1), [300, 600, 900]);
    for (const refresh of stand.peer.all(method).slice(-3)) {
      assertEquals(refresh.header("Session-Expires"), "600;refresher=uac", "the roles stay");
    }
    stand.alice.abandon();
    await stand.end();
  });
}

for (const [interval, bye] of [[600, 568], [90, 60], [1800, 1768]] as const) {
  Deno.test(`T26 ${interval} s that the peer should refresh and does not end with BYE at ${bye} s (RFC 4028 §10)`, async () => {
    const { stand } = await held(["Require: timer", `Session-Expires: ${interval};refresher=uas`]);
    await using _stand = stand;
    await stand.pass((bye + 1) * SECOND);
    assertEquals(secondsOf(stand, "BYE"), [bye]);
    assertEquals(stand.peer.arrived.map(kindOf), ["INVITE", "ACK", "BYE"]);
    await stand.end();
    assertEquals(stand.count("session_timer.expired"), 1);
  });
}

Deno.test("T27 a peer without timers: we refresh alone at 900 s, or have no timer where that is off (RFC 4028 §7.2)", async () => {
  const alone = (await held([])).stand;
  await using _alone = alone;
  grantAll(alone.peer);
  await alone.pass(901 * SECOND);
  assertEquals(secondsOf(alone, "INVITE"), [0, 900]);
  const without = (await held([], { session: { soloRefresh: false } })).stand;
  await using _without = without;
  await without.pass(5000 * SECOND);
  assertEquals([without.peer.arrived.map(kindOf), without.count("session_timer.started")], [["INVITE", "ACK"], 0]);
});

Deno.test("T28 Session-Expires of a provisional response starts nothing; only the 2xx does (RFC 4028 §7.2)", async () => {
  await using stand = new Stand({ session: { soloRefresh: false, hold: 10_000 * SECOND } });
  const { peer } = stand;
  stand.sendLarge();
  const invite = await peer.next("INVITE");
  peer.answer(invite, 183, { headers: ["Require: timer", "Session-Expires: 90;refresher=uac"] });
  await stand.pass(100 * SECOND);
  assertEquals([peer.kinds(), stand.count("session_timer.started")], [["INVITE"], 0]);
  peer.accept(invite);
  await stand.pass(200 * SECOND);
  assertEquals(peer.kinds(), ["INVITE", "ACK"]);
});

Deno.test("T29 422 is acknowledged, and the same call comes again with CSeq + 1 and the interval asked for (RFC 4028 §7.3)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  stand.sendLarge();
  const first = await peer.next("INVITE");
  peer.answer(first, 422, { headers: ["Min-SE: 3600"] });
  const [ack, second] = [await peer.next("ACK"), await peer.next("INVITE")];
  assertEquals([ack.branch(), ack.sequence()], [first.branch(), first.sequence()]);
  assertEquals(second.sequence(), first.sequence() + 1);
  assertEquals([second.header("Call-ID"), second.tag("From")], [first.header("Call-ID"), first.tag("From")]);
  assert(second.branch() !== first.branch());
  assertEquals([second.header("Session-Expires"), second.header("Min-SE")], ["3600;refresher=uac", "3600"]);
  peer.answer(second, 486);
  await stand.end();
});

Deno.test("T30 the third INVITE has the larger Min-SE of two; endless 422 ends with a failure of that name (RFC 4028 §7.3)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  let least = 3600;
  peer.on("INVITE", (invite) => {
    peer.answer(invite, 422, { headers: [`Min-SE: ${least}`] });
    least += 400;
  });
  stand.sendLarge();
  await stand.quiet();
  const invites = peer.all("INVITE");
  assertEquals(invites[2]!.header("Min-SE"), "4000");
  assertEquals(invites.length, 5, "the cap");
  assertEquals(stand.failures(), { invite_session_interval_too_small: 1 });
  assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
  await stand.end();
});

for (const answer of [408, 481, "none"] as const) {
  Deno.test(`T31 a refresh answered ${answer} ends the session with BYE (RFC 4028 §10)`, async () => {
    const { stand } = await held([...OURS, WITH_UPDATE]);
    await using _stand = stand;
    const { peer } = stand;
    if (answer !== "none") peer.on("UPDATE", (update) => peer.answer(update, answer));
    await stand.pass(340 * SECOND);
    // Timer F of the refresh
    assertEquals(secondsOf(stand, "BYE"), [answer === "none" ? 332 : 300]);
    await stand.end();
  });
}

Deno.test("T31 a refresh answered 500 is not tried again at once, and the session lasts until its interval ends (RFC 4028 §10)", async () => {
  const { stand } = await held([...OURS, WITH_UPDATE]);
  await using _stand = stand;
  const { peer } = stand;
  peer.on("UPDATE", (update) => peer.answer(update, 500));
  await stand.pass(610 * SECOND);
  assertEquals([secondsOf(stand, "UPDATE"), secondsOf(stand, "BYE")], [[300], [600]]);
  await stand.end();
});

Deno.test("T32 called with 100 s and a minimum of 120 s, we answer 422 with Min-SE 120 (RFC 4028 §9)", async () => {
  await using stand = new Stand({ session: { minSe: 120 } });
  const answer = await invited(stand, [TIMER, "Session-Expires: 100"]);
  assertEquals([answer.status, answer.header("Min-SE")], [422, "120"]);
  stand.peer.acknowledge(answer);
  const taken = await called(stand, [TIMER, "Session-Expires: 120"]);
  assertEquals(taken.header("Session-Expires")!.split(";")[0], "120");
  stand.peer.ask("BYE", { within: taken });
  await stand.end();
});

const ROWS: readonly [headers: string[], refresher: RegExp | undefined, require: boolean][] = [
  [["Session-Expires: 600"], /^600;refresher=uas$/, false],
  [[TIMER, "Session-Expires: 600"], /^600;refresher=ua[cs]$/, true],
  [[TIMER, "Session-Expires: 600;refresher=uac"], /^600;refresher=uac$/, true],
  [[TIMER, "Session-Expires: 600;refresher=uas"], /^600;refresher=uas$/, true],
  [[TIMER], undefined, false],
  [[], undefined, false],
];

Deno.test("T33 called, we name the refresher by the table, require timer with it, and never raise the value (RFC 4028 §9)", async () => {
  for (const [headers, refresher, requires] of ROWS) {
    await using stand = new Stand();
    const answer = await called(stand, headers);
    const value = answer.header("Session-Expires");
    if (refresher === undefined) assertEquals(value, undefined);
    else assert(refresher.test(value!), `${headers.join()}: ${value}`);
    assertEquals(answer.lists("Require", "timer"), requires, headers.join());
    assert(answer.lists("Supported", "timer"));
    stand.peer.ask("BYE", { within: answer });
    await stand.end();
  }
});

Deno.test("T34 after the peer's refresh with Min-SE 200 our next one has at least that (RFC 4028 §7.4)", async () => {
  const { stand, invite } = await held([...OURS, WITH_UPDATE]);
  await using _stand = stand;
  const { peer } = stand;
  grantAll(peer);
  const headers = [TIMER, "Session-Expires: 600;refresher=uas", "Min-SE: 200", `Contact: ${peer.contact()}`];
  peer.ask("UPDATE", { within: invite, headers });
  const answer = await peer.next("200 UPDATE");
  assertEquals(answer.header("Session-Expires"), "600;refresher=uas");
  await stand.pass(301 * SECOND);
  const update = await peer.next("UPDATE");
  assert(Number(update.header("Min-SE")) >= 200 && Number.parseInt(update.header("Session-Expires")!) >= 200);
  stand.alice.abandon();
  await stand.end();
});

Deno.test("T35 after 491 the owner of the Call-ID waits 2.1 to 4 s, the other side 0 to 2 s (RFC 3261 §14.1)", async () => {
  for (let round = 0; round < 4; round++) {
    const { stand } = await held([...OURS, WITH_UPDATE]);
    await using _stand = stand;
    const waited = await glare(stand);
    assert(waited >= 2.1 && waited <= 4.01, String(waited));
    await using other = new Stand();
    await connectTo(other, await called(other, [TIMER, "Session-Expires: 600;refresher=uas", WITH_UPDATE]));
    const waitedThere = await glare(other);
    assert(waitedThere >= 0 && waitedThere <= 2.01, String(waitedThere));
  }
});

/** Seconds between a refresh that is answered 491 and the next one. */
async function glare(stand: Stand): Promise<number> {
  const { peer } = stand;
  let refused = false;
  peer.on("UPDATE", (update) => {
    peer.answer(update, refused ? 200 : 491, refused ? granted(update, peer.port) : {});
    refused = true;
  });
  await stand.pass(306 * SECOND);
  const [first, second] = stand.log.filter(({ direction, text }) => direction === "sent" && text.startsWith("UPDATE"));
  return (second!.at - first!.at) / SECOND;
}

Deno.test("T36 a re-INVITE repeats the o= line and does not disturb the transfer under way (RFC 4028 §7.4)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  peer.onSend = () => {};
  peer.on(
    "INVITE",
    (invite) => peer.accept(invite, { headers: ["Require: timer", "Session-Expires: 40;refresher=uac"] }),
  );
  stand.sendLarge(5000);
  const send = await peer.nextChunk("SEND");
  await stand.pass(21 * SECOND);
  const [first, second] = peer.all("INVITE");
  assertEquals(sdpLine(second!.body, "o="), sdpLine(first!.body, "o="));
  assertEquals(second!.body, first!.body);
  assertEquals(peer.all("ACK").map((ack) => ack.sequence()), [1, 2]);
  peer.answerChunk(send, 200);
  await peer.next("BYE");
  await stand.end();
  assertEquals([stand.outcomes(), peer.chunks.length], [{ attempted: 1, accepted_200: 1 }, 1]);
});
