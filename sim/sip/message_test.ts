import { assert, assertEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import { LARGE_INVITE, LARGE_OFFER, LARGE_OK, messageOf, PAGER_MESSAGE, PAGER_OK, wire } from "../testing/messages.ts";
import { Message } from "./message.ts";
import { parseMessage } from "./parse.ts";

Deno.test("Message shows the start line of a request", () => {
  const message = messageOf(PAGER_MESSAGE);
  assertEquals([message.isRequest, message.method, message.status], [true, "MESSAGE", 0]);
  assertEquals(message.requestUri(), "sip:bob@ims.example");
  assertEquals(message.reasonPhrase(), "");
});

Deno.test("Message shows the start line of a response and the method of CSeq", () => {
  const message = messageOf(PAGER_OK);
  assertEquals([message.isRequest, message.method, message.status], [false, "MESSAGE", 200]);
  assertEquals(message.requestUri(), "");
  assertEquals(message.reasonPhrase(), "OK");
});

Deno.test("Message decodes the headers that identify it", () => {
  const message = messageOf(PAGER_OK);
  assertEquals(message.callId(), "9f8e7d6c5b4a39281706@127.0.0.1");
  assertEquals(message.cseq(), { sequenceNumber: 1, method: "MESSAGE" });
  assertEquals(message.branch(), "z9hG4bK74bf9a1c2d3e");
  assertEquals(toText(message.octets, message.branchFrom, message.branchTo), "z9hG4bK74bf9a1c2d3e");
  assertEquals([message.topVia()?.received, message.topVia()?.rport], ["127.0.0.1", 5070]);
  assertEquals([message.fromTag(), message.toTag()], ["a73kszlfl", "6b3c0f9e"]);
  assertEquals([message.from()?.uri, message.to()?.uri], ["sip:alice@ims.example", "sip:bob@ims.example"]);
});

Deno.test("Message gives empty answers for what is absent", () => {
  const message = messageOf(PAGER_MESSAGE);
  assertEquals(message.toTag(), "");
  assertEquals(message.contact(), undefined);
  assertEquals(message.header("Contact"), undefined);
  assertEquals(message.header("X-Unknown"), undefined);
  assertEquals(message.headerValues("Record-Route"), []);
  assertEquals(message.headerNumber("Expires"), undefined);
});

Deno.test("Message finds headers in compact form, in any case and folded (RFC 3261 §7.3)", () => {
  const message = messageOf(`OPTIONS sip:a@b SIP/2.0
v: SIP/2.0/UDP h;branch=z9hG4bK1
F: <sip:a@b>;tag=1
t : <sip:b@c>
i: 1
cseq: 7
  OPTIONS
m: <sip:x@y>;q=1, "z, z" <sip:z@y>
CONTACT: <sip:last@y>
X-Own:   one
Subject:
  two
  words
x-own: two
Max-Forwards: 0068
l: 0

`);
  assertEquals(message.header("Call-ID"), "1");
  assertEquals(message.header("Subject"), "two words");
  assertEquals(message.headerLines("X-Own"), ["one", "two"]);
  assertEquals(message.headerValues("Contact"), ["<sip:x@y>;q=1", '"z, z" <sip:z@y>', "<sip:last@y>"]);
  assertEquals(message.contact()?.parameters.get("q"), "1");
  assertEquals(message.headerNumber("Max-Forwards"), 68);
  assertEquals(message.headerNumber("Subject"), -1);
  assertEquals(message.cseq(), { sequenceNumber: 7, method: "OPTIONS" });
});

Deno.test("Message gives the body without a copy", () => {
  const message = messageOf(LARGE_INVITE);
  assertEquals(message.body(), wire(LARGE_OFFER));
  assert(message.body().buffer === message.octets.buffer);
});

Deno.test("Message numbers its lines with their places", () => {
  const message = messageOf(PAGER_MESSAGE);
  assertEquals(message.lineCount, 14);
  const line = message.lineOf(message.nameId(2));
  assertEquals(line, 2);
  assertEquals(toText(message.octets, message.lineFrom(2), message.nameTo(2)), "Route");
  assertEquals(toText(message.octets, message.valueFrom(2), message.valueTo(2)), "<sip:127.0.0.1:5060;lr>");
  assertEquals(toText(message.octets, message.lineFrom(2), message.lineTo(2)), "Route: <sip:127.0.0.1:5060;lr>\r\n");
  assertEquals(message.lineTo(2), message.lineFrom(3));
  assertEquals(message.lineOf(message.nameId(2), 3), -1);
});

Deno.test("Message.keep outlives the next message", () => {
  const octets = wire(PAGER_OK);
  const message = new Message();
  parseMessage(octets, message);
  const kept = message.keep();
  octets.fill(0x78);
  parseMessage(wire(LARGE_OK), message);
  assertEquals(kept.callId(), "9f8e7d6c5b4a39281706@127.0.0.1");
  assertEquals(kept.toTag(), "6b3c0f9e");
  assertEquals(kept.text(), wire(PAGER_OK).length === kept.octets.length ? toText(wire(PAGER_OK)) : "");
  assertEquals(message.toTag(), "314159");
  assertEquals(message.from()?.parameters.get("tag"), "8f1c2a77");
});

Deno.test("Message.keep of an empty message takes lines of another", () => {
  const kept = new Message().keep();
  assertEquals(parseMessage(wire(LARGE_OK), kept), undefined);
  assertEquals(kept.header("Require"), "timer");
});

Deno.test("Message grows with the number of header lines", () => {
  const many = Array.from({ length: 100 }, (_, i) => `X-${i}: ${i}`).join("\n");
  const message = messageOf(PAGER_OK.replace("Server:", `${many}\nServer:`));
  assertEquals(message.header("X-99"), "99");
  assertEquals(message.keep().header("X-50"), "50");
});

Deno.test("Message reads a message that stands inside a larger buffer", () => {
  const octets = toOctets(`garbage${toText(wire(PAGER_OK))}garbage`);
  const message = messageOf(octets.subarray(7, octets.length - 7));
  assertEquals(message.branch(), "z9hG4bK74bf9a1c2d3e");
  assertEquals(message.keep().branch(), "z9hG4bK74bf9a1c2d3e");
});

Deno.test("Message.fromUri gives what from gives, in whatever form the address is written", () => {
  for (
    const value of ["<sip:a@h;x=1>;tag=1", '"A <b>" <sip:a@h>;tag=1', "sip:a@h;tag=1", "A <sip:a@h>", "nonsense", "<"]
  ) {
    const message = new Message();
    parseMessage(toOctets(`BYE sip:b@h SIP/2.0\r\nFrom: ${value}\r\n\r\n`), message);
    assertEquals(message.fromUri(), message.from()?.uri ?? "", value);
  }
  assertEquals(new Message().fromUri(), "");
});

Deno.test("Message.hasToTag says whether toTag gives one", () => {
  for (const value of ["<sip:a@h>;tag=1", "<sip:a@h>", "<sip:a@h>;tag=", "<sip:a@h>;tag", "<sip:a@h;tag=1>"]) {
    const message = new Message();
    parseMessage(toOctets(`BYE sip:b@h SIP/2.0\r\nTo: ${value}\r\n\r\n`), message);
    assertEquals(message.hasToTag(), message.toTag() !== "", value);
  }
});
