import { assertEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { read } from "../testing/transaction_stand.ts";
import { maxForwardsOf, type RequestEdit, writeForwardedRequest, writeForwardedResponse } from "./forwarding.ts";

const REQUEST = `INVITE sip:bob@ims.example SIP/2.0
Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKa, SIP/2.0/TCP client;branch=z9hG4bKb
f: <sip:alice@ims.example>;tag=a
X-Folded: one
 two
t: <sip:bob@ims.example>
i: call
CSeq: 1 INVITE
Route: <sip:us;lr>, <sip:us;transport=tcp;lr>
Route: <sip:next;lr>
Max-Forwards: 10
Proxy-Authorization: Digest username="alice"
x: 90
Min-SE: 90
Content-Length: 4

bodyand more`.replaceAll("\n", "\r\n");

const EDIT: RequestEdit = {
  uri: "sip:bob@10.0.0.2",
  transport: "tcp",
  sentBy: "10.0.0.3:5060",
  branch: "z9hG4bKours",
  recordRoutes: ["<sip:out;lr>", "<sip:in;lr>"],
  routesDropped: 2,
  receivedFrom: { host: "10.0.0.9", port: 999 },
  timer: undefined,
  dropsCredentials: false,
};

function forwarded(edit: Partial<RequestEdit> = {}, request = REQUEST): string[] {
  const writer = new OctetWriter();
  writeForwardedRequest(writer, read(toOctets(request)), { ...EDIT, ...edit });
  return toText(writer.view()).split("\r\n");
}

Deno.test("writeForwardedRequest copies what it does not have to change, folds and spellings too (RFC 3261 §16.6)", () => {
  assertEquals(forwarded(), [
    "INVITE sip:bob@10.0.0.2 SIP/2.0",
    "Via: SIP/2.0/TCP 10.0.0.3:5060;branch=z9hG4bKours",
    "Record-Route: <sip:out;lr>",
    "Record-Route: <sip:in;lr>",
    "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=10.0.0.9;rport=999, SIP/2.0/TCP client;branch=z9hG4bKb",
    "f: <sip:alice@ims.example>;tag=a",
    "X-Folded: one",
    " two",
    "t: <sip:bob@ims.example>",
    "i: call",
    "CSeq: 1 INVITE",
    "Route: <sip:next;lr>",
    'Proxy-Authorization: Digest username="alice"',
    "x: 90",
    "Min-SE: 90",
    "Content-Length: 4",
    "Max-Forwards: 9",
    "",
    "body",
  ]);
});

Deno.test("writeForwardedRequest drops as many Route values as are ours, wherever the lines end", () => {
  const routes = (routesDropped: number) => forwarded({ routesDropped }).filter((line) => line.startsWith("Route"));
  assertEquals(routes(0), ["Route: <sip:us;lr>, <sip:us;transport=tcp;lr>", "Route: <sip:next;lr>"]);
  assertEquals(routes(1), ["Route: <sip:us;transport=tcp;lr>", "Route: <sip:next;lr>"]);
  assertEquals(routes(3), []);
});

Deno.test("writeForwardedRequest puts another session timer in, and takes credentials that are ours out", () => {
  const lines = forwarded({ timer: { expires: 600, minSe: 600 }, dropsCredentials: true });
  assertEquals(lines.filter((line) => /^(x|Session|Min|Proxy)/i.test(line)), [
    "X-Folded: one",
    "Session-Expires: 600",
    "Min-SE: 600",
  ]);
});

Deno.test("writeForwardedRequest writes the Content-Length that a datagram may lack (RFC 3261 §18.3)", () => {
  const lines = forwarded({}, REQUEST.replace("Content-Length: 4\r\n", ""));
  assertEquals(lines.slice(-4), ["Max-Forwards: 9", "Content-Length: 12", "", "bodyand more"]);
});

Deno.test("maxForwardsOf is 70 where there is none, or none that can be read", () => {
  assertEquals(maxForwardsOf(read(toOctets(REQUEST))), 10);
  assertEquals(maxForwardsOf(read(toOctets(REQUEST.replace("Max-Forwards: 10\r\n", "")))), 70);
  assertEquals(maxForwardsOf(read(toOctets(REQUEST.replace("Max-Forwards: 10", "Max-Forwards: ten")))), 70);
});

Deno.test("writeForwardedResponse takes our Via off, in a line of its own or not (RFC 3261 §16.7 item 3)", () => {
  const text = (vias: string) =>
    `SIP/2.0 180 Ringing now\r\n${vias}From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n` +
    "Content-Length: 0\r\n\r\n";
  const theirs = "Via: SIP/2.0/UDP theirs;branch=z9hG4bKb\r\n";
  for (
    const vias of [`Via: SIP/2.0/UDP ours;branch=z9hG4bKa\r\n${theirs}`, theirs.replace(" ", " SIP/2.0/UDP ours, ")]
  ) {
    const writer = new OctetWriter();
    writeForwardedResponse(writer, read(toOctets(text(vias))), undefined);
    assertEquals(toText(writer.view()), text(theirs));
  }
});
