/**
 * Large-message sessions at their sender: connection, chunks, reports, failures and release (RFC 4975, RFC 6135,
 * I585 §9).
 */
import { assert, assertEquals } from "@std/assert";
import { portOf } from "./held.ts";
import { sdpLine, type SdpParts } from "./msrp_text.ts";
import { kindOf } from "./peer.ts";
import type { SipText } from "./sip_text.ts";
import { Stand, type StandOptions } from "./stand.ts";
import { type Stream, turn, until } from "./wires.ts";

/** More than the kernel holds for a connection that nobody reads: up to 4 MiB at one end and 6 MiB at the other. */
const MORE_THAN_BUFFERS = 11 * 1024 * 1024;

/** A large message that bob accepts, with this description; gives the INVITE. */
async function begin(stand: Stand, sdp: Partial<SdpParts> = {}, size = 2000): Promise<SipText> {
  stand.sendLarge(size);
  const invite = await stand.peer.next("INVITE");
  stand.peer.accept(invite, { sdp });
  await stand.peer.next("ACK");
  return invite;
}

/** Sends one message with these MSRP settings, takes it whole, and gives its chunks. */
async function chunksOf(size: number, msrp: StandOptions["msrp"], seed?: number, text?: string) {
  await using stand = new Stand({ ...(msrp === undefined ? {} : { msrp }), ...(seed === undefined ? {} : { seed }) });
  const { peer } = stand;
  peer.acceptAll();
  stand.send({ size, ...(text === undefined ? {} : { text }) });
  await peer.next("BYE");
  await stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  return peer.chunks;
}

/** A connection that bob does not read, filled by alice, with the transaction of her open chunk. */
async function stalled(stand: Stand): Promise<{ stream: Stream; id: string; path: string }> {
  const { peer } = stand;
  peer.msrp.holding = true;
  const invite = await begin(stand, {}, MORE_THAN_BUFFERS);
  const head = await until(() => stand.log.find(({ text }) => text.startsWith("MSRP ")), () => "a chunk");
  for (let before = -1; before !== stand.log.length;) {
    before = stand.log.length;
    for (let k = 0; k < 20; k++) await turn();
  }
  const id = /^MSRP (\S+)/.exec(head.text)![1]!;
  return { stream: peer.msrp.all[0]!, id, path: sdpLine(invite.body, "a=path:")! };
}

Deno.test("T37 a passive answer: we connect, and our first octets are the SEND (RFC 4975 §5.4, RFC 6135 §4.2)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  await begin(stand, { setup: "passive" });
  const send = await peer.nextChunk("SEND");
  assertEquals([peer.chunks[0], send.body!.length, send.header("To-Path")], [send, 2000, peer.path]);
  await stand.end();
});

Deno.test("T37 an active answer: we listen, answer the SEND without body, then send (RFC 6135 §4.2)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  const invite = await begin(stand, { setup: "active" });
  await stand.quiet();
  assertEquals(peer.msrp.all.length, 0, "nobody connects but the active side");
  const path = sdpLine(invite.body, "a=path:")!;
  const stream = await peer.msrp.connect(portOf(path));
  peer.sendChunk(stream, { id: "greet1", to: path, messageId: "greeting", headers: ["Byte-Range: 1-0/0"] });
  await stand.quiet();
  assertEquals(peer.chunks.map((chunk) => [chunk.id === "greet1", chunk.method, chunk.status]), [
    [true, "", 200],
    [false, "SEND", 0],
  ]);
  stream.close();
  await stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("T38 without a=setup, or with holdconn, the offerer connects; it offers neither passive nor a=connection (RFC 6135 §4.2)", async () => {
  for (const setup of [undefined, "holdconn"]) {
    await using stand = new Stand();
    const invite = await begin(stand, { setup });
    await stand.peer.nextChunk("SEND");
    assertEquals([sdpLine(invite.body, "a=setup:"), invite.body.includes("a=connection")], ["actpass", false]);
    assertEquals(sdpLine(invite.body, "a=sendonly"), "");
    await stand.end();
  }
  await using stand = new Stand({ msrp: { setup: "active" } });
  const invite = await begin(stand);
  assertEquals([sdpLine(invite.body, "a=setup:"), sdpLine(invite.body, "m=")], ["active", "message 9 TCP/MSRP *"]);
  await stand.end();
});

Deno.test("T39 5000 octets in chunks of 2048: ranges, flags, one Message-ID, three transactions (RFC 4975 §7.1.1)", async () => {
  const chunks = await chunksOf(5000, { chunking: 2048 });
  assertEquals(chunks.map((chunk) => chunk.header("Byte-Range")), ["1-2048/5000", "2049-4096/5000", "4097-5000/5000"]);
  assertEquals(chunks.map(({ flag }) => flag).join(""), "++$");
  assertEquals(chunks.map(({ body }) => body!.length), [2048, 2048, 904]);
  assertEquals(new Set(chunks.map((chunk) => chunk.header("Message-ID"))).size, 1);
  assertEquals(new Set(chunks.map(({ id }) => id)).size, 3);
  for (const chunk of chunks) assertEquals(chunk.names().slice(0, 2), ["To-Path", "From-Path"]);
});

Deno.test("T40 one chunk has an open range; something else to send interrupts it, and it goes on with the next octet (RFC 4975 §7.1.1)", async () => {
  const [chunk, ...others] = await chunksOf(5000, { chunking: "single" });
  assertEquals([others.length, chunk!.header("Byte-Range"), chunk!.flag], [0, "1-*/5000", "$"]);
  await using stand = new Stand();
  const { peer } = stand;
  const { stream, path } = await stalled(stand);
  // its response has to go out between two octets of the message
  peer.sendChunk(stream, { id: "between1", to: path, messageId: "between", headers: ["Byte-Range: 1-0/0"] });
  for (let k = 0; k < 20; k++) await turn();
  stream.held = false;
  await peer.next("BYE");
  const [first, answer, second] = peer.chunks;
  assertEquals([first!.flag, answer!.id, answer!.status, second!.flag], ["+", "between1", 200, "$"]);
  const size = first!.body!.length;
  assertEquals(second!.header("Byte-Range"), `${size + 1}-*/${MORE_THAN_BUFFERS}`);
  assertEquals([size + second!.body!.length, peer.chunks.length], [MORE_THAN_BUFFERS, 3]);
  await stand.end();
});

Deno.test("T41 content that holds the end-line of its own transaction makes another one be chosen (RFC 4975 §7.1)", async () => {
  const first = (await chunksOf(0, {}, 4711, "x".repeat(3000)))[0]!.id;
  const content = `\r\n-------${first}$\r\n`.padEnd(3000, "-");
  const [chunk, ...others] = await chunksOf(0, {}, 4711, content);
  assert(chunk!.id !== first);
  assertEquals([chunk!.body, others.length], [content, 0]);
  // the other way round: the same seed, and nothing to avoid
  assertEquals((await chunksOf(0, {}, 4711, "y".repeat(3000)))[0]!.id, first);
});

Deno.test("T42 when every chunk is answered 200 BYE follows by itself, and the connection closes after it (I585 §9, RFC 4975 §5.4)", async () => {
  await using stand = new Stand({ msrp: { chunking: 1000 } });
  const { peer } = stand;
  peer.onSend = () => {};
  await begin(stand);
  const chunks = [await peer.nextChunk("SEND"), await peer.nextChunk("SEND")];
  peer.answerChunk(chunks[0]!, 200);
  await stand.quiet();
  assertEquals(peer.all("BYE").length, 0, "one answer is missing");
  peer.answerChunk(chunks[1]!, 200);
  await peer.next("BYE");
  await until(() => peer.events.includes("msrp closed"), () => "the end of the connection");
  assertEquals(peer.events, ["INVITE", "ACK", "SEND", "SEND", "BYE", "msrp closed"]);
  await stand.end();
});

Deno.test("T43 with a success report wanted, BYE waits for it, or for 120 s: then the report is missing (RFC 4975 §7.1.2)", async () => {
  for (const reports of [true, false]) {
    await using stand = new Stand({ msrp: { successReport: true } });
    const { peer } = stand;
    await begin(stand);
    const send = await peer.nextChunk("SEND");
    assertEquals(send.header("Success-Report"), "yes");
    await stand.pass(119_000);
    assertEquals(peer.all("BYE").length, 0);
    if (reports) peer.report(send, 2000);
    else await stand.pass(1000);
    await peer.next("BYE");
    assertEquals(stand.outcomes(), { attempted: 1, [reports ? "accepted_200" : "timed_out"]: 1 });
    assertEquals(stand.failures(), reports ? {} : { msrp_report_missing: 1 });
    await stand.end();
  }
});

Deno.test("T44 a SEND without answer fails after 30 s and ends with BYE; with Failure-Report: no nobody waits (RFC 4975 §7.1.1)", async () => {
  await using stand = new Stand();
  stand.peer.onSend = () => {};
  await begin(stand);
  await stand.peer.nextChunk("SEND");
  await stand.pass(29_900);
  assertEquals(stand.peer.all("BYE").length, 0);
  await stand.pass(200);
  assertEquals([stand.peer.all("BYE").length, stand.failures()], [1, { msrp_timeout: 1 }]);
  assertEquals(stand.outcomes(), { attempted: 1, timed_out: 1 });
  await stand.end();
  await using other = new Stand({ msrp: { failureReport: "no" } });
  other.peer.onSend = () => {};
  await begin(other);
  const send = await other.peer.nextChunk("SEND");
  assertEquals(send.header("Failure-Report"), "no");
  await other.peer.next("BYE");
  await other.end();
  assertEquals(other.outcomes(), { attempted: 1, accepted_200: 1 });
});

Deno.test("T45 413 in mid transfer: the chunk ends with #, no other follows, and BYE (RFC 4975 §7.1.1, §10.5)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  // alice hangs up after BYE: an answer to the chunk would not be read
  peer.onSend = () => {};
  const { stream, id, path } = await stalled(stand);
  stream.send(`MSRP ${id} 413 Enough\r\nTo-Path: ${path}\r\nFrom-Path: ${peer.path}\r\n-------${id}$\r\n`);
  const bye = await peer.next("BYE");
  stream.held = false;
  const chunk = await peer.nextChunk("SEND");
  assertEquals([chunk.flag, chunk.body!.length < MORE_THAN_BUFFERS, bye.method], ["#", true, "BYE"]);
  await stand.end();
  assertEquals([peer.chunks.length, stand.failures()], [1, { msrp_413: 1 }]);
});

for (const status of [400, 403, 415, 481, 506]) {
  Deno.test(`T45 ${status} to a SEND is a rejection by that code, and ends with BYE (RFC 4975 §10)`, async () => {
    await using stand = new Stand();
    const { peer } = stand;
    peer.onSend = (chunk) => peer.answerChunk(chunk, status);
    await begin(stand);
    await peer.next("BYE");
    await stand.end();
    assertEquals([stand.failures(), stand.outcomes()], [{ [`msrp_${status}`]: 1 }, { attempted: 1, rejected: 1 }]);
  });
}

Deno.test("T46 a refused MSRP connection ends the confirmed dialog with BYE, and nothing is left (RFC 4975 §5.4)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  await peer.msrp.refuse();
  await begin(stand);
  await peer.next("BYE");
  await stand.end();
  assertEquals(stand.endpoint.leftovers(), {
    timers: 0,
    dialogs: 0,
    transactions: 0,
    msrpSessions: 0,
    msrpConnections: 0,
  });
  assertEquals([stand.failures(), peer.arrived.map(kindOf)], [
    { msrp_connection_refused: 1 },
    ["INVITE", "ACK", "BYE"],
  ]);
});
