import { assertEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { LARGE_INVITE, messageOf, PAGER_MESSAGE, wire } from "../testing/messages.ts";
import { Message } from "./message.ts";
import { parseMessage } from "./parse.ts";
import { type ResponseOptions, writeResponse } from "./response.ts";

const PEER = { host: "127.0.0.1", port: 40000 };

function answer(request: string, status: number, options?: ResponseOptions): string {
  const writer = new OctetWriter();
  writeResponse(writer, messageOf(request), status, options);
  return toText(writer.view());
}

/** Top Via value of an answer to `PAGER_MESSAGE` whose Via value is `via`. */
function answeredVia(via: string, received = PEER): string[] {
  const request = PAGER_MESSAGE.replace(/Via: .*/, `Via: ${via}`);
  return messageOf(toOctets(answer(request, 200, { received }))).headerValues("Via");
}

Deno.test("writeResponse copies what identifies the request (RFC 3261 §8.2.6.2)", () => {
  assertEquals(
    answer(PAGER_MESSAGE, 200),
    "SIP/2.0 200 OK\r\n" +
      "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK74bf9a1c2d3e;rport\r\n" +
      "From: <sip:alice@ims.example>;tag=a73kszlfl\r\n" +
      "To: <sip:bob@ims.example>\r\n" +
      "Call-ID: 9f8e7d6c5b4a39281706@127.0.0.1\r\n" +
      "CSeq: 1 MESSAGE\r\n" +
      "Content-Length: 0\r\n\r\n",
  );
});

Deno.test("writeResponse writes its own reason, headers and body", () => {
  const text = answer(PAGER_MESSAGE, 480, {
    reason: "Gone fishing",
    headers: [["Retry-After", "5"], ["Server", "IM-serv/OMA1.0"]],
    body: toOctets("later"),
  });
  const message = messageOf(toOctets(text));
  assertEquals([message.status, message.reasonPhrase()], [480, "Gone fishing"]);
  assertEquals([message.header("Retry-After"), message.header("Server")], ["5", "IM-serv/OMA1.0"]);
  assertEquals(toText(message.body()), "later");
});

Deno.test("writeResponse adds a tag to To only when it has none (RFC 3261 §8.2.6.2)", () => {
  assertEquals(messageOf(toOctets(answer(PAGER_MESSAGE, 200, { toTag: "ours" }))).toTag(), "ours");
  const tagged = PAGER_MESSAGE.replace("To: <sip:bob@ims.example>", "To: sip:bob@ims.example;tag=theirs");
  assertEquals(messageOf(toOctets(answer(tagged, 200, { toTag: "ours" }))).toTag(), "theirs");
  const tagInUri = PAGER_MESSAGE.replace("To: <sip:bob@ims.example>", "t: <sip:bob@ims.example;tag=uri>");
  assertEquals(messageOf(toOctets(answer(tagInUri, 200, { toTag: "ours" }))).toTag(), "ours");
});

Deno.test("writeResponse fills received and rport when rport was asked for (RFC 3581 §4)", () => {
  assertEquals(answeredVia("SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;rport"), [
    "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;received=127.0.0.1;rport=40000",
  ]);
  assertEquals(answeredVia("SIP/2.0/UDP [::1];rport ;branch=z9hG4bK1", { host: "::1", port: 7 }), [
    "SIP/2.0/UDP [::1];branch=z9hG4bK1;received=::1;rport=7",
  ]);
});

Deno.test("writeResponse adds received when sent-by names another host (RFC 3261 §18.2.1)", () => {
  assertEquals(answeredVia("SIP/2.0/UDP alice.example:5070;branch=z9hG4bK1"), [
    "SIP/2.0/UDP alice.example:5070;branch=z9hG4bK1;received=127.0.0.1",
  ]);
  assertEquals(answeredVia("SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1"), [
    "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1",
  ]);
});

Deno.test("writeResponse drops received and rport values of the client's own making", () => {
  assertEquals(answeredVia("SIP/2.0/UDP 127.0.0.1;received=192.0.2.1;rport=9;branch=z9hG4bK1;x"), [
    "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;x;received=127.0.0.1;rport=40000",
  ]);
});

Deno.test("writeResponse copies every Via in order and changes the first element only (RFC 3261 §8.2.6.2)", () => {
  assertEquals(
    answeredVia("SIP/2.0/UDP p2;branch=z9hG4bK2 , SIP/2.0/TCP p1;rport\nv: SIP/2.0/UDP p0;\n branch=z9hG4bK0;rport"),
    [
      "SIP/2.0/UDP p2;branch=z9hG4bK2;received=127.0.0.1",
      "SIP/2.0/TCP p1;rport",
      "SIP/2.0/UDP p0; branch=z9hG4bK0;rport",
    ],
  );
});

Deno.test("writeResponse copies Record-Route when asked to (RFC 3261 §12.1.1)", () => {
  const recorded = LARGE_INVITE.replace(
    "From:",
    "Record-Route: <sip:p2;lr>,\n <sip:p1;lr>\nRecord-Route: <sip:p0;lr>\nFrom:",
  );
  const routes = ["<sip:p2;lr>", "<sip:p1;lr>", "<sip:p0;lr>"];
  assertEquals(messageOf(toOctets(answer(recorded, 180, { recordRoute: true }))).headerValues("Record-Route"), routes);
  assertEquals(messageOf(toOctets(answer(recorded, 486))).headerValues("Record-Route"), []);
});

Deno.test("writeResponse copies Timestamp into 100 only (RFC 3261 §8.2.6.1)", () => {
  const stamped = LARGE_INVITE.replace("From:", "Timestamp: 54\nFrom:");
  assertEquals(messageOf(toOctets(answer(stamped, 100))).header("Timestamp"), "54");
  assertEquals(messageOf(toOctets(answer(stamped, 180))).header("Timestamp"), undefined);
});

Deno.test("writeResponse answers a malformed request with what it has", () => {
  const request = new Message();
  parseMessage(wire("MESSAGE sip:a SIP/7.0\nCall-ID: 1\nTo: <sip:a>\nCSeq: \nJunk\n\n"), request);
  const writer = new OctetWriter();
  writeResponse(writer, request, 505, { toTag: "t", received: PEER });
  assertEquals(
    toText(writer.view()),
    "SIP/2.0 505 Version Not Supported\r\nTo: <sip:a>;tag=t\r\nCall-ID: 1\r\nCSeq:\r\nContent-Length: 0\r\n\r\n",
  );
});
