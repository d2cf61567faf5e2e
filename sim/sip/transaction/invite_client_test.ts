import { assertEquals } from "@std/assert";
import { OctetWriter } from "../../bytes/writer.ts";
import { read, requestOctets, responseOctets, TransactionStand } from "../../testing/transaction_stand.ts";
import { writeAck } from "./derived_request.ts";

const methods = (stand: TransactionStand) => stand.flow.startLines().map((line) => line.split(" ")[0]);

Deno.test("InviteClient sends at 0, T1 and doubling without limit, and times out at 64*T1 (RFC 3261 §17.1.1.2)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("INVITE");
  stand.wheel.advance(31_999);
  assertEquals(stand.flow.moments(), [0, 500, 1500, 3500, 7500, 15500, 31500]);
  assertEquals(stand.user.timeouts, 0);
  stand.wheel.advance(32_000);
  assertEquals([stand.user.timeouts, transaction.state, stand.layer.size()], [1, "terminated", 0]);
  assertEquals(stand.layer.counters.retransmissions.get("INVITE"), 6);
});

Deno.test("InviteClient stops sending at the first provisional response and then waits (RFC 3261 §17.1.1.2)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("INVITE");
  stand.wheel.advance(600);
  stand.respond(100);
  stand.respond(180);
  stand.wheel.advance(100_000);
  assertEquals([stand.flow.sent.length, stand.user.statuses, transaction.state], [2, [100, 180], "proceeding"]);
});

Deno.test("InviteClient passes every 2xx on for 64*T1 and leaves ACK to its user (RFC 6026 §7.2, Timer M)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("INVITE");
  stand.respond(200);
  stand.wheel.advance(20_000);
  stand.respond(200, { toTag: "fork" });
  stand.respond(180);
  stand.respond(486);
  assertEquals([stand.user.statuses, transaction.state, transaction.request().length], [[200, 200], "accepted", 0]);
  assertEquals(methods(stand), ["INVITE"]);
  stand.wheel.advance(32_000);
  assertEquals(stand.layer.size(), 0);
  stand.respond(200);
  assertEquals([stand.core.strays.length, stand.user.statuses.length], [1, 2]);
});

Deno.test("InviteClient acknowledges each non-2xx and tells it once; Timer D is 64*T1 (RFC 3261 §17.1.1.2)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("INVITE");
  stand.respond(486);
  stand.wheel.advance(500);
  stand.respond(486);
  assertEquals([stand.user.statuses, transaction.state], [[486], "completed"]);
  assertEquals(methods(stand), ["INVITE", "ACK", "ACK"]);
  stand.wheel.advance(31_999);
  assertEquals(stand.layer.size(), 1);
  stand.wheel.advance(32_000);
  assertEquals(stand.layer.size(), 0);
});

Deno.test("InviteClient on TCP sends once and ends with a non-2xx as soon as it is acknowledged", () => {
  const stand = new TransactionStand("tcp");
  stand.request("INVITE");
  stand.wheel.advance(20_000);
  stand.respond(486);
  assertEquals([methods(stand), stand.layer.size()], [["INVITE", "ACK"], 0]);
});

Deno.test("writeAck takes all from the INVITE but the To of the response (RFC 3261 §17.1.1.3)", () => {
  const routes = [["Route", "<sip:p1.example;lr>,<sip:p2.example;lr>"], ["Route", "<sip:p3.example;lr>"]] as const;
  const invite = requestOctets({ method: "INVITE", branch: "z9hG4bKabc", headers: routes });
  const writer = new OctetWriter();
  writeAck(writer, read(invite), read(responseOctets(invite, 486, { toTag: "bob" })));
  const ack = read(writer.take());
  assertEquals([ack.method, ack.requestUri(), ack.branch()], ["ACK", "sip:bob@ims.example", "z9hG4bKabc"]);
  assertEquals(ack.headerLines("Via"), read(invite).headerLines("Via"));
  assertEquals(ack.headerLines("Route"), routes.map(([, value]) => value));
  assertEquals([ack.fromTag(), ack.toTag(), ack.callId()], ["alice", "bob", "call-1"]);
  assertEquals([ack.header("CSeq"), ack.header("Content-Length")], ["1 ACK", "0"]);
});

Deno.test("InviteClient keeps a CANCEL until there is a provisional response (RFC 3261 §9.1)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("INVITE");
  stand.layer.cancel(transaction);
  stand.layer.cancel(transaction);
  assertEquals(methods(stand), ["INVITE"]);
  stand.respond(100);
  assertEquals(methods(stand), ["INVITE", "CANCEL"]);
  const cancel = read(stand.flow.last());
  const { branch } = read(stand.flow.sent[0]!.octets).topVia()!;
  assertEquals([cancel.branch(), cancel.header("CSeq"), cancel.toTag()], [branch, "1 CANCEL", ""]);
  stand.respond(200, { method: "CANCEL" });
  stand.respond(487);
  assertEquals([stand.user.statuses, methods(stand).at(-1)], [[100, 487], "ACK"]);
});

Deno.test("InviteClient sends its CANCEL again like any non-INVITE request, on the branch they share", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("INVITE");
  stand.respond(180);
  stand.layer.cancel(transaction);
  stand.wheel.advance(1600);
  assertEquals(methods(stand), ["INVITE", "CANCEL", "CANCEL", "CANCEL"]);
  stand.respond(200, { method: "CANCEL" });
  stand.wheel.advance(10_000);
  assertEquals([methods(stand).length, stand.layer.size()], [4, 1]);
});

Deno.test("InviteClient gives up 64*T1 after a CANCEL that brought no final response (RFC 3261 §9.1)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("INVITE");
  stand.respond(180);
  stand.wheel.advance(60_000);
  stand.layer.cancel(transaction);
  stand.respond(200, { method: "CANCEL" });
  stand.wheel.advance(91_999);
  assertEquals([stand.user.timeouts, transaction.state], [0, "proceeding"]);
  stand.wheel.advance(92_000);
  assertEquals([stand.user.timeouts, stand.layer.size()], [1, 0]);
});

Deno.test("InviteClient sends no CANCEL after a final response (RFC 3261 §9.1)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("INVITE");
  stand.respond(200);
  stand.layer.cancel(transaction);
  assertEquals(methods(stand), ["INVITE"]);
});
