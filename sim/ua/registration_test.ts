import { assertEquals, assertMatch } from "@std/assert";
import type { HeaderField } from "../sip/request.ts";
import type { Arrived } from "../testing/scripted_peer.ts";
import { type PartyOptions, scripted } from "../testing/user_agent_stand.ts";
import { refreshAfter } from "./binding_life.ts";

/** An answer to a REGISTER: a status with header fields, seconds granted with 200, or nothing. */
type Answer = { status: number; headers?: HeaderField[] } | number | undefined;

/** Alice registers; each REGISTER gets the next answer, the last one again and again. */
function registering(answers: Answer[], options: PartyOptions = {}) {
  const { stand, alice, peer } = scripted(options);
  peer.script = (arrived: Arrived) => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === "object") peer.respond(arrived, answer.status, { headers: answer.headers ?? [] });
    if (typeof answer !== "number") return;
    const contact = arrived.message.header("Contact")!.replace(/expires=\d+/, `expires=${answer}`);
    peer.respond(arrived, 200, { headers: [["Contact", "<sip:other@h>;expires=9"], ["Contact", contact]] });
  };
  alice.register();
  stand.wait(50);
  const sent = () => peer.all("REGISTER").map(({ message }) => message);
  const kinds = () => alice.registrations.map(({ kind }) => kind);
  return { stand, alice, peer, sent, kinds, answers };
}

const OK: Answer = { status: 200 };

Deno.test("Registration names the domain, the address of record and a Contact with its tag (RFC 3261 §10.2)", () => {
  const { stand, sent, kinds } = registering([3600]);
  const [message] = sent();
  assertEquals(message!.requestUri(), "sip:ims.example");
  assertEquals([message!.from()!.uri, message!.to()!.uri], ["sip:alice@ims.example", "sip:alice@ims.example"]);
  assertEquals(message!.header("Contact"), "<sip:alice@10.0.0.1:5070>;+g.oma.sip-im;expires=3600");
  assertEquals([message!.header("Expires"), kinds()], ["3600", ["registered"]]);
  assertEquals(stand.latencies(), ["register", "register{transport=udp}", "registration_request_delay"]);
  stand.end();
});

Deno.test("Registration answers a challenge with the same Call-ID and CSeq + 1 (T55, RFC 3261 §22.2)", () => {
  const challenge: HeaderField = ["WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'];
  const { stand, sent, kinds } = registering([{ status: 401, headers: [challenge] }, 3600], { password: "secret" });
  const [first, second] = sent();
  assertEquals([first!.cseq()!.sequenceNumber, second!.cseq()!.sequenceNumber], [1, 2]);
  assertEquals([second!.callId(), second!.fromTag()], [first!.callId(), first!.fromTag()]);
  assertMatch(second!.header("Authorization")!, /uri="sip:ims\.example".*algorithm=SHA-256/);
  assertEquals([kinds(), stand.count("authentication.challenged")], [["registered"], 1]);
  stand.end();
});

Deno.test("Registration stops at a wrong password (T55, RFC 3261 §22.1)", () => {
  const challenge: HeaderField = ["WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'];
  const { stand, alice, sent } = registering([{ status: 401, headers: [challenge] }], { password: "wrong" });
  assertEquals([sent().length, alice.registrations], [2, [{ kind: "failed", detail: "401 Unauthorized" }]]);
  stand.end();
});

Deno.test("Registration asks for what 423 wants (T57, RFC 3261 §10.2.8)", () => {
  const tooBrief: Answer = { status: 423, headers: [["Min-Expires", "3600"]] };
  const { stand, sent, kinds } = registering([tooBrief, 3600], { registerExpires: 60 });
  assertEquals(sent().map((message) => message.header("Expires")), ["60", "3600"]);
  assertEquals(kinds(), ["registered"]);
  stand.end();
  const hopeless = registering([{ status: 423, headers: [["Min-Expires", "60"]] }], { registerExpires: 60 });
  assertEquals([hopeless.sent().length, hopeless.kinds()], [1, ["failed"]]);
});

Deno.test("Registration is removed with expires=0 of its own Contact (T57, RFC 3261 §10.2.2)", () => {
  const { stand, alice, sent, kinds } = registering([3600]);
  alice.agent.registration!.unregister();
  alice.agent.registration!.unregister();
  stand.wait(50);
  const message = sent().at(-1)!;
  assertEquals([message.header("Expires"), sent().length], ["0", 2]);
  assertMatch(message.header("Contact")!, /^<sip:alice@10\.0\.0\.1:5070>.*;expires=0$/);
  alice.agent.registration!.unregister();
  stand.wait(4_000_000);
  assertEquals([kinds(), sent().length], [["registered", "removed"], 2]);
  stand.end();
});

Deno.test("Registration counts as removed when nobody answers its removal", () => {
  const { stand, alice, kinds } = registering([3600, undefined]);
  alice.agent.registration!.unregister();
  stand.wait(33_000);
  assertEquals(kinds(), ["registered", "removed"]);
  stand.end();
});

Deno.test("Registration is refreshed 600 s before it ends, one of 1200 s or less at half of its time (3GPP TS 24.229)", () => {
  assertEquals([7200, 1201, 1200, 60].map(refreshAfter), [6_600_000, 601_000, 600_000, 30_000]);
  const { stand, sent, kinds } = registering([60]);
  stand.wait(100_000);
  assertEquals([sent().length, kinds(), stand.count("clients.refreshed")], [4, ["registered"], 3]);
  assertEquals(sent().map((message) => message.cseq()!.sequenceNumber), [1, 2, 3, 4]);
  stand.end();
});

Deno.test("Registration refreshes for the first time at a random moment where the population spreads, then in its time", () => {
  const { stand, peer } = registering([1000], { refreshSpread: 0.5 });
  stand.wait(1_100_000);
  const [made, first, second] = peer.all("REGISTER").map(({ at }) => at);
  // half of 500 s at least; the stand's first number is 0.003, which makes it less than 500 s by 0.8 s
  assertEquals([first! - made! > 250_000, first! - made! < 499_500], [true, true]);
  assertEquals(Math.round((second! - first!) / 1000), 500);
  stand.end();
});

Deno.test("Registration believes Expires where its Contact has no time, and else what it asked (RFC 3261 §10.2.4)", () => {
  for (const [headers, seconds] of [[[["Expires", "100"]], 50], [[], 3000]] as [HeaderField[], number][]) {
    const { stand, sent } = registering([{ status: 200, headers }]);
    stand.wait(seconds * 1000 - 1000);
    assertEquals(sent().length, 1);
    stand.wait(2000);
    assertEquals(sent().length, 2);
    stand.end();
  }
});

Deno.test("Registration is not refreshed where the population does not wish it", () => {
  const { stand, sent } = registering([60], { registerRefresh: false });
  stand.wait(100_000);
  assertEquals(sent().length, 1);
  stand.end();
});

Deno.test("Registration whose binding has expired when it is granted has failed, and is not repeated without pause", () => {
  const { stand, sent, alice } = registering([0]);
  stand.wait(10_000);
  assertEquals([sent().length, alice.registrations.length, alice.registrations[0]!.kind], [1, 1, "failed"]);
  stand.end();
});

Deno.test("Registration that fails says why: the status, the timeout or the fault", () => {
  const refused = registering([{ status: 403 }]);
  assertEquals(refused.alice.registrations, [{ kind: "failed", detail: "403 Forbidden" }]);
  const silent = registering([undefined]);
  silent.stand.wait(33_000);
  assertEquals(silent.alice.registrations, [{ kind: "failed", detail: "timed out: no answer to REGISTER" }]);
  const { stand, alice, peer } = scripted({ transport: "tcp" });
  peer.refuseSipConnections();
  alice.register();
  stand.wait(50);
  assertEquals(alice.registrations, [{ kind: "failed", detail: "connection_refused" }]);
});

Deno.test("Registration whose refresh fails has lapsed, and says so by a count only", () => {
  const { stand, alice, kinds } = registering([60, { status: 500 }]);
  stand.wait(100_000);
  assertEquals([kinds(), stand.count("clients.lapsed")], [["registered"], 1]);
  alice.agent.registration!.unregister();
  assertEquals(kinds(), ["registered", "removed"]);
  stand.end();
});

Deno.test("Registration that is removed while its REGISTER is under way waits for the answer (RFC 3261 §10.2)", () => {
  for (const answer of [OK, { status: 403 }]) {
    const { stand, alice, peer, sent, answers } = registering([undefined]);
    alice.agent.registration!.unregister();
    stand.wait(50);
    assertEquals(sent().length, 1);
    answers[0] = 3600;
    peer.respond(peer.last("REGISTER"), answer.status);
    stand.wait(5_000_000);
    const last = alice.registrations.at(-1)!.kind;
    assertEquals([sent().length, last], [answer === OK ? 2 : 1, "removed"]);
    stand.end();
  }
});

Deno.test("Registration that is removed while a refresh is under way does not take its 200 for the removal's (RFC 3261 §10.2)", () => {
  const { stand, alice, peer, sent, kinds, answers } = registering([60, undefined]);
  stand.wait(30_050);
  assertEquals(sent().length, 2);
  alice.agent.registration!.unregister();
  peer.respond(peer.last("REGISTER"), 200);
  stand.wait(20);
  assertEquals([kinds(), sent().length], [["registered"], 3]);
  answers[0] = OK;
  peer.respond(peer.last("REGISTER"), 200);
  stand.wait(20);
  assertEquals([kinds(), sent().at(-1)!.header("Expires")], [["registered", "removed"], "0"]);
  stand.end();
});

/** An answer of an overloaded registrar. */
function overloaded(seconds: number): Answer {
  return { status: 503, headers: [["Retry-After", String(seconds)]] };
}

Deno.test("Registration that is answered 503 waits as long as Retry-After says (RFC 3261 §21.5.4)", () => {
  const { stand, sent, kinds } = registering([overloaded(10), overloaded(20), 3600]);
  stand.wait(9900);
  assertEquals(sent().length, 1);
  stand.wait(100);
  assertEquals([sent().length, kinds()], [2, []]);
  stand.wait(20_010);
  assertEquals([sent().length, kinds()], [3, ["registered"]]);
  assertEquals(stand.family("retry_after."), { asked: 2, registrations: 2 });
  stand.end();
});

Deno.test("Registration gives up where a server puts it off for too long, or too often", () => {
  const long = registering([overloaded(121)]);
  assertEquals(long.alice.registrations, [{ kind: "failed", detail: "503 Service Unavailable" }]);
  const often = registering([overloaded(1)]);
  often.stand.wait(60_000);
  assertEquals([often.sent().length, often.kinds()], [4, ["failed"]]);
  often.stand.end();
});

Deno.test("Registration whose refresh is put off stays registered, and is refreshed later", () => {
  const { stand, alice, sent, answers, kinds } = registering([60]);
  answers[0] = overloaded(5);
  stand.wait(30_000);
  assertEquals([sent().length, alice.agent.registration!.isRegistered()], [2, true]);
  answers[0] = 60;
  stand.wait(5050);
  assertEquals([sent().length, stand.count("clients.lapsed"), kinds()], [3, 0, ["registered"]]);
  stand.wait(30_000);
  assertEquals(sent().length, 4);
  stand.end();
});

Deno.test("Registration that is removed does not wait for an overloaded server", () => {
  const { stand, alice, answers, kinds, sent } = registering([60]);
  answers[0] = overloaded(5);
  alice.agent.registration!.unregister();
  stand.wait(20_000);
  assertEquals([kinds(), sent().length], [["registered", "removed"], 2]);
  stand.end();
  const waiting = registering([overloaded(5), OK]);
  waiting.alice.agent.registration!.unregister();
  waiting.stand.wait(20_000);
  assertEquals([waiting.kinds(), waiting.sent().length], [["removed"], 2]);
});

Deno.test("Registration is made again on request, and says how that ended (RFC 5626 §4.4.1)", () => {
  const { stand, alice, peer, sent, answers, kinds } = registering([3600], { transport: "tcp" });
  const registration = alice.agent.registration!;
  const heard: string[] = [];
  const renew = () => registration.renew(stand.network.wheel.now, (_, outcome) => void heard.push(outcome.kind));
  const first = registration.flow()!;
  stand.network.streams.cut(first);
  assertEquals([renew(), renew(), registration.isUnderWay()], [true, false, true]);
  stand.wait(50);
  assertEquals([heard, sent().length, registration.flow() === first], [["registered"], 2, false]);
  answers[0] = { status: 500 };
  renew();
  stand.wait(50);
  assertEquals([heard, registration.isRegistered()], [["registered", "failed"], false]);
  answers[0] = 3600;
  assertEquals(renew(), true);
  stand.wait(50);
  assertEquals([heard.at(-1), registration.isRegistered(), kinds()], ["registered", true, ["registered"]]);
  assertEquals([stand.count("clients.lapsed"), peer.last("REGISTER").message.cseq()!.sequenceNumber], [0, 4]);
  registration.unregister();
  assertEquals(renew(), false);
  stand.wait(50);
  assertEquals([renew(), kinds()], [false, ["registered", "removed"]]);
  stand.end();
});

Deno.test("Registration that was never made is not made again", () => {
  const { stand, alice, sent } = registering([{ status: 403 }]);
  assertEquals(alice.agent.registration!.renew(0, () => {}), false);
  assertEquals([sent().length, alice.agent.registration!.flow()], [1, undefined]);
  stand.end();
});

Deno.test("Registration counts the bindings that stand, and each client's only once", () => {
  const { stand, alice, answers } = registering([60]);
  const { underWay } = alice.agent.settings;
  const counted = () => [underWay!.bindings, Number(alice.agent.registration!.isRegistered())];
  assertEquals(counted(), [1, 1]);
  stand.wait(100_000);
  assertEquals(counted(), [1, 1]);
  answers[0] = { status: 500 };
  stand.wait(30_000);
  assertEquals(counted(), [0, 0]);
  answers[0] = 60;
  alice.agent.registration!.renew(stand.network.wheel.now, () => {});
  stand.wait(50);
  assertEquals(counted(), [1, 1]);
  alice.agent.registration!.unregister();
  assertEquals(counted(), [0, 0]);
  stand.wait(50);
  assertEquals(counted(), [0, 0]);
  stand.end();
});

Deno.test("Registration made anew has another Call-ID than the one before, of the same form (RFC 3261 §10.2)", () => {
  const { stand, alice, sent } = registering([3600]);
  alice.agent.registration!.unregister();
  stand.wait(50);
  alice.register();
  stand.wait(50);
  const [first, removal, second] = sent().map((message) => message.callId());
  assertMatch(first!, /^[0-9a-f]{24}@10\.0\.0\.1$/);
  assertEquals([removal, second === first, second!.slice(0, 16)], [first, false, first!.slice(0, 16)]);
  stand.end();
});

Deno.test("Registrations of clients with the same routes keep them once (RFC 3608 §5)", () => {
  const routes: HeaderField = ["Service-Route", "<sip:a@10.0.0.9;lr>, <sip:b@10.0.0.9;lr>"];
  const { stand, alice, answers } = registering([{ status: 200, headers: [routes] }]);
  const before = alice.agent.serviceRoute;
  alice.register();
  stand.wait(50);
  assertEquals([before.length, alice.agent.serviceRoute === before], [2, true]);
  answers[0] = { status: 200, headers: [["Service-Route", "<sip:a@10.0.0.9;lr>"]] };
  alice.register();
  stand.wait(50);
  assertEquals(alice.agent.serviceRoute, ["<sip:a@10.0.0.9;lr>"]);
  stand.end();
});
