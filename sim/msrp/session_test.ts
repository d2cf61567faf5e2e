import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { Random } from "../clock/random.ts";
import { answerAll, contentOf, linesOf, messageOf, MsrpStand } from "../testing/msrp_stand.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { Sender } from "./sender.ts";

const flagsOf = (stand: MsrpStand): string => linesOf(stand.flows.left, "-------").map((line) => line.at(-1)).join("");
const rangesOf = (stand: MsrpStand): string[] => linesOf(stand.flows.left, "Byte-Range").map((line) => line.slice(12));

Deno.test("MsrpSession cuts 5000 octets into fixed chunks of 2048 (T39, RFC 4975 §7.1.1)", () => {
  const stand = new MsrpStand();
  const { alice, bobUser } = stand.open();
  alice.send(messageOf(contentOf(5000), { chunking: 2048 }));
  stand.settle();
  assertEquals(rangesOf(stand), ["1-2048/5000", "2049-4096/5000", "4097-5000/5000"]);
  assertEquals(flagsOf(stand), "++$");
  assertEquals(new Set(linesOf(stand.flows.left, "Message-ID")).size, 1);
  assertEquals(new Set(linesOf(stand.flows.left, "MSRP ")).size, 3);
  assertEquals(bobUser.received[0]!.content, contentOf(5000));
});

Deno.test("MsrpSession sends one chunk with an open range, and names the end only up to 2048 octets (T40)", () => {
  for (const [size, range] of [[5000, "1-*/5000"], [2049, "1-*/2049"], [2048, "1-2048/2048"], [0, "1-0/0"]] as const) {
    const stand = new MsrpStand();
    stand.open().alice.send(messageOf(contentOf(size)));
    stand.settle();
    assertEquals([rangesOf(stand), flagsOf(stand)], [[range], "$"]);
  }
});

Deno.test("MsrpSession interrupts its chunk for a response and goes on with the next octet (T40, RFC 4975 §7.1.1)", () => {
  const stand = new MsrpStand({ capacity: 40_000 });
  const { alice, bob, bobUser, aliceUser } = stand.open();
  bob.attach(stand.flows.right);
  alice.send(messageOf(contentOf(300_000)));
  bob.send(messageOf("a word", { messageId: "word" }));
  stand.settle();
  assertEquals(aliceUser.outcomes(), ["received word", "delivered message1"]);
  assertEquals(bobUser.received[0]!.content, contentOf(300_000));
  assertMatch(rangesOf(stand).join(), /^1-\*\/300000,(\d+)-\*\/300000$/);
  assertEquals(flagsOf(stand), "+$$");
  assertEquals(stand.left.counters.interruptions, 1);
  // the response stands between the two chunks
  assertMatch(stand.flows.left.transcript(), /\+\r\nMSRP \S+ 200 OK\r\n[^]*?\$\r\nMSRP \S+ SEND/);
});

Deno.test("MsrpSession shares a connection fairly: a short message overtakes a long one", () => {
  const stand = new MsrpStand({ capacity: 16_384 });
  const long = stand.open();
  const short = stand.open();
  const order: string[] = [];
  long.alice.send(messageOf(contentOf(1_000_000)));
  short.alice.send(messageOf(contentOf(30_000), { messageId: "short" }));
  while (stand.flows.pass(0) > 0) {
    for (const { bobUser } of [long, short]) {
      order.push(...bobUser.outcomes().splice(0).filter((it) => !order.includes(it)));
    }
  }
  assertEquals(order, ["bound", "received short", "received message1"]);
  assertEquals(long.bobUser.received[0]!.content, contentOf(1_000_000));
  assert(rangesOf(stand).length < 70, "no more interruptions than the short message needs");
});

Deno.test("MsrpSession hands down no more than the flow takes", () => {
  const stand = new MsrpStand({ capacity: 10_000 });
  const { alice, bobUser } = stand.open();
  alice.send(messageOf(contentOf(2_000_000)));
  let most = 0;
  do most = Math.max(most, stand.flows.left.queued); while (stand.flows.pass(0) > 0);
  assert(most < 64 * 1024 + 20_000, `${most} octets queued`);
  assertEquals(bobUser.received[0]!.content.length, 2_000_000);
});

Deno.test("MsrpSession writes several messages after one another without waiting for responses", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  for (const messageId of ["one1", "two2", "three"]) alice.send(messageOf("x", { messageId }));
  stand.settle();
  assertEquals(linesOf(stand.flows.left, "MSRP ").length, 3);
  answerAll(stand, "200 OK");
  assertEquals(aliceUser.outcomes(), ["delivered one1", "delivered two2", "delivered three"]);
});

Deno.test("MsrpSession of the active side greets with a SEND without body, and bob answers it (T37, RFC 4975 §5.4)", () => {
  const stand = new MsrpStand();
  const { alice, bob, aliceUser, bobUser } = stand.open();
  bob.send(messageOf("waits for the connection"));
  alice.greet();
  stand.settle();
  assertEquals(bobUser.outcomes(), ["bound", "delivered message1"]);
  assertEquals(aliceUser.heard, ["received message1"]);
  assertEquals(rangesOf(stand), ["1-0/0"]);
  assert(!stand.flows.left.transcript().includes("Content-Type"));
  // the answer comes first, then what bob had to send
  assertMatch(stand.flows.right.transcript(), /^MSRP \S+ 200 OK\r\n[^]*MSRP \S+ SEND/);
});

Deno.test("MsrpSession tells when its greeting was refused", () => {
  const stand = new MsrpStand();
  const { alice, aliceUser, bob } = stand.open();
  bob.close();
  alice.greet();
  stand.settle();
  assertMatch(aliceUser.heard.join(), /^failed [0-9a-f]{20} 481$/);
});

Deno.test("MsrpSession chooses another transaction identifier when the content holds the first (T41)", () => {
  const idOf = (content: Uint8Array): string => {
    const ids: string[] = [];
    const tools = { random: new Random(7), writer: new OctetWriter() };
    const sender = new Sender(messageOf(content), tools, { chunkStarted: (id) => ids.push(id), chunkEnded: () => {} });
    sender.step(new MsrpStand().flows.left, ["msrp://127.0.0.1:1/a;tcp"], "msrp://127.0.0.1:1/b;tcp");
    return ids[0]!;
  };
  const first = idOf(toOctets("plain"));
  assertEquals(idOf(toOctets("plain ------- hyphens")), first);
  assertNotEquals(idOf(toOctets(`plain\r\n-------${first}$\r\n`)), first);
});

Deno.test("MsrpSession closes in mid chunk with #, and the flow stays for others", () => {
  const stand = new MsrpStand({ capacity: 30_000 });
  const one = stand.open();
  const two = stand.open();
  one.alice.send(messageOf(contentOf(500_000)));
  stand.flows.pass(0);
  one.alice.close();
  two.alice.send(messageOf("still here"));
  stand.settle();
  assertEquals(one.aliceUser.outcomes(), []);
  assertEquals(one.bobUser.outcomes(), ["bound"]);
  assertEquals(two.bobUser.outcomes(), ["bound", "received message1"]);
  assertEquals(stand.right.counters.abandoned, 1);
  assertEquals([stand.left.size(), stand.left.sessionsOn(stand.flows.left)], [1, 1]);
  assert(stand.flows.left.open);
});

Deno.test("MsrpSession may be closed from within every call to its user", () => {
  for (const word of ["onBound", "onReceived", "onProgress", "onDelivered"] as const) {
    const stand = new MsrpStand({ capacity: 20_000 });
    const { alice, aliceUser, bob, bobUser } = stand.open({ attached: false });
    const closer = { [word]: word === "onBound" || word === "onReceived" ? () => bob.close() : () => alice.close() };
    Object.assign(word === "onBound" || word === "onReceived" ? bobUser : aliceUser, closer);
    alice.send(messageOf(contentOf(100_000)));
    alice.send(messageOf("second", { messageId: "second" }));
    alice.attach(stand.flows.left);
    stand.settle();
    assert(stand.left.size() + stand.right.size() < 2, word);
    stand.wait(200_000);
  }
});

Deno.test("MsrpSession waits with its messages until it knows the path of the peer", () => {
  const stand = new MsrpStand();
  const { alice, bob, bobUser } = stand.open();
  alice.remotePath = [];
  alice.send(messageOf("early"));
  stand.settle();
  assertEquals(stand.flows.left.sent.length, 0);
  alice.remotePath = [bob.localUri];
  alice.attach(stand.flows.left);
  stand.settle();
  assertEquals(bobUser.outcomes(), ["bound", "received message1"]);
});

Deno.test("MsrpSession tells its caller about misuse", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice } = stand.open();
  assertThrows(() => alice.send(messageOf("x", { messageId: "a b" })), TypeError, "a b");
  assertThrows(() => alice.send(messageOf("x", { chunking: 0 })), RangeError, "0 octets");
  alice.send(messageOf("x"));
  assertThrows(() => alice.send(messageOf("x")), Error, "twice");
  assertThrows(() => alice.attach(new MsrpStand().flows.left), Error, "another connection");
  alice.close();
  alice.close();
  assertThrows(() => alice.send(messageOf("x")), Error, "closed");
  assertThrows(() => alice.attach(stand.flows.left), Error, "closed");
});

Deno.test("MsrpSession gives the same message for chunks out of order, overlapping and repeated (T48)", () => {
  const pieces = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 20 })), { maxLength: 10 });
  const content = toText(contentOf(60));
  fc.assert(fc.property(pieces, fc.nat(9), (extra, lastPlace) => {
    const stand = new MsrpStand();
    const { bob, bobUser } = stand.open({ attached: false });
    const ranges = [[0, 25], [20, 30], ...extra].map(([from, length]) =>
      [from!, Math.min(from! + length!, 55)] as const
    );
    ranges.splice(lastPlace, 0, [45, 60]);
    ranges.forEach(([from, to], i) => {
      const [tid, flag] = [`tid${1000 + i}`, to === 60 ? "$" : "+"];
      const paths = `To-Path: ${bob.localUri}\r\nFrom-Path: msrp://127.0.0.1:1/a;tcp\r\n`;
      const lines = `Message-ID: m1234\r\nByte-Range: ${from + 1}-*/60\r\nContent-Type: text/plain\r\n\r\n`;
      const text = `MSRP ${tid} SEND\r\n${paths}${lines}${content.slice(from, to)}\r\n-------${tid}${flag}\r\n`;
      stand.right.receive(toOctets(text), stand.flows.right, 0);
    });
    assertEquals(bobUser.outcomes(), ["bound", "received m1234"]);
    assertEquals(toText(bobUser.received[0]!.content), content);
    assertEquals(new Set(linesOf(stand.flows.right, "MSRP ").map((line) => line.slice(-6))), new Set(["200 OK"]));
  }));
});
