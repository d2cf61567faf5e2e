import { assert, assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { toOctets } from "../../bytes/text.ts";
import { Random } from "../../clock/random.ts";
import { Wheel } from "../../clock/wheel.ts";
import { FlowRecorder } from "../../testing/flow_recorder.ts";
import { Simnet } from "../../testing/simnet.ts";
import {
  read,
  RecordingCore,
  RecordingUser,
  requestOctets,
  responseOctets,
  TransactionStand,
} from "../../testing/transaction_stand.ts";
import { MAX_HEADER_COUNT, MAX_STREAM_MESSAGE_SIZE, MAX_URI_LENGTH } from "../parse.ts";
import { TransactionLayer } from "./layer.ts";

const MESSAGE = { method: "MESSAGE", branch: "z9hG4bKpeer1" } as const;
const statuses = (stand: TransactionStand) => stand.flow.startLines().map((line) => line.split(" ")[1]);
const textOf = (request: { method: string; branch: string }) => read(requestOctets(request)).text();

Deno.test("TransactionLayer.request copies the octets, which the caller may use again", () => {
  const stand = new TransactionStand();
  const branch = stand.layer.newBranch();
  const octets = requestOctets({ method: "MESSAGE", branch });
  stand.layer.request("MESSAGE", branch, octets, stand.flow, stand.user);
  octets.fill(0);
  stand.wheel.advance(500);
  assertEquals(stand.flow.texts()[1], stand.flow.texts()[0]);
  assertThrows(() => stand.layer.request("MESSAGE", branch, octets, stand.flow, stand.user), RangeError, "has it");
});

Deno.test("TransactionLayer matches responses by branch and by the method of CSeq (RFC 3261 §17.1.3)", () => {
  const stand = new TransactionStand();
  stand.request("MESSAGE");
  const sent = stand.flow.last();
  stand.receive(toOctets(read(responseOctets(sent, 200)).text().replace("CSeq: 1 MESSAGE", "CSeq: 1 OPTIONS")));
  stand.receive(responseOctets(requestOctets({ method: "MESSAGE", branch: "z9hG4bKforeign" }), 200));
  stand.receive(responseOctets(requestOctets({ method: "INVITE", branch: "z9hG4bKforeign" }), 486));
  assertEquals([stand.user.statuses, stand.layer.counters.strayResponses], [[], 3]);
  stand.receive(responseOctets(requestOctets({ method: "INVITE", branch: "z9hG4bKforeign" }), 200));
  assertEquals([stand.core.strays.length, stand.layer.counters.strayResponses], [1, 4]);
});

Deno.test("TransactionLayer answers a malformed request that shows the way back, and never an ACK", () => {
  const stand = new TransactionStand();
  const fine = textOf(MESSAGE);
  stand.receive(toOctets(fine.replace("MESSAGE sip:bob@ims.example SIP/2.0", "MESSAGE sip:bob@ims.example SIP/3.0")));
  stand.receive(toOctets(fine.replace("CSeq: 1 MESSAGE", "CSeq: 1 INFO")));
  stand.receive(toOctets(fine.replace("Content-Length: 0", "Content-Length: 99")));
  stand.receive(toOctets(fine.replace(/Call-ID: .*\r\n/, "")));
  stand.receive(toOctets(textOf({ ...MESSAGE, method: "ACK" }).replace("Content-Length: 0", "Content-Length: 99")));
  stand.receive(toOctets("hello\r\n\r\n"));
  assertEquals([stand.core.requests.length, stand.core.acks.length, stand.layer.size()], [0, 0, 0]);
  assertEquals(statuses(stand).slice(0, 1), ["505"]);
  assertEquals([...new Set(statuses(stand).slice(1))], ["400"]);
  const { malformed } = stand.layer.counters;
  assertEquals([malformed.get("bad_version"), malformed.get("short_body"), malformed.get("missing_header")], [1, 2, 1]);
  assertStringIncludes(stand.flow.texts()[0]!, ";tag=");
});

Deno.test("TransactionLayer answers 414 to a Request-URI beyond our limit, and counts every limit that is met", () => {
  const stand = new TransactionStand("tcp");
  const long = textOf(MESSAGE).replace("sip:bob@", `sip:${"b".repeat(MAX_URI_LENGTH)}@`);
  stand.receive(toOctets(long));
  stand.receive(
    toOctets(textOf(MESSAGE).replace("Max-Forwards", `${"X: y\r\n".repeat(MAX_HEADER_COUNT)}Max-Forwards`)),
  );
  stand.receive(new Uint8Array(MAX_STREAM_MESSAGE_SIZE + 1));
  assertEquals(statuses(stand), ["414"]);
  const { malformed } = stand.layer.counters;
  assertEquals([...malformed], [["uri_too_long", 1], ["too_many_headers", 1], ["too_large", 1]]);
});

Deno.test("TransactionLayer survives any octets, whole or as damage to a request", () => {
  const stand = new TransactionStand();
  const fine = requestOctets({ ...MESSAGE, body: toOctets("hello") });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => stand.receive(octets)));
  const damage = fc.array(fc.tuple(fc.nat(fine.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(damage, fc.nat(fine.length), (changes, length) => {
    const octets = fine.slice(0, length);
    for (const [at, octet] of changes) octets[at] = octet;
    stand.receive(octets);
  }));
});

Deno.test("TransactionLayer answers the ping of a connection and passes the pong on (RFC 5626 §4.4.1)", () => {
  const stand = new TransactionStand("tcp");
  stand.receive(toOctets("\r\n\r\n"));
  stand.receive(toOctets("\r\n"));
  assertEquals([stand.flow.texts(), stand.core.pongs], [["\r\n"], 1]);
  assertEquals([stand.layer.counters.pings, stand.layer.counters.pongs], [1, 1]);
});

Deno.test("TransactionLayer.onFlowFault ends the transactions of that flow, telling clients that wait, once", () => {
  for (const transport of ["udp", "tcp"] as const) {
    const stand = new TransactionStand(transport);
    const other = new FlowRecorder({ transport });
    const [waiting, invite] = [stand.request("MESSAGE"), stand.request("INVITE")];
    stand.request("MESSAGE");
    stand.receive(responseOctets(stand.flow.last(), 200));
    stand.receiveRequest(MESSAGE);
    stand.receiveRequest({ method: "INVITE", branch: "z9hG4bKpeer2" });
    const survivor = stand.request("MESSAGE", other);
    stand.layer.onFlowFault(stand.flow, "connection_reset");
    stand.layer.onFlowFault(stand.flow, "connection_reset");
    assertEquals(stand.user.faults, ["connection_reset", "connection_reset"]);
    assertEquals([waiting.state, invite.state, survivor.state], ["terminated", "terminated", "trying"]);
    // a completed one over UDP waits for Timer K whatever becomes of the flow (RFC 3261 Figure 6)
    assertEquals([stand.layer.size(), stand.layer.counters.transportFaults], [transport === "udp" ? 2 : 1, 2]);
  }
});

Deno.test("TransactionLayer tells of a flow that was closed before the request, after the call", () => {
  const stand = new TransactionStand("tcp");
  stand.flow.close();
  stand.request("MESSAGE");
  stand.request("INVITE");
  assertEquals(stand.user.faults, []);
  stand.wheel.advance(1);
  assertEquals([stand.user.faults, stand.layer.size()], [["connection_closed", "connection_closed"], 0]);
});

Deno.test("TransactionLayer.close ends everything in silence", () => {
  const stand = new TransactionStand();
  stand.request("MESSAGE");
  stand.layer.cancel(stand.request("INVITE"));
  stand.receiveRequest(MESSAGE);
  stand.receiveRequest({ method: "INVITE", branch: "z9hG4bKpeer2" });
  assertEquals(stand.layer.size(), 4);
  stand.layer.close();
  const sent = stand.flow.sent.length;
  stand.wheel.advance(100_000);
  assertEquals([stand.layer.size(), stand.flow.sent.length, stand.user.timeouts], [0, sent, 0]);
  assertEquals([stand.layer.counters.openClient, stand.layer.counters.openServer], [0, 0]);
});

Deno.test("TransactionLayer brings every request over a network that loses, doubles and disorders", () => {
  const wheel = new Wheel();
  const net = new Simnet({ wheel, random: new Random(3), delay: 20, jitter: 400, loss: 0.2, duplication: 0.1 });
  const [core, silent, user] = [new RecordingCore(), new RecordingCore(), new RecordingUser()];
  const alice = new TransactionLayer({ wheel, random: new Random(4), core: silent });
  const bob = new TransactionLayer({ wheel, random: new Random(5), core });
  const [here, there] = [{ host: "127.0.0.1", port: 5070 }, { host: "127.0.0.1", port: 5060 }];
  const host = net.attach(here, alice);
  net.attach(there, bob);
  core.act = (message, transaction) => {
    const status = message.method === "INVITE" ? 486 : 200;
    transaction.respond(status, responseOctets(message.octets, status, { toTag: "bob" }));
  };
  const flow = net.flowTo(host, "udp", there);
  for (let i = 0; i < 500; i++) {
    const branch = alice.newBranch();
    const method = i % 5 === 0 ? "INVITE" : "MESSAGE";
    alice.request(method, branch, requestOctets({ method, branch }), flow, user);
    wheel.advance(i * 10);
  }
  wheel.advance(120_000);
  assertEquals([user.statuses.length, user.timeouts, core.requests.length], [500, 0, 500]);
  assertEquals([alice.size(), bob.size(), bob.counters.unacknowledged, core.acks.length], [0, 0, 0, 0]);
  assert(bob.counters.absorbedRequests > 0 && alice.counters.absorbedResponses > 0);
  assertNotEquals(alice.counters.retransmissions.get("INVITE"), undefined);
});
