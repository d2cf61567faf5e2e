import { assertEquals } from "@std/assert";
import { TransactionStand } from "../../testing/transaction_stand.ts";

/** Instants of domain 7.2: T1 doubling to T2, until 64*T1. */
const INSTANTS = [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500];

Deno.test("NonInviteClient sends at 0, T1 and doubling to T2, and times out at 64*T1 (RFC 3261 §17.1.2.2)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("MESSAGE");
  stand.wheel.advance(31_999);
  assertEquals([stand.flow.moments(), stand.user.timeouts, transaction.state], [INSTANTS, 0, "trying"]);
  stand.wheel.advance(32_000);
  assertEquals([stand.user.timeouts, transaction.state, stand.layer.size()], [1, "terminated", 0]);
  assertEquals(new Set(stand.flow.texts()).size, 1);
  assertEquals([transaction.retransmissions, stand.layer.counters.retransmissions.get("MESSAGE")], [10, 10]);
  assertEquals([stand.layer.counters.timeouts, transaction.request().length], [1, 0]);
});

Deno.test("NonInviteClient sends at most every T2 once provisional, and Timer F runs on (RFC 3261 §17.1.2.2)", () => {
  const stand = new TransactionStand();
  stand.request("MESSAGE");
  stand.wheel.advance(600);
  stand.respond(100);
  stand.wheel.advance(32_000);
  assertEquals(stand.flow.moments(), [0, 500, 1500, 5500, 9500, 13500, 17500, 21500, 25500, 29500]);
  assertEquals([stand.user.statuses, stand.user.timeouts], [[100], 1]);
});

Deno.test("NonInviteClient tells each provisional and one final response (RFC 3261 §17.1.2.2)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("MESSAGE");
  for (const status of [100, 100, 202, 202, 200]) stand.respond(status);
  assertEquals([stand.user.statuses, transaction.state], [[100, 100, 202], "completed"]);
  assertEquals(stand.layer.counters.absorbedResponses, 2);
});

Deno.test("NonInviteClient absorbs responses for T4 on UDP, holding no octets (RFC 3261 §17.1.2.2, Timer K)", () => {
  const stand = new TransactionStand();
  const transaction = stand.request("MESSAGE");
  stand.wheel.advance(100);
  stand.respond(200);
  assertEquals(transaction.request().length, 0);
  stand.wheel.advance(5099);
  assertEquals(stand.layer.size(), 1);
  stand.wheel.advance(5100);
  assertEquals([stand.layer.size(), stand.layer.counters.openClient, stand.flow.sent.length], [0, 0, 1]);
  stand.respond(200);
  assertEquals([stand.layer.counters.strayResponses, stand.core.strays.length], [1, 0]);
});

Deno.test("NonInviteClient on TCP sends once, times out at 64*T1 and ends with the final response", () => {
  const stand = new TransactionStand("tcp");
  const transaction = stand.request("MESSAGE");
  stand.respond(200);
  assertEquals([transaction.state, stand.layer.size()], ["terminated", 0]);
  stand.request("MESSAGE");
  stand.wheel.advance(31_999);
  assertEquals([stand.flow.sent.length, stand.user.timeouts], [2, 0]);
  stand.wheel.advance(32_000);
  assertEquals([stand.flow.sent.length, stand.user.timeouts, stand.layer.size()], [2, 1, 0]);
});

Deno.test("NonInviteClient leaves nothing in the wheel for 64*T1 once it has ended", () => {
  const stand = new TransactionStand("tcp");
  stand.request("MESSAGE");
  stand.respond(200);
  assertEquals(stand.wheel.armed, 0);
});

Deno.test("NonInviteClient lets its user send from within the response", () => {
  const stand = new TransactionStand();
  stand.user.act = (message) => {
    if (message.status === 401) stand.request("MESSAGE");
  };
  stand.request("MESSAGE");
  stand.respond(401);
  assertEquals([stand.flow.sent.length, stand.layer.size(), stand.layer.counters.openClient], [2, 2, 2]);
});
