import { assertEquals, assertThrows } from "@std/assert";
import { TransactionStand } from "../../testing/transaction_stand.ts";

const REQUEST = { method: "MESSAGE", branch: "z9hG4bKpeer1" } as const;
const statuses = (stand: TransactionStand) => stand.flow.startLines().map((line) => line.split(" ")[1]);

Deno.test("NonInviteServer answers retransmissions with the final response for 64*T1 (RFC 3261 §17.2.2, Timer J)", () => {
  const stand = new TransactionStand();
  stand.core.act = () => stand.answer(200);
  stand.receiveRequest(REQUEST);
  stand.wheel.advance(500);
  stand.receiveRequest(REQUEST);
  assertEquals([stand.core.requests.length, statuses(stand)], [1, ["200", "200"]]);
  assertEquals(new Set(stand.flow.texts()).size, 1);
  assertEquals(stand.layer.counters.absorbedRequests, 1);
  stand.wheel.advance(31_999);
  assertEquals(stand.layer.size(), 1);
  stand.wheel.advance(32_000);
  assertEquals([stand.layer.size(), stand.layer.counters.openServer], [0, 0]);
  stand.receiveRequest(REQUEST);
  assertEquals(stand.core.requests.length, 2);
});

Deno.test("NonInviteServer ends with its response on TCP (RFC 3261 §17.2.2)", () => {
  const stand = new TransactionStand("tcp");
  stand.core.act = () => stand.answer(200);
  stand.receiveRequest(REQUEST);
  assertEquals([statuses(stand), stand.layer.size(), stand.wheel.armed], [["200"], 0, 0]);
});

Deno.test("NonInviteServer drops retransmissions while trying (RFC 3261 §17.2.2)", () => {
  const stand = new TransactionStand();
  stand.receiveRequest(REQUEST);
  stand.receiveRequest(REQUEST);
  assertEquals([stand.core.requests.length, stand.flow.sent.length], [1, 0]);
  stand.answer(200);
  stand.answer(500);
  assertEquals(statuses(stand), ["200"]);
});

Deno.test("NonInviteServer sends 100 of itself once the client's Timer E is T2, not before (RFC 4320 §4.1)", () => {
  const stand = new TransactionStand();
  stand.receiveRequest(REQUEST);
  stand.wheel.advance(3499);
  assertEquals(statuses(stand), []);
  stand.wheel.advance(3500);
  stand.receiveRequest(REQUEST);
  assertEquals([statuses(stand), stand.core.requests[0]!.transaction.state], [["100", "100"], "proceeding"]);
  stand.answer(200);
  stand.receiveRequest(REQUEST);
  assertEquals(statuses(stand), ["100", "100", "200", "200"]);
});

Deno.test("NonInviteServer ends without an answer when it would be too late for the client (RFC 4320 §4.2)", () => {
  const stand = new TransactionStand();
  stand.receiveRequest(REQUEST);
  stand.wheel.advance(31_999);
  assertEquals(stand.layer.size(), 1);
  stand.wheel.advance(32_000);
  stand.answer(200);
  assertEquals([stand.layer.size(), statuses(stand), stand.layer.counters.unanswered], [0, ["100"], 1]);
});

Deno.test("NonInviteServer refuses to send 408 or a provisional response (RFC 4320 §4.1, §4.2)", () => {
  const stand = new TransactionStand();
  stand.receiveRequest(REQUEST);
  assertThrows(() => stand.answer(408), RangeError, "MESSAGE with 408");
  assertThrows(() => stand.answer(180), RangeError, "MESSAGE with 180");
});
