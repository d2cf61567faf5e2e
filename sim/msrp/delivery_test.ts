import { assert, assertEquals } from "@std/assert";
import { answerAll, contentOf, linesOf, messageOf, MsrpStand, reportOf } from "../testing/msrp_stand.ts";

const flagsOf = (stand: MsrpStand): string => linesOf(stand.flows.left, "-------").map((line) => line.at(-1)).join("");

Deno.test("MsrpSession fails 30 s after the last octet without a response, per chunk (T44, RFC 4975 §7.1.1)", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf(contentOf(5000), { chunking: 2048 }));
  stand.settle();
  stand.wait(29_000);
  const tids = linesOf(stand.flows.left, "MSRP ");
  answerAll(stand, "200 OK", { from: 1 });
  assertEquals(aliceUser.outcomes(), []);
  stand.wait(999);
  assertEquals(aliceUser.outcomes(), []);
  stand.wait(1);
  assertEquals(aliceUser.outcomes(), ["failed message1 timeout"]);
  answerAll(stand, "200 OK");
  assertEquals(stand.left.counters.strayResponses, tids.length);
});

Deno.test("MsrpSession counts the 30 s from the end of each chunk, not of the first", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf("one", { messageId: "one1" }));
  stand.wait(20_000);
  alice.send(messageOf("two", { messageId: "two2" }));
  stand.settle();
  answerAll(stand, "200 OK", { from: 1 });
  stand.wait(10_000);
  assertEquals(aliceUser.outcomes(), ["delivered two2", "failed one1 timeout"]);
});

Deno.test("MsrpSession with Failure-Report no has no timer and waits for no response (T44)", () => {
  for (const failureReport of ["no", "partial"] as const) {
    const stand = new MsrpStand({ answering: false, capacity: 1000 });
    const { alice, aliceUser } = stand.open();
    alice.send(messageOf(contentOf(1500), { failureReport }));
    assertEquals(aliceUser.outcomes(), [], "not before the kernel has taken everything");
    stand.settle();
    assertEquals(aliceUser.outcomes(), ["delivered message1"]);
    stand.wait(300_000);
    assertEquals(aliceUser.outcomes().length, 1);
  }
});

Deno.test("MsrpSession with Failure-Report partial fails on an error response", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf("x", { failureReport: "partial", successReport: true }));
  stand.settle();
  answerAll(stand, "481 No Such Session");
  assertEquals(aliceUser.outcomes(), ["failed message1 481"]);
});

Deno.test("MsrpSession fails when a connection takes nothing for 30 s", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf(contentOf(500_000), { failureReport: "no" }));
  stand.wheel.advance(29_000);
  stand.flows.pass(29_000);
  stand.wheel.advance(58_999);
  assertEquals(aliceUser.outcomes(), []);
  stand.wheel.advance(59_000);
  assertEquals(aliceUser.outcomes(), ["failed message1 stalled"]);
});

Deno.test("MsrpSession stops at a 413 in mid chunk with # and sends nothing more of the message (T45)", () => {
  const stand = new MsrpStand({ answering: false, capacity: 30_000 });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf(contentOf(500_000)));
  alice.send(messageOf("next", { messageId: "next" }));
  stand.flows.pass(0);
  answerAll(stand, "413 Stop Sending");
  stand.settle();
  assertEquals(aliceUser.outcomes(), ["failed message1 413"]);
  assertEquals(flagsOf(stand), "#$", "the next message is sent");
  answerAll(stand, "200 OK", { from: 1 });
  assertEquals(aliceUser.outcomes().at(-1), "delivered next");
});

Deno.test("MsrpSession fails with the code of the response: 400, 403, 408, 415, 423, 481, 501, 506", () => {
  for (const status of [400, 403, 408, 415, 423, 481, 501, 506]) {
    const stand = new MsrpStand({ answering: false });
    const { alice, aliceUser } = stand.open();
    alice.send(messageOf(contentOf(5000), { chunking: 2048 }));
    stand.settle();
    answerAll(stand, `${status}`);
    assertEquals(aliceUser.outcomes(), [`failed message1 ${status}`]);
  }
});

Deno.test("MsrpSession gets 413 for a message beyond its max-size, in the middle of it", () => {
  const stand = new MsrpStand({ maxSize: 100_000, capacity: 5000 });
  const { alice, aliceUser, bobUser } = stand.open();
  alice.send(messageOf(contentOf(300_000), { chunking: 2048 }));
  stand.settle();
  assertEquals(aliceUser.outcomes(), ["failed message1 413"]);
  assertEquals(bobUser.outcomes(), ["bound"]);
  assert(linesOf(stand.flows.left, "MSRP ").length < 100);
});

Deno.test("MsrpSession waits for success reports that cover everything, in any order, also before the 200 (T43)", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf(contentOf(100), { successReport: true }));
  stand.settle();
  stand.left.receive(reportOf(alice.localUri, "51-100/100"), stand.flows.left, 0);
  answerAll(stand, "200 OK");
  assertEquals(aliceUser.outcomes(), []);
  stand.left.receive(reportOf(alice.localUri, "1-50/100"), stand.flows.left, 0);
  assertEquals(aliceUser.heard.slice(-2), ["last_ack message1", "delivered message1"]);
  stand.left.receive(reportOf(alice.localUri, "1-100/100"), stand.flows.left, 0);
  assertEquals(stand.left.counters.strayReports, 1);
});

Deno.test("MsrpSession misses the success report after 120 s (T43)", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf("x", { successReport: true }));
  stand.settle();
  answerAll(stand, "200 OK");
  stand.left.receive(reportOf(alice.localUri, "1-1/1", "001 200 OK"), stand.flows.left, 0);
  stand.wait(119_999);
  assertEquals(aliceUser.outcomes(), []);
  stand.wait(1);
  assertEquals(aliceUser.outcomes(), ["failed message1 report_missing"]);
});

Deno.test("MsrpSession fails on a failure report (RFC 4975 §7.1.2)", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf("x"));
  stand.settle();
  stand.left.receive(reportOf(alice.localUri, "1-1/1", "000 408 Timeout"), stand.flows.left, 0);
  assertEquals(aliceUser.outcomes(), ["failed message1 408 reported"]);
});
