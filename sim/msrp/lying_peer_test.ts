/** Peers that lie in MSRP: each lie is counted by name, nothing is thrown, nothing is stuck. */
import { assertEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import { messageOf, MsrpStand } from "../testing/msrp_stand.ts";
import { MAX_CHUNK_OCTETS, MsrpFramer } from "./framing.ts";

const FLOOD = 10_000;
const PEER = "msrp://127.0.0.1:2856/peer;tcp";

/** What a peer sends to the left layer. */
function say(stand: MsrpStand, startLine: string, lines: string[], uri: string, body = ""): void {
  const tid = startLine.split(" ")[0]!;
  const head = [`MSRP ${startLine}`, `To-Path: ${uri}`, `From-Path: ${PEER}`, ...lines].join("\r\n");
  stand.left.receive(toOctets(`${head}\r\n${body}-------${tid}$\r\n`), stand.flows.left, stand.wheel.now);
}

Deno.test("Responses to transactions that are none are counted, and the message still times out (RFC 4975 §7.1.1)", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf("hello"));
  stand.settle();
  for (let i = 0; i < FLOOD; i++) say(stand, `wrong${i} 200 OK`, [], alice.localUri);
  assertEquals([stand.left.counters.strayResponses, aliceUser.outcomes()], [FLOOD, []]);
  stand.wait(31_000);
  assertEquals(aliceUser.outcomes(), ["failed message1 timeout"]);
  alice.close();
  assertEquals([stand.left.size(), stand.left.sessionsOn(stand.flows.left)], [0, 0]);
});

Deno.test("A response that comes again is counted as answering nothing", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf("hello"));
  stand.settle();
  const tid = toText(stand.flows.left.sent[0]!).split(" ")[1];
  for (let i = 0; i < FLOOD; i++) say(stand, `${tid} 200 OK`, [], alice.localUri);
  assertEquals([stand.left.counters.strayResponses, aliceUser.outcomes()], [FLOOD - 1, ["delivered message1"]]);
});

Deno.test("An end-line without a message is counted, and the session goes on", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  for (
    const text of ["MSRP abcd SEND\r\n-------abcd$\r\n", "MSRP abcd 200 OK\r\n-------abcd$\r\n", "-------abcd$\r\n"]
  ) {
    stand.left.receive(toOctets(text), stand.flows.left, 0);
  }
  assertEquals([...stand.left.counters.malformed], [["missing_path", 2], ["bad_start_line", 1]]);
  assertEquals(stand.flows.left.sent.length, 0);
  alice.send(messageOf("hello"));
  assertEquals(aliceUser.heard, ["first_octet message1", "last_octet message1"]);
});

Deno.test("An end-line alone breaks the stream it comes on, and its sessions hear of it", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf("hello"));
  stand.flows.right.send(toOctets("-------abcd$\r\n"));
  stand.settle();
  assertEquals(aliceUser.outcomes(), ["failed message1 connection_lost", "lost malformed_stream"]);
  assertEquals(stand.left.sessionsOn(stand.flows.left), 0);
});

Deno.test("REPORTs about messages that are none, or not sent yet, are counted, never answered (RFC 4975 §7.1.2)", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  const lines = ["Message-ID: nobody", "Byte-Range: 1-5/5", "Status: 000 200 OK"];
  for (let i = 0; i < FLOOD; i++) say(stand, `rep${i} REPORT`, lines, alice.localUri);
  assertEquals([stand.left.counters.strayReports, stand.flows.left.sent.length], [FLOOD, 0]);
  assertEquals(aliceUser.heard, []);
});

Deno.test("A success REPORT for more than was sent, or before the response, delivers once", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  alice.send(messageOf("hello", { successReport: true }));
  stand.settle();
  const tid = toText(stand.flows.left.sent[0]!).split(" ")[1];
  const lines = ["Message-ID: message1", "Byte-Range: 1-999999999/999999999", "Status: 000 200 OK"];
  for (let i = 0; i < 100; i++) say(stand, `rep${i} REPORT`, lines, alice.localUri);
  assertEquals(aliceUser.outcomes(), []);
  say(stand, `${tid} 200 OK`, [], alice.localUri);
  assertEquals(aliceUser.outcomes(), ["delivered message1"]);
});

Deno.test("Byte-Ranges that lie are refused by 400 or 413, and keep nothing (RFC 4975 §7.3.1)", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice, aliceUser } = stand.open();
  const ranges = ["1-5/4", "0-4/5", "5-1/9", "1-5/999999999999999", "999999999-*/*", "1-5/9"];
  ranges.forEach((range, i) => {
    const lines = [`Message-ID: lie${i}`, `Byte-Range: ${range}`, "Content-Type: text/plain", ""];
    say(stand, `send${i} SEND`, lines, alice.localUri, "hello\r\n");
  });
  const statuses = stand.flows.left.sent.map((octets) => toText(octets).split(" ")[2]!.slice(0, 3));
  assertEquals(statuses, ["400", "400", "400", "413", "413", "400"]);
  assertEquals([...stand.left.counters.malformed], [["bad_byte_range", 3]]);
  assertEquals(aliceUser.outcomes(), []);
});

Deno.test("SENDs to nobody are answered 481 and bind nothing", () => {
  const stand = new MsrpStand({ answering: false });
  for (let i = 0; i < 1000; i++) {
    say(stand, `send${i} SEND`, [`Message-ID: msg${i}`], `msrp://127.0.0.1:2855/nobody${i};tcp`);
  }
  assertEquals(stand.left.counters.responsesSent.get(481), 1000);
  assertEquals([stand.left.size(), stand.left.sessionsOn(stand.flows.left), stand.wheel.armed], [0, 0, 0]);
});

Deno.test("A chunk without end is given up at the limit, as beyond it and not as malformed", () => {
  const framer = new MsrpFramer();
  const octets = new Uint8Array(MAX_CHUNK_OCTETS + 1);
  octets.set(toOctets("MSRP abcd SEND\r\n"));
  assertEquals(framer.frame(octets, 0, octets.length), -2);
});

Deno.test("Messages that are never finished are refused by 413 beyond their number, others go on", () => {
  const stand = new MsrpStand({ answering: false });
  const { alice } = stand.open();
  const part = (i: number): void => {
    const head = `MSRP send${i} SEND\r\nTo-Path: ${alice.localUri}\r\nFrom-Path: ${PEER}\r\nMessage-ID: part${i}`;
    const text = `${head}\r\nByte-Range: 1-5/10\r\nContent-Type: text/plain\r\n\r\nhello\r\n-------send${i}+\r\n`;
    stand.left.receive(toOctets(text), stand.flows.left, 0);
  };
  for (let i = 0; i < 100; i++) part(i);
  assertEquals([...stand.left.counters.responsesSent], [[200, 64], [413, 36]]);
});
