/** The receiving client: what it answers to chunks, and how it puts them together (RFC 4975 §7.3, §10, I585 §9). */
import { assert, assertEquals } from "@std/assert";
import { called, connectTo, portOf } from "./held.ts";
import { sendText } from "./msrp_text.ts";
import type { SipText } from "./sip_text.ts";
import { Stand } from "./stand.ts";
import { type Stream, turn } from "./wires.ts";

/** Bob called alice and connected. */
async function connected(stand: Stand): Promise<{ answer: SipText; stream: Stream; path: string }> {
  const answer = await called(stand, []);
  return { answer, ...await connectTo(stand, answer) };
}

/** Bob releases, closes, and nothing is left. */
async function release(stand: Stand, answer: SipText, ...streams: Stream[]): Promise<void> {
  stand.peer.ask("BYE", { within: answer });
  await stand.peer.next("200 BYE");
  for (const stream of streams) stream.close();
  await stand.end();
}

Deno.test("T47 a SEND to another session is answered 481, over a second connection 506, of another type 415 (RFC 4975 §7.3, §10)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  const { answer, stream, path } = await connected(stand);
  const range = { headers: ["Byte-Range: 1-5/5"], messageId: "msg1", body: "hello" };
  peer.sendChunk(stream, { id: "wrong1", to: path.replace(/\/[^/]+;tcp$/, "/nosuchsession;tcp"), ...range });
  assertEquals((await peer.nextChunk("481")).id, "wrong1");
  const second = await peer.msrp.connect(portOf(path));
  peer.sendChunk(second, { id: "other1", to: path, ...range });
  assertEquals((await peer.nextChunk("506")).id, "other1");
  peer.sendChunk(stream, { id: "image1", to: path, ...range, messageId: "image", type: "image/png" });
  assertEquals((await peer.nextChunk("415")).id, "image1");
  peer.sendChunk(stream, { id: "right1", to: path, ...range });
  assertEquals((await peer.nextChunk("200")).id, "right1");
  assertEquals(stand.received, ["hello"]);
  await release(stand, answer, stream, second);
});

const TEXT = Array.from({ length: 300 }, (_, k) => `line ${k} of the message, -------notanend$\r\n`).join("");

/** Chunks of `TEXT` as offsets from and to, in the order in which they are sent. */
const ORDERS: readonly (readonly [name: string, pieces: readonly (readonly [number, number])[]])[] = [
  ["in order", [[0, 4000], [4000, 8000], [8000, TEXT.length]]],
  ["the first one last", [[4000, 8000], [8000, TEXT.length], [0, 4000]]],
  ["overlapping", [[0, 5000], [3000, 9000], [8000, TEXT.length]]],
  ["one of them twice", [[0, 4000], [4000, 8000], [4000, 8000], [8000, TEXT.length]]],
];

Deno.test("T48 chunks out of order, overlapping or repeated make the same message (RFC 4975 §5.4, §7.3.1)", async () => {
  for (const [name, pieces] of ORDERS) {
    await using stand = new Stand();
    const { peer } = stand;
    const { answer, stream, path } = await connected(stand);
    for (const [index, [from, to]] of pieces.entries()) {
      peer.sendChunk(stream, {
        id: `piece${index}`,
        to: path,
        messageId: "msg2",
        headers: [`Byte-Range: ${from + 1}-${to}/${TEXT.length}`],
        body: TEXT.slice(from, to),
        flag: to === TEXT.length ? "$" : "+",
      });
    }
    await stand.quiet();
    assertEquals(stand.received, [TEXT], name);
    assertEquals(peer.chunks.map(({ status }) => status), Array(pieces.length + 1).fill(200));
    await release(stand, answer, stream);
  }
});

Deno.test("T48 a chunk cut at every octet, and one octet at a time, makes the same message (RFC 4975 §7.3.1)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  const { answer, stream, path } = await connected(stand);
  const body = "cut anywhere \r\n-------cut$\r\n and go on";
  const textOf = (id: string): string =>
    sendText({
      id,
      to: path,
      from: peer.path,
      messageId: id,
      headers: [`Byte-Range: 1-${body.length}/${body.length}`],
      body,
    });
  const { length } = textOf("cut0000");
  for (let at = 1; at < length; at++) {
    const text = textOf(`cut${String(at).padStart(4, "0")}`);
    stream.send(text.slice(0, at));
    await turn();
    stream.send(text.slice(at));
  }
  for (const octet of textOf("single1")) {
    stream.send(octet);
    await turn();
  }
  await stand.quiet();
  assertEquals([stand.received.length, new Set(stand.received)], [length, new Set([body])]);
  await release(stand, answer, stream);
});

Deno.test("T49 a REPORT is never answered, and one about an unknown message changes nothing (RFC 4975 §7.1.2)", async () => {
  await using stand = new Stand({ msrp: { successReport: true } });
  const { peer } = stand;
  peer.acceptAll();
  stand.sendLarge();
  const send = await peer.nextChunk("SEND");
  peer.report(send, 2000, { messageId: "nobodys" });
  peer.report(send, 2000, { messageId: "nobodys", code: 413 });
  await stand.quiet();
  assertEquals([peer.all("BYE").length, peer.chunks.length], [0, 1]);
  peer.report(send, 2000);
  await peer.next("BYE");
  await stand.end();
  assertEquals([peer.chunks.length, stand.outcomes()], [1, { attempted: 1, accepted_200: 1 }]);
});

Deno.test("T49 a success report that was asked for tells the whole range, after the 200 (RFC 4975 §7.1.2)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  const { answer, stream, path } = await connected(stand);
  const headers = ["Success-Report: yes", "Byte-Range: 1-5/5"];
  peer.sendChunk(stream, { id: "wanted1", to: path, messageId: "msg3", headers, body: "hello" });
  const report = await peer.nextChunk("REPORT");
  assertEquals([report.header("Message-ID"), report.header("Byte-Range")], ["msg3", "1-5/5"]);
  assertEquals([report.header("Status"), report.body, report.header("To-Path")], ["000 200 OK", undefined, peer.path]);
  assert(report.header("Success-Report") === undefined && peer.events.at(-2) === "msrp 200");
  await release(stand, answer, stream);
});
