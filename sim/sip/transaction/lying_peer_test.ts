/** Peers that lie, at the transaction layer: each lie is counted by name, nothing is thrown, nothing is stuck. */
import { assertEquals } from "@std/assert";
import { toOctets } from "../../bytes/text.ts";
import { FlowPair } from "../../testing/flow_pair.ts";
import { read, requestOctets, responseOctets, TransactionStand } from "../../testing/transaction_stand.ts";
import { SipFramer } from "../framing.ts";

const NOBODY = { receive: () => {}, onFlowFault: () => {} };
const FLOOD = 10_000;

/** A MESSAGE whose Content-Length says another number than that of its 5 octets. */
function lying(contentLength: number, branch: string): Uint8Array {
  const honest = read(requestOctets({ method: "MESSAGE", branch, body: toOctets("hello") }, "tcp")).text();
  return toOctets(honest.replace("Content-Length: 5", `Content-Length: ${contentLength}`));
}

Deno.test("A Content-Length too large is answered 400 on UDP, and one too small cuts the body (RFC 3261 §18.3)", () => {
  const stand = new TransactionStand();
  stand.receive(lying(6, "z9hG4bKlong"));
  assertEquals(stand.flow.startLines(), ["SIP/2.0 400 Bad Request"]);
  assertEquals([...stand.layer.counters.malformed], [["short_body", 1]]);
  stand.receive(lying(4, "z9hG4bKshort"));
  assertEquals(stand.core.requests.map(({ message }) => message.body().length), [4]);
});

Deno.test("A Content-Length that lies on TCP costs the message behind it, and the stream goes on after it", () => {
  for (const length of [3, 9]) {
    const stand = new TransactionStand("tcp");
    const { left, settle } = stream(stand);
    left.send(lying(length, "z9hG4bKlie"));
    left.send(lying(5, "z9hG4bKlost"));
    left.send(lying(5, "z9hG4bKfine"));
    settle();
    assertEquals(stand.core.requests.map(({ message }) => message.branch()), ["z9hG4bKlie", "z9hG4bKfine"]);
    assertEquals([...stand.layer.counters.malformed.values()], [1], `Content-Length: ${length}`);
  }
});

Deno.test("A Content-Length that is none ends the connection and what was under way on it", () => {
  const stand = new TransactionStand("tcp");
  const { left, flow, settle } = stream(stand);
  stand.request("MESSAGE", flow);
  left.send(lying(-5, "z9hG4bKlie"));
  settle();
  assertEquals([stand.user.faults, stand.layer.size(), flow.open], [["malformed_stream"], 0, false]);
});

/** A connection to the layer of a stand; `left` is the peer. */
function stream(stand: TransactionStand) {
  const flows = new FlowPair({ left: NOBODY, right: stand.layer, framer: () => new SipFramer() });
  return { left: flows.left, flow: flows.right, settle: () => flows.settle(stand.wheel.now) };
}

Deno.test("Answers to nobody are counted, however many come, and keep nothing", () => {
  const stand = new TransactionStand();
  const octets = responseOctets(requestOctets({ method: "MESSAGE", branch: "z9hG4bKnobody" }), 200);
  for (let i = 0; i < FLOOD; i++) stand.receive(octets);
  assertEquals([stand.layer.counters.strayResponses, stand.layer.size(), stand.wheel.armed], [FLOOD, 0, 0]);
  assertEquals(stand.flow.sent.length, 0);
});

Deno.test("A final response that comes again and again is told once, the others are counted as absorbed", () => {
  const stand = new TransactionStand();
  stand.request("MESSAGE");
  for (let i = 0; i < FLOOD; i++) stand.respond(i % 2 === 0 ? 200 : 486);
  assertEquals([stand.user.statuses, stand.layer.counters.absorbedResponses], [[200], FLOOD - 1]);
  stand.wheel.advance(40_000);
  assertEquals([stand.layer.size(), stand.wheel.armed], [0, 0]);
});

Deno.test("Final responses of both kinds to one INVITE are acknowledged, and the transaction ends", () => {
  const stand = new TransactionStand();
  stand.request("INVITE");
  for (let i = 0; i < 100; i++) stand.respond(i % 2 === 0 ? 486 : 200);
  assertEquals(stand.user.statuses, [486]);
  stand.wheel.advance(200_000);
  assertEquals([stand.layer.size(), stand.wheel.armed], [0, 0]);
});

Deno.test("Provisional responses without end prolong no request but INVITE, and arm no timer each", () => {
  const stand = new TransactionStand();
  stand.request("MESSAGE");
  for (let i = 0; i < 1000; i++) stand.respond(183);
  assertEquals(stand.wheel.armed < 10, true);
  stand.wheel.advance(32_000);
  assertEquals([stand.user.timeouts, stand.layer.size()], [1, 0]);
});

Deno.test("A request that is repeated without end is one request, and ends", () => {
  const stand = new TransactionStand();
  const octets = requestOctets({ method: "MESSAGE", branch: "z9hG4bKagain" });
  for (let i = 0; i < FLOOD; i++) stand.receive(octets);
  assertEquals([stand.core.requests.length, stand.layer.counters.absorbedRequests], [1, FLOOD - 1]);
  stand.wheel.advance(100_000);
  assertEquals([stand.layer.size(), stand.wheel.armed], [0, 0]);
});

Deno.test("CANCELs of nothing and ACKs of nothing are counted or told, and keep nothing", () => {
  const stand = new TransactionStand();
  for (let i = 0; i < 100; i++) {
    stand.receiveRequest({ method: "CANCEL", branch: `z9hG4bKc${i}` });
    stand.receiveRequest({ method: "ACK", branch: `z9hG4bKa${i}` });
  }
  assertEquals([stand.layer.counters.strayCancels, stand.core.acks.length], [100, 100]);
  stand.wheel.advance(40_000);
  assertEquals([stand.layer.size(), stand.wheel.armed], [0, 0]);
});
