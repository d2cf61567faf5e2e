import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { LARGE_INVITE, LARGE_OK, messageOf, PAGER_MESSAGE, PAGER_OK, REGISTER, wire } from "../testing/messages.ts";
import { Message } from "./message.ts";
import { MAX_HEADER_COUNT, MAX_STREAM_MESSAGE_SIZE, MAX_URI_LENGTH, type ParseFault, parseMessage } from "./parse.ts";
import { writeRequest } from "./request.ts";

function faultOf(text: string): ParseFault | undefined {
  return parseMessage(wire(text), new Message());
}

/** The sample with one text replaced by another. */
function changed(text: string, part: string, other: string): string {
  if (!text.includes(part)) throw new Error(`Cannot find ${part}`);
  return text.replace(part, () => other);
}

Deno.test("parseMessage takes good messages", () => {
  for (const text of [PAGER_MESSAGE, PAGER_OK, LARGE_INVITE, LARGE_OK, REGISTER]) {
    assertEquals(faultOf(text), undefined);
  }
});

Deno.test("parseMessage names the fault of a bad start line", () => {
  const cases: [string, ParseFault][] = [
    ["MESSAGE  sip:bob@ims.example SIP/2.0", "bad_start_line"],
    ["MESSAGE sip:bob@ims.example  SIP/2.0", "bad_start_line"],
    ["MESSAGE sip:bob@ims.example SIP/2.0 ", "bad_start_line"],
    ["MESSAGE sip:bob@ims.example; lr SIP/2.0", "bad_start_line"],
    [" MESSAGE sip:bob@ims.example SIP/2.0", "bad_start_line"],
    ["MES{SAGE sip:bob@ims.example SIP/2.0", "bad_start_line"],
    ["MESSAGE sip:bob@ims.example", "bad_start_line"],
    ["MESSAGE", "bad_start_line"],
    ["MESSAGE sip:bob@ims.example HTTP/1.1", "bad_start_line"],
    ["MESSAGE sip:bob@ims.example SIP/7.0", "bad_version"],
    ["MESSAGE <sip:bob@ims.example> SIP/2.0", "bad_uri"],
    ["MESSAGE bob SIP/2.0", "bad_uri"],
    ["MESSAGE sip:bob@ims.example?Route=a SIP/2.0", "bad_uri"],
    ["MESSAGE sip:bob@ims.example;lr?Route=a SIP/2.0", "bad_uri"],
    ["MESSAGE SIPS:2001:db8::10 SIP/2.0", "bad_uri"],
    ["MESSAGE sip:bob@[2001:db8::10 SIP/2.0", "bad_uri"],
    [`MESSAGE sip:${"b".repeat(MAX_URI_LENGTH)} SIP/2.0`, "uri_too_long"],
    ["SIP/1.0 200 OK", "bad_version"],
    ["SIP/2.0 99 OK", "bad_start_line"],
    ["SIP/2.0 700 OK", "bad_start_line"],
    ["SIP/2.0 4294967301 better not break", "bad_start_line"],
    ["SIP/2.0  200 OK", "bad_start_line"],
    ["SIP/2.0", "bad_start_line"],
    ["SIP/2.0 20", "bad_start_line"],
  ];
  for (const [line, fault] of cases) {
    assertEquals(faultOf(changed(PAGER_MESSAGE, "MESSAGE sip:bob@ims.example SIP/2.0", line)), fault, line);
  }
});

Deno.test("parseMessage takes a status line without a reason phrase (RFC 4475 §3.1.1.13)", () => {
  for (const line of ["SIP/2.0 200 ", "SIP/2.0 200", "sip/2.0 200 \u65e0"]) {
    assertEquals(faultOf(changed(PAGER_OK, "SIP/2.0 200 OK", line)), undefined, line);
  }
});

Deno.test("parseMessage takes Request-URIs of every scheme, and of SIP in every form (RFC 3261 §19.1)", () => {
  for (const uri of ["sip:a?b:c;d@h", "sip:[::1]:5060;x=a:b:c", "sip:h", "SIPS:u:p@h:5061", "tel:+1?2", "a.b:c:d:e"]) {
    assertEquals(faultOf(changed(PAGER_MESSAGE, "MESSAGE sip:bob@ims.example", `MESSAGE ${uri}`)), undefined, uri);
  }
});

Deno.test("parseMessage names the fault of the headers", () => {
  const cases: [part: string, other: string, fault: ParseFault | undefined][] = [
    ["Max-Forwards: 70\n", "", undefined],
    ["Via: ", "X-Via: ", "missing_header"],
    ["From: ", "X-From: ", "missing_header"],
    ["To: ", "X-To: ", "missing_header"],
    ["Call-ID: ", "X-Call-ID: ", "missing_header"],
    ["CSeq: 1 MESSAGE\n", "", "missing_header"],
    ["To: ", "To: <sip:eve@ims.example>\nTo: ", "duplicate_header"],
    ["CSeq: 1", "CSeq: 1 MESSAGE\nCSeq: 1", "duplicate_header"],
    ["Via: ", "Via: SIP/2.0/UDP p;branch=z9hG4bKp\nv: ", undefined],
    ["Via: SIP/2.0/UDP 127", "Via: SIP/2.0/UDP127", "bad_via"],
    ["Via: SIP/2.0/UDP 127", "Via: SIP/3.0/UDP 127", "bad_via"],
    ["Via: SIP/2.0/UDP 127.0.0.1:5070;", "Via: SIP/2.0/UDP ;", "bad_via"],
    ["Via: SIP/2.0/UDP 127.0.0.1:5070;", "Via: SIP/2.0/UDP 127.0.0.1:x;", "bad_via"],
    ["Via: SIP/2.0/UDP 127.0.0.1:5070;", "Via: SIP/2.0/UDP [::1;", "bad_via"],
    ["Via: SIP/2.0/UDP 127.0.0.1:5070;", "Via: SIP/2.0/UDP [::1]:5070;", undefined],
    ["Via: SIP/2.0/UDP 127.0.0.1:5070;", "Via: SIP/2.0/UDP h ; x = y;", undefined],
    ["branch=z9hG4bK74", 'branch=z9hG4bK"74', "bad_via"],
    ["branch=z9hG4bK74", "branch=z9hG4bK<74", "bad_via"],
    ["Via: SIP/2.0/UDP 127", "Via: SIP / 2.0 /\n UDP   127", undefined],
    ["Call-ID: 9f8e7d6c5b4a39281706@127.0.0.1", "Call-ID: ", "bad_header"],
    ["Supported: timer", "Supported timer", "bad_header"],
    ["Supported: timer", ": timer", "bad_header"],
    ["Supported: timer", "Sup ported: timer", "bad_header"],
    ["From: <", 'From: "Mr. J. User <', "bad_address"],
    ["To: <sip:bob@ims.example>", "To: <sip:bob@ims.example", "bad_address"],
    ["To: <sip:bob@ims.example>", "To: Bob, B. <sip:bob@ims.example>", "bad_address"],
    ["To: <sip:bob@ims.example>", "To: sip:bob@ims.example;x=y", undefined],
    ["To: <sip:bob@ims.example>", "To: Bob B. <sip:bob@ims.example>", undefined],
    ["CSeq: 1 MESSAGE", "CSeq: 1", "bad_cseq"],
    ["CSeq: 1 MESSAGE", "CSeq: one MESSAGE", "bad_cseq"],
    ["CSeq: 1 MESSAGE", "CSeq: -1 MESSAGE", "bad_cseq"],
    ["CSeq: 1 MESSAGE", "CSeq: 2147483648 MESSAGE", "bad_cseq"],
    ["CSeq: 1 MESSAGE", "CSeq: 36893488147419103232 MESSAGE", "bad_cseq"],
    ["CSeq: 1 MESSAGE", "CSeq: 1 MES SAGE", "bad_cseq"],
    ["CSeq: 1 MESSAGE", "CSeq: 2147483647\t MESSAGE", undefined],
    ["CSeq: 1 MESSAGE", "CSeq: 1 message", "cseq_mismatch"],
    ["CSeq: 1 MESSAGE", "CSeq: 1 INVITE", "cseq_mismatch"],
    ["Content-Length: 18", "Content-Length: -999", "bad_content_length"],
    ["Content-Length: 18", "Content-Length: 18 ", undefined],
    ["Content-Length: 18", "Content-Length: 18\nl: 19", "bad_content_length"],
    ["Content-Length: 18", "Content-Length: 18\nl: 18", undefined],
    ["Content-Length: 18", "Content-Length: 19", "short_body"],
    ["Content-Length: 18\n\n", "Content-Length: 18", "no_blank_line"],
  ];
  for (const [part, other, fault] of cases) {
    assertEquals(faultOf(changed(PAGER_MESSAGE, part, other)), fault, other);
  }
});

Deno.test("parseMessage takes a CSeq of any method in a response", () => {
  assertEquals(messageOf(changed(PAGER_OK, "1 MESSAGE", "1 NEWMETHOD")).method, "NEWMETHOD");
});

Deno.test("parseMessage wants CR LF at the end of every line", () => {
  assertEquals(parseMessage(toOctets(PAGER_MESSAGE), new Message()), "bad_start_line");
  const octets = toOctets(toText(wire(PAGER_MESSAGE)).replace("70\r\n", "70\n"));
  assertEquals(parseMessage(octets, new Message()), "bad_header");
});

Deno.test("parseMessage drops what stands behind the body of a datagram (RFC 3261 §18.3)", () => {
  assertEquals(toText(messageOf(`${PAGER_MESSAGE}surplus`).body()), "Watson, come here.");
});

Deno.test("parseMessage takes the rest of a datagram without Content-Length for the body (RFC 3261 §18.3)", () => {
  const message = messageOf(changed(PAGER_MESSAGE, "Content-Length: 18\n", ""));
  assertEquals(toText(message.body()), "Watson, come here.");
});

Deno.test("parseMessage skips line ends before the start line (RFC 3261 §7.5)", () => {
  assertEquals(messageOf(`\n\n${PAGER_OK}`).status, 200);
  assertEquals(faultOf("\n\n"), "empty");
  assertEquals(faultOf(""), "empty");
});

Deno.test("parseMessage keeps its limits", () => {
  const lines = (count: number) => changed(PAGER_OK, "Server:", `${"X: y\n".repeat(count)}Server:`);
  assertEquals(faultOf(lines(MAX_HEADER_COUNT - 7)), undefined);
  assertEquals(faultOf(lines(MAX_HEADER_COUNT - 6)), "too_many_headers");
  assertEquals(parseMessage(new Uint8Array(MAX_STREAM_MESSAGE_SIZE + 1), new Message()), "too_large");
});

Deno.test("parseMessage leaves a faulty request readable, so that it can be answered (RFC 3261 §8.2.6)", () => {
  const message = new Message();
  const text = changed(changed(PAGER_MESSAGE, "SIP/2.0\n", "SIP/7.0\n"), "Supported: timer", "Supported timer");
  assertEquals(parseMessage(wire(text), message), "bad_version");
  assertEquals([message.isRequest, message.method], [true, "MESSAGE"]);
  assertEquals(message.branch(), "z9hG4bK74bf9a1c2d3e");
  assertEquals(message.callId(), "9f8e7d6c5b4a39281706@127.0.0.1");
  assertEquals(toText(message.body()), "Watson, come here.");
});

Deno.test("parseMessage forgets the message before", () => {
  const message = new Message();
  parseMessage(wire(LARGE_OK), message);
  assertEquals(message.topVia()?.transport, "TCP");
  assertEquals(parseMessage(toOctets("\r\n"), message), "empty");
  assertEquals([message.isRequest, message.method, message.status, message.lineCount], [false, "", 0, 0]);
  assertEquals([message.branch(), message.callId(), message.toTag(), message.topVia()], ["", "", "", undefined]);
  assertEquals(message.body().length, 0);
});

Deno.test("parseMessage reads what writeRequest wrote", () => {
  const token = fc.stringMatching(/^[\w.!%*+`'~-]{1,12}$/);
  const text = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  const requests = fc.record({
    method: token,
    uri: fc.stringMatching(/^sip:[\w.@;=-]{1,20}$/),
    branch: token.map((rest) => `z9hG4bK${rest}`),
    callId: text,
    subject: text,
    number: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    body: fc.uint8Array({ maxLength: 60 }),
  });
  fc.assert(fc.property(requests, ({ method, uri, branch, callId, subject, number, body }) => {
    const writer = new OctetWriter();
    writeRequest(writer, {
      method,
      uri,
      transport: "udp",
      sentBy: "[::1]:5060",
      branch,
      headers: [["From", `<${uri}>;tag=1`], ["To", `<${uri}>`], ["Call-ID", callId], ["CSeq", `${number} ${method}`], [
        "Subject",
        subject,
      ]],
      body,
    });
    const message = messageOf(writer.view());
    assertEquals([message.method, message.requestUri(), message.branch()], [method, uri, branch]);
    assertEquals([message.callId(), message.header("Subject")], [callId, subject]);
    assertEquals(message.cseq()?.sequenceNumber, number);
    assertEquals([...message.body()], [...body]);
  }));
});

/** Asks for everything that a message decodes. */
function askAll(octets: Uint8Array): void {
  const message = new Message();
  parseMessage(octets, message);
  message.from();
  message.to();
  message.contact();
  message.topVia();
  message.cseq();
  message.keep().text();
  message.headerValues("Route");
  message.headerNumber("Expires");
  for (const text of [message.branch(), message.callId(), message.fromTag(), message.toTag(), message.requestUri()]) {
    assertEquals(typeof text, "string");
  }
  assertEquals(message.bodyFrom <= message.bodyTo && message.bodyTo <= octets.length, true);
  for (let line = 0; line < message.lineCount; line++) {
    const places = [message.lineFrom(line), message.nameTo(line), message.valueFrom(line), message.valueTo(line)];
    places.push(message.lineTo(line));
    assertEquals([...places].sort((a, b) => a - b), places);
  }
}

Deno.test("parseMessage never throws on random octets", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), askAll));
});

Deno.test("parseMessage never throws on good messages with octets changed, cut out or put in", () => {
  const sample = fc.constantFrom(PAGER_MESSAGE, PAGER_OK, LARGE_INVITE, LARGE_OK, REGISTER);
  const piece = fc.constantFrom(
    "",
    "\r\n",
    "\n",
    " ",
    ":",
    ";",
    ",",
    '"',
    "<",
    ">",
    "=",
    "\\",
    "\0",
    "\xff",
    "Via: ",
    "l: 9\r\n",
  );
  const edits = fc.array(fc.tuple(fc.nat(1000), fc.nat(5), piece), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(sample, edits, (text, changes) => {
      let whole = toText(wire(text));
      for (const [at, cut, put] of changes) {
        const place = at % whole.length;
        whole = whole.slice(0, place) + put + whole.slice(place + cut);
      }
      askAll(toOctets(whole));
    }),
    { numRuns: 1000 },
  );
});
