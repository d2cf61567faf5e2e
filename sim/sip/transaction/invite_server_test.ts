import { assertEquals } from "@std/assert";
import { TransactionStand } from "../../testing/transaction_stand.ts";

const INVITE = { method: "INVITE", branch: "z9hG4bKpeer1" } as const;
const ACK = { method: "ACK", branch: "z9hG4bKpeer1", toTag: "us" } as const;
const CANCEL = { method: "CANCEL", branch: "z9hG4bKpeer1" } as const;
const statuses = (stand: TransactionStand) => stand.flow.startLines().map((line) => line.split(" ")[1]);

function invited(transport: "udp" | "tcp" = "udp"): TransactionStand {
  const stand = new TransactionStand(transport);
  stand.receiveRequest(INVITE);
  return stand;
}

Deno.test("InviteServer sends 100 after 200 ms unless the core was quicker (RFC 3261 §17.2.1)", () => {
  const slow = invited();
  slow.receiveRequest(INVITE);
  slow.wheel.advance(199);
  assertEquals(statuses(slow), []);
  slow.wheel.advance(200);
  slow.receiveRequest(INVITE);
  assertEquals([statuses(slow), slow.core.requests.length], [["100", "100"], 1]);
  const quick = invited();
  quick.answer(180);
  quick.wheel.advance(1000);
  quick.receiveRequest(INVITE);
  assertEquals(statuses(quick), ["180", "180"]);
});

Deno.test("InviteServer repeats a non-2xx at T1 doubling to T2 until Timer H (RFC 3261 §17.2.1)", () => {
  const stand = invited();
  stand.answer(486);
  stand.wheel.advance(31_999);
  assertEquals(stand.flow.moments(), [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
  stand.wheel.advance(32_000);
  const { counters } = stand.layer;
  assertEquals([stand.layer.size(), counters.unacknowledged, counters.responsesSentAgain], [0, 1, 10]);
});

Deno.test("InviteServer takes the ACK of a non-2xx and absorbs what follows for T4 (RFC 3261 §17.2.1, Timer I)", () => {
  const stand = invited();
  stand.answer(486);
  stand.receiveRequest(INVITE);
  stand.wheel.advance(100);
  stand.receiveRequest(ACK);
  stand.receiveRequest(ACK);
  stand.receiveRequest(INVITE);
  stand.wheel.advance(5099);
  assertEquals([statuses(stand), stand.core.acks.length, stand.layer.size()], [["486", "486"], 0, 1]);
  stand.wheel.advance(5100);
  assertEquals([stand.layer.size(), stand.layer.counters.unacknowledged], [0, 0]);
});

Deno.test("InviteServer on TCP sends a non-2xx once, and ends with its ACK or Timer H", () => {
  const stand = invited("tcp");
  stand.answer(486);
  stand.wheel.advance(20_000);
  stand.receiveRequest(ACK);
  assertEquals([statuses(stand), stand.layer.size()], [["486"], 0]);
  const silent = invited("tcp");
  silent.answer(486);
  silent.wheel.advance(32_000);
  assertEquals([statuses(silent), silent.layer.size(), silent.layer.counters.unacknowledged], [["486"], 0, 1]);
});

Deno.test("InviteServer absorbs INVITEs after a 2xx, lets the core repeat it, passes ACK on (RFC 6026 §7.1)", () => {
  const stand = invited();
  stand.answer(200);
  stand.receiveRequest(INVITE);
  stand.answer(200);
  stand.answer(486);
  stand.receiveRequest({ ...ACK, branch: "z9hG4bKpeer2" });
  stand.receiveRequest(ACK);
  assertEquals([statuses(stand), stand.core.acks.length, stand.core.requests.length], [["200", "200"], 2, 1]);
  stand.wheel.advance(31_999);
  assertEquals(stand.core.requests[0]!.transaction.state, "accepted");
  stand.wheel.advance(32_000);
  assertEquals([stand.layer.size(), stand.wheel.armed], [0, 0]);
});

Deno.test("InviteServer is given up by CANCEL, which is answered with the same To tag (RFC 3261 §9.2)", () => {
  const stand = invited();
  stand.answer(180);
  stand.receiveRequest(CANCEL);
  stand.receiveRequest(CANCEL);
  assertEquals([statuses(stand), stand.core.cancels.length], [["180", "200", "200"], 1]);
  assertEquals(stand.flow.texts()[1]!.includes("To: <sip:bob@ims.example>;tag=us\r\n"), true);
  stand.core.cancels[0]!.respond(487, stand.flow.sent[0]!.octets);
  assertEquals(stand.core.requests[0]!.transaction.state, "completed");
});

Deno.test("TransactionLayer answers a CANCEL without INVITE with 481, a late one with 200 alone (RFC 3261 §9.2)", () => {
  const stand = new TransactionStand();
  stand.receiveRequest(CANCEL);
  assertEquals([statuses(stand), stand.layer.counters.strayCancels], [["481"], 1]);
  const late = invited();
  late.answer(200);
  late.receiveRequest(CANCEL);
  assertEquals([statuses(late), late.core.cancels.length], [["200", "200"], 0]);
});
