import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { PairedFlow } from "../testing/flow_pair.ts";
import { contentOf, linesOf, messageOf, MsrpStand } from "../testing/msrp_stand.ts";
import { MsrpFramer } from "./framing.ts";

const methodsOf = (flow: PairedFlow): string[] =>
  linesOf(flow, "MSRP ").map((line) => line.split(" ").slice(2).join(" "));

/** A SEND to bob as another implementation would write it. */
function send(to: string, options: { tid?: string; lines?: string[]; body?: string; flag?: string } = {}): Uint8Array {
  const { tid = "abcd1234", lines = ["Message-ID: m1234"], body = "hi", flag = "$" } = options;
  const head = [`MSRP ${tid} SEND`, `To-Path: ${to}`, "From-Path: msrp://127.0.0.1:7/x;tcp msrp://127.0.0.1:8/y;tcp"];
  return toOctets([...head, ...lines, "Content-Type: text/plain", "", body, `-------${tid}${flag}`, ""].join("\r\n"));
}

/** A flow to the right layer of which the test is the other end. */
function foreignFlow(stand: MsrpStand): PairedFlow {
  const [local, remote] = [{ host: "127.0.0.1", port: 2856 }, { host: "127.0.0.1", port: 4000 }];
  return new PairedFlow({ local, remote, receiver: stand.right, framer: new MsrpFramer() });
}

Deno.test("MsrpLayer carries a message and answers it 200 to the leftmost URI alone (RFC 4975 §7.2)", () => {
  const stand = new MsrpStand();
  const { alice, aliceUser, bobUser } = stand.open();
  alice.send(messageOf("hello"));
  stand.settle();
  assertEquals(aliceUser.heard, [
    "first_octet message1",
    "last_octet message1",
    "last_ack message1",
    "delivered message1",
  ]);
  assertEquals(bobUser.heard, ["bound", "received message1"]);
  assertEquals(toText(bobUser.received[0]!.content), "hello");
  assertEquals(bobUser.received[0]!.from, alice.localUri);
  assertEquals(methodsOf(stand.flows.right), ["200 OK"]);
  assertEquals(linesOf(stand.flows.right, "To-Path"), [`To-Path: ${alice.localUri}`]);

  const flow = foreignFlow(stand);
  const bob = stand.open({ attached: false }).bob;
  stand.right.receive(send(bob.localUri), flow, 0);
  assertEquals(linesOf(flow, "To-Path"), ["To-Path: msrp://127.0.0.1:7/x;tcp"]);
  assertEquals(linesOf(flow, "From-Path"), [`From-Path: ${bob.localUri}`]);
});

Deno.test("MsrpLayer carries messages of any size from 0 octets, in one chunk and in many", () => {
  for (const size of [0, 1, 2047, 2048, 2049, 16384, 16385, 65536, 300_000]) {
    for (const chunking of ["single", 2048, 5000] as const) {
      const stand = new MsrpStand();
      const { alice, aliceUser, bobUser } = stand.open();
      alice.send(messageOf(contentOf(size), { chunking, successReport: true }));
      stand.settle();
      assertEquals(aliceUser.heard.at(-1), "delivered message1", `${size} octets by ${chunking}`);
      assertEquals(bobUser.received[0]!.content, contentOf(size));
      assertEquals([...stand.left.counters.malformed, ...stand.right.counters.malformed], []);
      assertEquals(stand.left.counters.strayResponses, 0);
    }
  }
});

Deno.test("MsrpLayer rebuilds the same messages from any pieces of the stream (T48)", () => {
  const piece = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(piece, fc.constantFrom(100, 3000, 1e9), fc.nat(9000), (pieces, capacity, size) => {
      let next = 0;
      const stand = new MsrpStand({ piece: () => pieces[next++ % pieces.length]!, capacity });
      const { alice, bob, aliceUser, bobUser } = stand.open();
      alice.send(messageOf(contentOf(size), { messageId: "one1", chunking: 2048 }));
      alice.send(messageOf("second", { messageId: "two2", successReport: true }));
      bob.send(messageOf(contentOf(size), { messageId: "back" }));
      stand.settle();
      assertEquals(aliceUser.outcomes().toSorted(), ["delivered one1", "delivered two2", "received back"]);
      assertEquals(bobUser.outcomes().toSorted(), ["bound", "delivered back", "received one1", "received two2"]);
      assertEquals(bobUser.received.map(({ content }) => content.length), [size, 6]);
      assertEquals(aliceUser.received[0]!.content, contentOf(size));
    }),
    { numRuns: 60 },
  );
});

Deno.test("MsrpLayer answers 481 for a session it has not, 506 for one bound elsewhere, 415 for an unknown type (T47)", () => {
  const stand = new MsrpStand({ acceptTypes: ["message/cpim"] });
  const { alice, bob, aliceUser } = stand.open();
  alice.send(messageOf("wrong type"));
  stand.settle();
  assertEquals(aliceUser.outcomes(), ["failed message1 415"]);
  const flow = foreignFlow(stand);
  stand.right.receive(send("msrp://127.0.0.1:2856/nobody;tcp"), flow, 0);
  stand.right.receive(send(bob.localUri), flow, 0);
  stand.right.receive(send(`${bob.localUri} msrp://127.0.0.1:1/z;tcp`), flow, 0);
  assertEquals(methodsOf(flow), ["481 No Such Session", "506 Bound Elsewhere", "481 No Such Session"]);
});

Deno.test("MsrpLayer knows its sessions in any spelling of the URI (RFC 4975 §6.1)", () => {
  const stand = new MsrpStand();
  const { bob, bobUser } = stand.open({ attached: false });
  const flow = foreignFlow(stand);
  stand.right.receive(send(bob.localUri.replace("msrp://", "MSRP://bob@").replace(";tcp", ";TCP;x=y")), flow, 0);
  assertEquals(bobUser.heard, ["bound", "received m1234"]);
});

Deno.test("MsrpLayer answers 501 to a method it does not know and 400 to a malformed request", () => {
  const stand = new MsrpStand();
  const { bob } = stand.open({ attached: false });
  const flow = foreignFlow(stand);
  const text = toText(send(bob.localUri));
  stand.right.receive(toOctets(text.replace(" SEND", " NICKNAME")), flow, 0);
  stand.right.receive(toOctets(text.replace("m1234", "m")), flow, 0);
  assertEquals(methodsOf(flow), ["501 Unknown Method", "400 Bad Request"]);
  assertEquals([...stand.right.counters.malformed], [["bad_message_id", 1]]);
  stand.right.receive(toOctets("\r\n\r\n"), flow, 0);
  stand.right.receive(toOctets("MSRP abcd 200 OK\r\n-------abcd$\r\n"), flow, 0);
  assertEquals(methodsOf(flow).length, 2, "keep-alives and malformed responses are not answered");
  assertEquals(stand.right.counters.keepAlives, 1);
});

Deno.test("MsrpLayer never answers a REPORT, and ignores one about an unknown message (T49)", () => {
  const stand = new MsrpStand();
  const { bob } = stand.open({ attached: false });
  const flow = foreignFlow(stand);
  const paths = `To-Path: ${bob.localUri}\r\nFrom-Path: msrp://127.0.0.1:7/x;tcp\r\n`;
  const report = `MSRP abcd REPORT\r\n${paths}Message-ID: what\r\nStatus: 000 200 OK\r\n-------abcd$\r\n`;
  stand.right.receive(toOctets(report), flow, 0);
  stand.right.receive(toOctets(report.replace(bob.localUri, "msrp://127.0.0.1:2856/nobody;tcp")), flow, 0);
  stand.right.receive(toOctets(report.replace("Status: 000 200 OK\r\n", "")), flow, 0);
  assertEquals(flow.sent.length, 0);
  assertEquals(stand.right.counters.strayReports, 1);
});

Deno.test("MsrpLayer answers and reports as Failure-Report and Success-Report say (RFC 4975 §7.2)", () => {
  const stand = new MsrpStand({ maxSize: 10 });
  const answers = (...lines: string[]): string[] => {
    const { bob } = stand.open({ attached: false });
    const flow = foreignFlow(stand);
    const body = lines.includes("large") ? "more than ten octets" : "hi";
    const headers = lines.filter((line) => line.includes(":"));
    stand.right.receive(send(bob.localUri, { lines: ["Message-ID: m1234", ...headers], body }), flow, 0);
    return methodsOf(flow);
  };
  assertEquals(answers(), ["200 OK"]);
  assertEquals(answers("Failure-Report: yes"), ["200 OK"]);
  assertEquals(answers("Failure-Report: partial"), []);
  assertEquals(answers("Failure-Report: no"), []);
  assertEquals(answers("large"), ["413 Stop Sending"]);
  assertEquals(answers("large", "Failure-Report: partial"), ["413 Stop Sending"]);
  assertEquals(answers("large", "Failure-Report: no"), []);
  assertEquals(answers("Success-Report: yes"), ["200 OK", "REPORT"]);
  assertEquals(answers("Success-Report: yes", "Failure-Report: no"), ["REPORT"]);
});

Deno.test("MsrpLayer reports a whole message to the whole path, with its octets (RFC 4975 §7.1.2)", () => {
  const stand = new MsrpStand();
  const { bob } = stand.open({ attached: false });
  const flow = foreignFlow(stand);
  stand.right.receive(send(bob.localUri, { lines: ["Message-ID: m1234", "Success-Report: yes"] }), flow, 0);
  const report = toText(flow.sent[1]!);
  assertMatch(report, /^MSRP [0-9a-f]{20} REPORT\r\n/);
  assertStringIncludes(report, "To-Path: msrp://127.0.0.1:7/x;tcp msrp://127.0.0.1:8/y;tcp\r\n");
  assertStringIncludes(report, "Message-ID: m1234\r\nByte-Range: 1-2/2\r\nStatus: 000 200 OK\r\n-------");
});

Deno.test("MsrpLayer acknowledges a message that comes twice and gives it once (RFC 4975 §5.4)", () => {
  const stand = new MsrpStand();
  const { bob, bobUser } = stand.open({ attached: false });
  const flow = foreignFlow(stand);
  for (const tid of ["aaaa", "bbbb"]) stand.right.receive(send(bob.localUri, { tid }), flow, 0);
  assertEquals(methodsOf(flow), ["200 OK", "200 OK"]);
  assertEquals(bobUser.outcomes(), ["bound", "received m1234"]);
  assertEquals(stand.right.counters.duplicates, 1);
});

Deno.test("MsrpLayer tells every session of a flow that its connection is lost (RFC 4975 §5.4)", () => {
  const stand = new MsrpStand({ capacity: 1 });
  const one = stand.open();
  const two = stand.open();
  one.alice.send(messageOf("hello"));
  assertEquals(stand.left.sessionsOn(stand.flows.left), 2);
  stand.flows.fail("connection_reset");
  assertEquals(one.aliceUser.outcomes(), ["failed message1 connection_lost", "lost connection_reset"]);
  assertEquals(two.aliceUser.heard, ["lost connection_reset"]);
  assertEquals([one.alice.flow, stand.left.sessionsOn(stand.flows.left), stand.left.size()], [undefined, 0, 2]);
  one.alice.close();
  two.alice.close();
  assertEquals(stand.left.size(), 0);
  stand.wheel.advance(200_000);
  assertEquals(one.aliceUser.heard.length, 4, "no timer is left");
});

Deno.test("MsrpLayer survives random octets", () => {
  const stand = new MsrpStand();
  const flow = foreignFlow(stand);
  const { bob } = stand.open({ attached: false });
  const sample = send(bob.localUri, { lines: ["Message-ID: m1234", "Byte-Range: 1-2/4"], flag: "+" });
  const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
  fc.assert(fc.property(fc.array(change, { maxLength: 4 }), fc.uint8Array({ minLength: 1 }), (changes, random) => {
    const octets = sample.slice();
    for (const [at, octet] of changes) octets[at] = octet;
    stand.right.receive(octets, flow, 0);
    stand.right.receive(random, flow, 0);
  }));
});

Deno.test("MsrpLayer makes URIs that nobody guesses, and opens each once", () => {
  const stand = new MsrpStand();
  const uri = stand.left.newSessionUri({ host: "::1", port: 9 });
  assertMatch(uri, /^msrp:\/\/\[::1\]:9\/[0-9a-f]{24};tcp$/);
  const { alice, aliceUser: user } = stand.open();
  assertThrows(() => stand.left.open({ localUri: alice.localUri, user, acceptTypes: [] }), Error, "second");
  assertThrows(() => stand.left.open({ localUri: "sip:a", user, acceptTypes: [] }), TypeError, "sip:a");
  assert(stand.left.size() === 1);
});
