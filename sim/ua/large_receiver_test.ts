import { assertEquals, assertMatch } from "@std/assert";
import { toText } from "../bytes/text.ts";
import { writeContent } from "../im/body.ts";
import type { Request } from "../msrp/chunk.ts";
import type { HeaderField } from "../sip/request.ts";
import { type PartyOptions, scripted } from "../testing/user_agent_stand.ts";

const TIMER: HeaderField[] = [["Supported", "timer"], ["Session-Expires", "600;refresher=uac"]];

/** The peer calls alice; what came back, and ways to go on. */
function called(options: PartyOptions & { headers?: HeaderField[]; sdp?: string; acknowledges?: boolean } = {}) {
  const { stand, alice, peer } = scripted(options);
  const { headers = TIMER, sdp = peer.description({ setup: "actpass" }), acknowledges = true } = options;
  peer.script = (arrived) => {
    if (arrived.message.method === "BYE") peer.respond(arrived, 200);
  };
  const fields: HeaderField[] = [["Contact", peer.contact()], ...headers, ["Content-Type", "application/sdp"]];
  peer.request("INVITE", undefined, { sequence: 1, headers: fields, body: sdp });
  stand.wait(10);
  const answer = peer.responses.at(-1)!.message;
  const toTag = answer.toTag();
  const inside = (method: string, sequence: number, headers: HeaderField[] = [], body?: string) =>
    peer.request(method, undefined, { sequence, toTag, headers, ...(body === undefined ? {} : { body }) });
  if (answer.status === 200 && acknowledges) inside("ACK", 1);
  stand.wait(10);
  const bye = (sequence = 2) => {
    inside("BYE", sequence);
    stand.wait(10);
  };
  return { stand, alice, peer, answer, inside, bye };
}

/** A SEND of a whole message to the path of alice's answer. */
function sendTo(path: string, from: string, content: Uint8Array, contentType = "text/plain"): Request {
  return {
    kind: "request",
    transactionId: "tid12345",
    method: "SEND",
    toPath: [path],
    fromPath: [from],
    messageId: "message1",
    successReport: true,
    failureReport: "yes",
    byteRange: { start: 1, end: content.length, total: content.length },
    status: undefined,
    otherHeaders: [],
    contentType,
    body: content,
    continuation: "$",
  };
}

function pathOf(sdp: string): string {
  return /a=path:(\S+)/.exec(sdp)![1]!;
}

Deno.test("LargeReceiver answers an offer with its own description, passive and recvonly (RFC 4975 §8.8, RFC 6135 §4.2.2)", () => {
  const { stand, answer, bye } = called();
  const sdp = toText(answer.body());
  assertEquals(answer.status, 200);
  assertMatch(sdp, /m=message 15070 TCP\/MSRP \*\r\n/);
  assertMatch(sdp, /a=setup:passive\r\n/);
  assertMatch(sdp, /a=recvonly\r\n/);
  assertEquals(answer.header("Contact"), "<sip:alice@10.0.0.1:5070>;+g.oma.sip-im");
  assertEquals(answer.headerValues("Allow").includes("UPDATE"), true);
  bye();
  stand.end();
});

Deno.test("LargeReceiver takes the message over the peer's connection, reports it and waits for BYE (RFC 4975 §8.8)", () => {
  const { stand, alice, peer, answer, bye } = called();
  const content = writeContent(5000, { run: 7, sequence: 99 });
  const flow = peer.send(sendTo(pathOf(toText(answer.body())), peer.path, content));
  stand.wait(20);
  assertEquals([alice.received.length, peer.chunkAnswers], [1, ["tid12345 200"]]);
  assertEquals(peer.chunks.map(({ request }) => `${request.method} ${request.status?.code}`), ["REPORT 200"]);
  assertEquals(alice.endpoint.leftovers().dialogs, 1);
  bye();
  flow.close();
  stand.wait(10);
  stand.end();
});

Deno.test("LargeReceiver answers a wrong session 481, an unknown type 415 and a second connection 506 (T47, RFC 4975 §10)", () => {
  const { stand, peer, answer, bye } = called();
  const path = pathOf(toText(answer.body()));
  const content = new TextEncoder().encode("hello");
  const first = peer.send(sendTo(path.replace(/\/[0-9a-f]+;/, "/other;"), peer.path, content));
  const second = peer.send(sendTo(path, peer.path, content, "image/png"));
  stand.wait(10);
  const third = peer.send(sendTo(path, peer.path, content));
  stand.wait(10);
  assertEquals(peer.chunkAnswers.map((line) => line.split(" ")[1]), ["481", "415", "506"]);
  for (const flow of [first, second, third]) flow.close();
  bye();
  stand.end();
});

Deno.test("LargeReceiver connects to a passive offer, and sends a SEND without body (T37, RFC 6135 §4.2)", () => {
  const { stand, peer } = scripted();
  const { alice } = stand;
  const fields: HeaderField[] = [["Contact", peer.contact()], ["Content-Type", "application/sdp"]];
  peer.request("INVITE", undefined, { sequence: 1, headers: fields, body: peer.description({ setup: "passive" }) });
  stand.wait(20);
  assertMatch(toText(peer.responses.at(-1)!.message.body()), /a=setup:active\r\n/);
  assertEquals(peer.chunks.map(({ request }) => [request.method, request.body]), [["SEND", undefined]]);
  peer.request("BYE", undefined, { sequence: 2, toTag: peer.responses.at(-1)!.message.toTag() });
  stand.wait(20);
  assertEquals([peer.faults, alice.endpoint.leftovers().dialogs], [["connection_closed"], 0]);
  stand.end();
});

/** Table of RFC 4028 §9: what the request says, and what the 2xx says then. */
const REFRESHERS: { asks: HeaderField[]; expires: string | undefined; require: string | undefined }[] = [
  { asks: [["Session-Expires", "600"]], expires: "600;refresher=uas", require: undefined },
  { asks: [["Supported", "timer"], ["Session-Expires", "600"]], expires: "600;refresher=uac", require: "timer" },
  {
    asks: [["Supported", "timer"], ["Session-Expires", "600;refresher=uac"]],
    expires: "600;refresher=uac",
    require: "timer",
  },
  {
    asks: [["Supported", "timer"], ["x", "600;refresher=uas"]],
    expires: "600;refresher=uas",
    require: "timer",
  },
  { asks: [["Supported", "timer"]], expires: undefined, require: undefined },
  { asks: [], expires: undefined, require: undefined },
];

for (const { asks, expires, require } of REFRESHERS) {
  const words = asks.map(([name, value]) => `${name}: ${value}`).join(", ") || "nothing";
  Deno.test(`LargeReceiver asked with ${words} answers Session-Expires ${expires ?? "not at all"} (T33, RFC 4028 §9)`, () => {
    const { stand, answer, bye } = called({ headers: asks });
    assertEquals([answer.header("Session-Expires"), answer.header("Require")], [expires, require]);
    bye();
    stand.end();
  });
}

Deno.test("LargeReceiver refuses an interval below its minimum with 422 and Min-SE (T32, RFC 4028 §9)", () => {
  const headers: HeaderField[] = [["Supported", "timer"], ["Session-Expires", "100"]];
  const { stand, alice, peer, answer } = called({ headers, session: { minSe: 120 } });
  assertEquals([answer.status, answer.header("Min-SE")], [422, "120"]);
  assertEquals(alice.endpoint.leftovers().dialogs, 0);
  peer.request("ACK", undefined, { sequence: 1, toTag: answer.toTag(), branch: answer.branch() });
  stand.wait(10);
  stand.end();
});

Deno.test("LargeReceiver as refresher refreshes by re-INVITE, where the caller's Allow has no UPDATE (T33, RFC 4028 §10)", () => {
  const headers: HeaderField[] = [["Supported", "timer"], ["Session-Expires", "600;refresher=uas"], ["Min-SE", "150"]];
  const { stand, peer, bye } = called({ headers });
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") {
      peer.accept(arrived, { headers: [["Session-Expires", "600;refresher=uac"]] });
    }
  };
  // nobody connects here, so it is the guard that would end the session otherwise
  const flow = peer.send(sendTo(pathOf(toText(peer.responses.at(-1)!.message.body())), peer.path, new Uint8Array(9)));
  stand.wait(301_000);
  const { message } = peer.last("INVITE");
  assertEquals([message.header("Session-Expires"), message.header("Min-SE")], ["600;refresher=uac", "150"]);
  assertEquals(peer.methods(), ["INVITE", "ACK"]);
  bye();
  flow.close();
  stand.wait(10);
  stand.end();
});

Deno.test("LargeReceiver waits 0 to 2 s after 491 to its refresh: it does not own the Call-ID (T35, RFC 3261 §14.1)", () => {
  const headers: HeaderField[] = [["Supported", "timer"], ["Session-Expires", "600;refresher=uas"]];
  const { stand, peer, answer, bye } = called({ headers });
  const flow = peer.send(sendTo(pathOf(toText(answer.body())), peer.path, new Uint8Array(9)));
  peer.script = (arrived) => {
    if (arrived.message.method !== "INVITE") return;
    if (peer.all("INVITE").length === 1) peer.respond(arrived, 491);
    else peer.accept(arrived, { headers: [["Session-Expires", "600;refresher=uac"]] });
  };
  stand.wait(303_000);
  const [first, second] = peer.moments("INVITE");
  assertEquals(second! - first! <= 2010, true, `${first} ${second}`);
  bye();
  flow.close();
  stand.wait(10);
  stand.end();
});

Deno.test("LargeReceiver refuses offers it can do nothing with, and leaves nothing", () => {
  const { peer } = scripted();
  const offers: [string, string][] = [
    ["no description", ""],
    ["no MSRP", peer.description().replace("message", "audio")],
    ["no path", peer.description({ path: "" })],
    ["another type", peer.description({ types: "image/png" })],
  ];
  for (const [what, sdp] of offers) {
    const { stand, alice, peer: caller, answer } = called({ sdp });
    assertEquals([answer.status, alice.endpoint.leftovers().dialogs], [488, 0], what);
    caller.request("ACK", undefined, { sequence: 1, toTag: answer.toTag(), branch: answer.branch() });
    stand.wait(10);
    stand.end();
  }
});

Deno.test("LargeReceiver repeats its 200 until ACK comes, and releases a session that nobody acknowledges (RFC 3261 §13.3.1.4)", () => {
  const { stand, alice, peer } = called({ acknowledges: false });
  stand.wait(31_700);
  assertEquals(peer.responses.length, 11);
  assertEquals(peer.methods(), []);
  stand.wait(1200);
  assertEquals([peer.methods(), alice.endpoint.leftovers().dialogs], [["BYE"], 0]);
  stand.end();
});

Deno.test("LargeReceiver that is abandoned before the ACK sends BYE after it only (RFC 3261 §15)", () => {
  const { stand, alice, peer, inside } = called({ acknowledges: false });
  alice.agent.abandon();
  stand.wait(100);
  assertEquals(peer.methods(), []);
  inside("ACK", 1);
  stand.wait(20);
  assertEquals(peer.methods(), ["BYE"]);
  stand.end();
});

Deno.test("LargeReceiver releases a session to which nobody connects, or whose connection was lost (I585 §9.2)", () => {
  for (const connects of [false, true]) {
    const { stand, peer, answer } = called();
    if (connects) {
      const chunk = sendTo(pathOf(toText(answer.body())), peer.path, new Uint8Array(9));
      const flow = peer.send({ ...chunk, continuation: "+", byteRange: { start: 1, end: 9, total: 20 } });
      stand.wait(10);
      flow.close();
    }
    stand.wait(29_000);
    assertEquals(peer.methods(), []);
    stand.wait(2000);
    assertEquals(peer.methods(), ["BYE"]);
    assertEquals(stand.count("failures.sender_vanished"), 1);
    stand.end();
  }
});

Deno.test("LargeReceiver does not answer a repeated INVITE with a second session (RFC 6026 §7.1)", () => {
  const { stand, alice, peer, bye } = called();
  const fields: HeaderField[] = [["Contact", peer.contact()], ...TIMER, ["Content-Type", "application/sdp"]];
  const branch = peer.responses[0]!.message.branch();
  peer.request("INVITE", undefined, { sequence: 1, branch, headers: fields, body: peer.description() });
  stand.wait(20);
  assertEquals([alice.endpoint.leftovers().dialogs, peer.responses.length], [1, 1]);
  bye();
  stand.end();
});

Deno.test("LargeReceiver refuses a request that is older than the last one with 500 (RFC 3261 §12.2.2)", () => {
  const { stand, peer, inside, bye } = called();
  inside("UPDATE", 5, TIMER);
  inside("UPDATE", 4, TIMER);
  stand.wait(10);
  assertEquals(peer.responses.slice(-2).map(({ message }) => message.status), [200, 500]);
  bye(6);
  stand.end();
});

Deno.test("LargeReceiver takes a MESSAGE and an OPTIONS inside its session, and refuses what it does not know (T14)", () => {
  const { stand, alice, peer, inside, bye } = called();
  inside("MESSAGE", 2, [["Content-Type", "text/plain"]], "inside");
  inside("OPTIONS", 3);
  inside("INFO", 4);
  stand.wait(10);
  assertEquals(peer.responses.slice(-3).map(({ message }) => message.status), [200, 200, 405]);
  assertEquals(alice.received, ["inside"]);
  bye(5);
  stand.end();
});
