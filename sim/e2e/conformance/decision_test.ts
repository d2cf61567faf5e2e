/** Which mode a message goes in, by its size and by what is known of its path (I585 §9, RFC 3428 §8). */
import { assert, assertEquals } from "@std/assert";
import { kindOf } from "./peer.ts";
import { digestHeader } from "./digest_text.ts";
import type { SipText } from "./sip_text.ts";
import { Stand, type StandOptions } from "./stand.ts";
import type { MessageOrder } from "../../ua/message_order.ts";

/** Sends one message and gives the first request that leaves, when all is over. */
async function firstRequest(order: Partial<MessageOrder>, options: StandOptions = {}): Promise<SipText> {
  await using stand = new Stand(options);
  const { peer } = stand;
  peer.on("MESSAGE", (message) => peer.answer(message, 200));
  peer.acceptAll();
  stand.send(order);
  await stand.quiet();
  const requests = peer.arrived.filter(({ method }) => method !== "ACK" && method !== "BYE");
  assertEquals(requests.length, 1);
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  await stand.end();
  return requests[0]!;
}

/** Method of the first request, and how many octets it has when it is a MESSAGE. */
async function modeOf(total: number, mode: StandOptions["mode"] = {}): Promise<string> {
  const { method, text } = await firstRequest({ size: total, sizeIsTotal: true }, { mode });
  return method === "MESSAGE" ? `MESSAGE of ${text.length}` : method;
}

const KNOWN = { endToEndReliable: true };

Deno.test("T1 1299 octets in total leave as one MESSAGE, and no INVITE (I585 §9)", async () => {
  assertEquals(await modeOf(1299), "MESSAGE of 1299");
});

Deno.test("T2 exactly 1300 octets go large; where the boundary is inclusive: MESSAGE (I585 §9, RFC 3428 §8)", async () => {
  assertEquals(await modeOf(1300), "INVITE");
  assertEquals(await modeOf(1300, { boundary: "inclusive" }), "MESSAGE of 1300");
});

Deno.test("T3 1301 octets go large; with knowledge of the path as MESSAGE, and not over UDP (I585 §9, RFC 3261 §18.1.1)", async () => {
  assertEquals(await modeOf(1301), "INVITE");
  const message = await firstRequest({ size: 1301, sizeIsTotal: true }, { mode: KNOWN });
  assertEquals([message.method, message.text.length, message.way.transport], ["MESSAGE", 1301, "tcp"]);
  assert(message.header("Via")!.startsWith("SIP/2.0/TCP "));
});

Deno.test("T4 exactly 1300 octets go large with knowledge of the path as well, by the letter (I585 §9)", async () => {
  assertEquals(await modeOf(1300, KNOWN), "INVITE");
});

Deno.test("T5 1400 octets go large over a first hop of TCP: one hop is not the path (RFC 3428 §8)", async () => {
  const invite = await firstRequest({ size: 1400, sizeIsTotal: true }, { transport: "tcp" });
  assertEquals([invite.method, invite.way.transport], ["INVITE", "tcp"]);
});

Deno.test("T6 400 characters of 4 octets are 1600 octets, and go large; 400 of 1 octet do not (RFC 3428 §8)", async () => {
  assertEquals((await firstRequest({ text: "\u{1f600}".repeat(400) })).method, "INVITE");
  const message = await firstRequest({ text: "x".repeat(400) });
  assertEquals([message.method, message.header("Content-Length")], ["MESSAGE", "400"]);
});

Deno.test("T7 a challenge whose answer would pass 1299 octets turns the message large, and is counted (I585 §9)", async () => {
  await using stand = new Stand({ password: "secret" });
  const { peer } = stand;
  peer.acceptAll();
  stand.send({ size: 1290, sizeIsTotal: false, text: "x".repeat(1290 - 560) });
  const message = await peer.next("MESSAGE");
  assert(message.text.length < 1300 && message.text.length > 1200);
  peer.answer(message, 407, { headers: [digestHeader("Proxy-Authenticate")] });
  const invite = await peer.next("INVITE");
  assert(invite.header("Proxy-Authorization")!.startsWith("Digest "));
  await stand.quiet();
  assertEquals(peer.all("MESSAGE").length, 1);
  assertEquals([stand.count("decisions.switched_after_auth"), stand.count("messages.large.attempted")], [1, 1]);
  await stand.end();
});

Deno.test("T8 where the body is measured, 900 octets of it are pager whatever the request has (I585 §9)", async () => {
  for (const sizeBasis of ["body", "content"] as const) {
    const message = await firstRequest({ size: 900 }, { mode: { sizeBasis } });
    assertEquals([message.method, message.body.length], ["MESSAGE", 900]);
    assert(message.text.length > 1300);
  }
});

Deno.test("T9 a request of more than 1300 octets leaves over TCP with such a Via; over UDP where TCP is refused (RFC 3261 §18.1.1)", async () => {
  for (const isRefused of [false, true]) {
    await using stand = new Stand();
    const { peer, alice } = stand;
    // many routes make the INVITE long
    alice.serviceRoute = Array.from({ length: 20 }, (_, k) => `<sip:proxy${k}.ims.example;lr>`);
    if (isRefused) await peer.streams.refuse();
    peer.acceptAll();
    stand.sendLarge();
    const invite = await peer.next("INVITE");
    assert(invite.text.length > 1300);
    const transport = isRefused ? "udp" : "tcp";
    assertEquals(invite.way.transport, transport);
    assert(invite.header("Via")!.startsWith(`SIP/2.0/${transport.toUpperCase()} `));
    await stand.quiet();
    assertEquals(stand.count("transport.switched_to_tcp"), 1);
    assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
    await stand.end();
  }
});

Deno.test("T10 413 and 513 to a MESSAGE are final: rejected, not sent again, no other mode (RFC 3261 §21.4.11, §21.5.7)", async () => {
  for (const status of [413, 513]) {
    await using stand = new Stand();
    const { peer } = stand;
    stand.send();
    peer.answer(await peer.next("MESSAGE"), status);
    await stand.pass(60_000);
    assertEquals(peer.kinds(), ["MESSAGE"]);
    assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
    assertEquals(stand.failures(), { [`rejected_${status}`]: 1 });
    await stand.end();
  }
});

Deno.test("T11 a second MESSAGE to bob waits for the final response to the first; one to carol does not (RFC 3428 §8)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  stand.send();
  stand.send();
  stand.send({ to: "sip:carol@ims.example" });
  const first = await peer.next("MESSAGE");
  await stand.quiet();
  assertEquals(peer.arrived.map(({ uri }) => uri), ["sip:bob@ims.example", "sip:carol@ims.example"]);
  peer.answer(first, 100);
  await stand.quiet();
  assertEquals(peer.arrived.length, 2, "100 is not final");
  peer.answer(first, 200);
  await stand.quiet();
  assertEquals(peer.arrived[2]!.uri, "sip:bob@ims.example");
  assert(peer.arrived[2]!.header("Call-ID") !== first.header("Call-ID"));
  for (const message of peer.arrived.slice(1)) peer.answer(message, 200);
  await stand.end();
  assertEquals(stand.outcomes(), { attempted: 3, accepted_200: 3 });
});

Deno.test("S9a below 1300 octets every size is pager, with knowledge of the path and without (I585 §9)", async () => {
  for (const total of [700, 1298, 1299]) {
    assertEquals(await modeOf(total), `MESSAGE of ${total}`);
    assertEquals(await modeOf(total, KNOWN), `MESSAGE of ${total}`);
  }
});

Deno.test("S9b above 1300 octets every size is pager where the whole path is known to be connection-oriented (I585 §9)", async () => {
  for (const total of [1301, 1302, 20_000]) assertEquals(await modeOf(total, KNOWN), `MESSAGE of ${total}`);
});

Deno.test("S9c otherwise a session is initiated: at 1300 octets, and above them without knowledge (I585 §9)", async () => {
  for (const total of [1300, 1301, 20_000]) assertEquals(await modeOf(total), "INVITE");
});

Deno.test("Release once the message is delivered the session is closed by the client itself (I585 §9, §9.1.3)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  peer.acceptAll();
  stand.sendLarge();
  await peer.next("BYE");
  await stand.end();
  assertEquals(peer.arrived.map(kindOf), ["INVITE", "ACK", "BYE"]);
  assertEquals(stand.count("sessions.released"), 1);
});
