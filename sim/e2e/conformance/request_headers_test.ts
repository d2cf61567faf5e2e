/** What the requests of a client carry (I585 §9.1.1 items 1 to 7, RFC 3261 §8.1.1). */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { digestHeader } from "./digest_text.ts";
import { kindOf } from "./peer.ts";
import type { SipText } from "./sip_text.ts";
import { Stand, type StandOptions } from "./stand.ts";

const TAG = "+g.oma.sip-im";
const ALLOW = ["INVITE", "ACK", "CANCEL", "BYE", "MESSAGE", "OPTIONS", "UPDATE"];

/** A MESSAGE, an INVITE and what belongs to its session, and a REGISTER of one client. */
async function everyRequest(options: StandOptions = {}): Promise<SipText[]> {
  await using stand = new Stand({ session: { hold: 2_000_000 }, ...options });
  const { peer } = stand;
  for (const method of ["MESSAGE", "REGISTER"]) peer.on(method, (request) => peer.answer(request, 200));
  peer.acceptAll({ headers: ["Require: timer", "Session-Expires: 600;refresher=uac", "Allow: INVITE, UPDATE"] });
  peer.on("UPDATE", (update) => {
    const headers = ["Require: timer", "Session-Expires: 600;refresher=uac", "Allow: INVITE", peerContact(peer.port)];
    peer.answer(update, 200, { headers });
  });
  stand.register();
  stand.send();
  stand.sendLarge();
  // a refresh by UPDATE at 300 s, one by re-INVITE at 600 s
  await stand.pass(300_000);
  await stand.pass(300_000);
  stand.alice.abandon();
  await stand.end();
  const kinds = ["REGISTER", "MESSAGE", "INVITE", "ACK", "UPDATE", "INVITE", "ACK", "BYE"];
  assertEquals(peer.arrived.map(kindOf), kinds);
  return peer.arrived;
}

function peerContact(port: number): string {
  return `Contact: <sip:bob@127.0.0.1:${port}>`;
}

/** The MESSAGE and the first INVITE of a client, refused. */
async function initial(options: StandOptions = {}): Promise<{ message: SipText; invite: SipText }> {
  await using stand = new Stand(options);
  const { peer } = stand;
  for (const method of ["MESSAGE", "INVITE"]) peer.on(method, (request) => peer.answer(request, 480));
  stand.send();
  stand.sendLarge();
  const [message, invite] = [await peer.next("MESSAGE"), await peer.next("INVITE")];
  await stand.end();
  return { message, invite };
}

/** The MESSAGE or INVITE that is sent again with credentials. */
async function afterChallenge(kind: "MESSAGE" | "INVITE"): Promise<SipText> {
  await using stand = new Stand({ password: "secret" });
  const { peer } = stand;
  stand.send({ size: kind === "INVITE" ? 2000 : 100 });
  peer.answer(await peer.next(kind), 401, { headers: [digestHeader("WWW-Authenticate")] });
  const again = await peer.next(kind);
  peer.answer(again, 480);
  await stand.end();
  return again;
}

Deno.test("T12 MESSAGE and initial INVITE have Accept-Contact with the IM tag (I585 §9.1.1 item 1, RFC 3841 §9.2)", async () => {
  const { message, invite } = await initial();
  for (const request of [message, invite]) assertEquals(request.header("Accept-Contact"), `*;${TAG}`);
});

Deno.test("T13 User-Agent of every request begins with the IM release (I585 §9.1.1 item 2)", async () => {
  for (const request of await everyRequest()) {
    if (request.method !== "ACK") assertMatch(request.header("User-Agent")!, /^IM-client\/OMA1\.0 imstorm\/\d/);
  }
});

Deno.test("T14 Allow lists exactly the methods that are implemented: every other one is answered 405 (I585 §9.1.1 item 3)", async () => {
  const { message, invite } = await initial();
  for (const { all } of [{ all: message.header("Allow") }, { all: invite.header("Allow") }]) {
    assertEquals(all, ALLOW.join(", "));
  }
  await using stand = new Stand();
  const { peer } = stand;
  const statusOf = async (method: string): Promise<number> => {
    peer.ask(method);
    const answer = await peer.nextAnswer(method);
    if (method === "INVITE") peer.acknowledge(answer);
    return answer.status;
  };
  // without an offer, outside a dialog, without an INVITE: known and refused for another reason
  const known = { INVITE: 488, CANCEL: 481, BYE: 481, UPDATE: 481, MESSAGE: 200, OPTIONS: 200 };
  for (const [method, status] of Object.entries(known)) assertEquals(await statusOf(method), status, method);
  const others = ["INFO", "SUBSCRIBE", "NOTIFY", "REFER", "PRACK", "PUBLISH", "REGISTER", "NOSUCH"];
  for (const method of others) {
    assertEquals(await statusOf(method), 405, method);
    assertEquals(peer.arrived.at(-1)!.header("Allow"), ALLOW.join(", "));
  }
  await stand.end();
});

Deno.test("T15 Contact of INVITE has the IM tag outside the brackets; MESSAGE has no Contact (I585 §9.1.1 item 4, RFC 3428 §9)", async () => {
  const { message, invite } = await initial();
  assertMatch(invite.header("Contact")!, /^<sip:alice@127\.0\.0\.1:\d+>;\+g\.oma\.sip-im$/);
  assertEquals(message.all("Contact"), []);
});

Deno.test("T16 Privacy: id is there where anonymity is asked for, and nowhere else (I585 §9.1.1 item 5, RFC 3325 §9.3)", async () => {
  for (const request of await everyRequest()) assertEquals(request.all("Privacy"), []);
  const { message, invite } = await initial({ anonymous: true });
  for (const request of [message, invite]) {
    assertEquals(request.header("Privacy"), "id");
    assertMatch(request.header("From")!, /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/);
  }
});

Deno.test("T17 an anonymous INVITE refused by a group is a rejection, and is not sent again without privacy (I585 §9.1.1 NOTE)", async () => {
  await using stand = new Stand({ anonymous: true });
  const { peer } = stand;
  stand.send({ size: 2000, to: "sip:group@ims.example" });
  peer.answer(await peer.next("INVITE"), 403);
  await stand.pass(60_000);
  assertEquals(peer.arrived.map(kindOf), ["INVITE", "ACK"]);
  assertEquals([stand.outcomes(), stand.failures()], [{ attempted: 1, rejected: 1 }, { invite_rejected_403: 1 }]);
  await stand.end();
});

Deno.test("T18 every request but ACK has Supported: timer (I585 §9.1.1 item 6, RFC 4028 §7.1)", async () => {
  for (const request of await everyRequest()) {
    assertEquals(request.lists("Supported", "timer"), request.method !== "ACK", request.method);
  }
});

Deno.test("T19 INVITE asks for 1800 s refreshed by the client; MESSAGE asks for nothing (I585 §9.1.1 item 7, RFC 4028 §4)", async () => {
  const { message, invite } = await initial();
  assertEquals(invite.header("Session-Expires"), "1800;refresher=uac");
  assertEquals([message.all("Session-Expires"), message.all("Min-SE")], [[], []]);
});

Deno.test("T20 every request is whole: branch, Max-Forwards, tags, Call-ID, CSeq and Content-Length (RFC 3261 §8.1.1)", async () => {
  const requests = await everyRequest();
  const branches = new Set(requests.map((request) => request.branch()));
  assertEquals(branches.size, requests.length);
  for (const branch of branches) assertMatch(branch, /^z9hG4bK[0-9a-f]{16,}$/);
  for (const request of requests) {
    assertEquals(request.header("Max-Forwards"), "70");
    assertMatch(request.tag("From"), /^[0-9a-f]{8,}$/);
    assertEquals(request.tag("To") !== "", /^(ACK|UPDATE|BYE)$/.test(request.method) || request.sequence() > 1);
    assert(request.sequence() >= 1 && request.sequence() < 2 ** 31);
    assertEquals(request.header("Content-Length"), String(request.body.length));
    assert(request.header("Via")!.includes(";rport"));
  }
  const byCall = new Map(requests.map((request) => [request.header("Call-ID"), request.tag("From")]));
  assertEquals([byCall.size, new Set(byCall.values()).size], [3, 3]);
  // inside the dialog one after another
  const numbers = requests.filter(({ method }) => !/REGISTER|MESSAGE|ACK/.test(method)).map((each) => each.sequence());
  assertEquals(numbers, [1, 2, 3, 4]);
});

Deno.test("S9.1.1-0 the initial request follows RFC 3261: all mandatory fields, To without tag, its own Request-URI (I585 §9.1.1)", async () => {
  const { invite } = await initial();
  for (const name of ["Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "Content-Type"]) {
    assertEquals(invite.all(name).length, 1, name);
  }
  assertEquals([invite.uri, invite.header("To")], ["sip:bob@ims.example", "<sip:bob@ims.example>"]);
  assertMatch(invite.header("From")!, /^<sip:alice@ims\.example>;tag=/);
});

Deno.test("S9.1.1-1 Accept-Contact with the IM tag is in all initial requests, sent again after a challenge too (I585 §9.1.1 item 1)", async () => {
  for (const kind of ["MESSAGE", "INVITE"] as const) {
    assertEquals((await afterChallenge(kind)).header("Accept-Contact"), `*;${TAG}`);
  }
});

Deno.test("S9.1.1-2 User-Agent says the IM release version (I585 §9.1.1 item 2)", async () => {
  const { message, invite } = await initial();
  for (const request of [message, invite]) assertMatch(request.header("User-Agent")!, /^IM-client\/OMA1\.0 /);
});

Deno.test("S9.1.1-3 Allow has all supported methods, in every initial request (I585 §9.1.1 item 3)", async () => {
  const { message, invite } = await initial();
  for (const request of [message, invite]) assertEquals(request.header("Allow"), ALLOW.join(", "));
});

Deno.test("S9.1.1-4 Contact of the initial INVITE has the IM tag as a parameter of its own (I585 §9.1.1 item 4)", async () => {
  for (const transport of ["udp", "tcp"] as const) {
    const { invite } = await initial({ transport });
    const [, uri, parameters] = /^<([^>]+)>(.*)$/.exec(invite.header("Contact")!)!;
    assertEquals([uri!.endsWith(";transport=tcp"), parameters], [transport === "tcp", `;${TAG}`]);
  }
});

Deno.test("S9.1.1-5 Privacy has the value id where anonymity is requested (I585 §9.1.1 item 5)", async () => {
  const { message, invite } = await initial({ anonymous: true });
  assertEquals([message.header("Privacy"), invite.header("Privacy")], ["id", "id"]);
});

Deno.test("S9.1.1-6 Supported of the initial INVITE has the option tag timer (I585 §9.1.1 item 6)", async () => {
  const { invite } = await initial();
  assertEquals(invite.header("Supported"), "timer");
});

Deno.test("S9.1.1-7 Session-Expires of the initial INVITE names uac as the refresher, after a challenge too (I585 §9.1.1 item 7)", async () => {
  const { invite } = await initial({ session: { expires: 600 } });
  assertEquals(invite.header("Session-Expires"), "600;refresher=uac");
  assertEquals((await afterChallenge("INVITE")).header("Session-Expires"), "1800;refresher=uac");
});
