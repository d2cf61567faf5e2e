import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import type { ChunkFault, Request } from "./chunk.ts";
import { MsrpFramer } from "./framing.ts";
import { MAX_HEAD_OCTETS, MAX_HEADER_COUNT, parseChunk } from "./parse.ts";
import { writeRequest, writeResponse } from "./write.ts";

const LINES = [
  "MSRP d93kswow SEND",
  "To-Path: msrp://127.0.0.1:2856/9di4eae923wzd;tcp",
  "From-Path: msrp://127.0.0.1:2855/iau39soe2843z;tcp",
  "Message-ID: 12339sdqwer",
  "Success-Report: yes",
  "Failure-Report: partial",
  "Byte-Range: 1-5/155",
  "X-Other: a: b",
  "Content-Type: message/cpim",
  "",
  "hello",
  "-------d93kswow+",
  "",
];

const text = (lines: readonly string[]): string => lines.join("\r\n");

/** The sample with one line replaced; undefined leaves the line out. */
function changed(from: string, ...to: string[]): Uint8Array {
  const place = LINES.findIndex((line) => line.startsWith(from));
  assert(place >= 0);
  return toOctets(text(LINES.toSpliced(place, 1, ...to)));
}

function faultOf(octets: Uint8Array): ChunkFault | "none" {
  const chunk = parseChunk(octets);
  return chunk.kind === "malformed" ? chunk.fault : "none";
}

Deno.test("parseChunk reads a response in the usual spelling as in any other (RFC 4975 §9)", () => {
  const paths = ["To-Path: msrp://127.0.0.1:2856/9di4;tcp", "From-Path: msrp://127.0.0.1:2855/iau3;tcp"];
  const unusual = paths.map((line) => line.replace("Path", "path"));
  for (
    const start of ["MSRP d93kswow 200 OK", "MSRP d93kswow 413", "MSRP d93kswow 413 ", "MSRP d93kswow 481 No such"]
  ) {
    const [one, other] = [paths, unusual].map((lines) =>
      parseChunk(toOctets(text([start, ...lines, "-------d93kswow$", ""])))
    );
    assertEquals(one!.kind, "response");
    assertEquals(one, other);
  }
});

Deno.test("parseChunk finds the fault of a response that differs in one place from the usual ones", () => {
  const usual = text([
    "MSRP d93kswow 200 OK",
    "To-Path: msrp://127.0.0.1:2856/9di4;tcp",
    "From-Path: msrp://127.0.0.1:2855/iau3;tcp",
    "-------d93kswow$",
    "",
  ]);
  const faultWith = (from: string, to: string) => faultOf(toOctets(usual.replace(from, to)));
  assertEquals(faultWith("200 OK", "2000 OK"), "bad_start_line");
  assertEquals(faultWith("-------d93kswow", "-------d93kswox"), "bad_end_line");
  assertEquals(faultWith("$", "+"), "bad_end_line");
  assertEquals(faultWith("msrp://127.0.0.1:2855", "sip://127.0.0.1:2855"), "bad_path");
  assertEquals(faultWith("To-Path", "From-Path"), "missing_path");
  assertEquals(faultWith("9di4;tcp", "9di4;tcp msrp://relay:1/a;tcp"), "none");
});

Deno.test("parseChunk reads a SEND with every header (RFC 4975 §9)", () => {
  const octets = toOctets(text(LINES));
  const chunk = parseChunk(octets);
  assertEquals<unknown>(chunk, {
    kind: "request",
    transactionId: "d93kswow",
    method: "SEND",
    toPath: ["msrp://127.0.0.1:2856/9di4eae923wzd;tcp"],
    fromPath: ["msrp://127.0.0.1:2855/iau39soe2843z;tcp"],
    messageId: "12339sdqwer",
    successReport: true,
    failureReport: "partial",
    byteRange: { start: 1, end: 5, total: 155 },
    status: undefined,
    otherHeaders: [["X-Other", "a: b"]],
    contentType: "message/cpim",
    body: toOctets("hello"),
    continuation: "+",
  });
  assert(chunk.kind === "request" && chunk.body!.buffer === octets.buffer, "the body is not copied");
});

Deno.test("parseChunk tells a body of no octets from no body (RFC 4975 §7.1)", () => {
  const empty = parseChunk(changed("hello", ""));
  assert(empty.kind === "request" && empty.body?.length === 0);
  const none = parseChunk(toOctets(text(LINES.toSpliced(8, 3))));
  assert(none.kind === "request" && none.body === undefined && none.contentType === undefined);
});

Deno.test("parseChunk reads responses with and without comment, and takes no body in one", () => {
  const [, toPath, fromPath] = LINES;
  const paths = [toPath!, fromPath!];
  const response = parseChunk(toOctets(text(["MSRP d93k 200 OK", ...paths, "-------d93k$", ""])));
  assertEquals<unknown>(response, {
    kind: "response",
    transactionId: "d93k",
    status: 200,
    comment: "OK",
    toPath: ["msrp://127.0.0.1:2856/9di4eae923wzd;tcp"],
    fromPath: ["msrp://127.0.0.1:2855/iau39soe2843z;tcp"],
  });
  const bare = parseChunk(toOctets(text(["MSRP d93k 413", ...paths, "-------d93k$", ""])));
  assert(bare.kind === "response" && bare.status === 413 && bare.comment === "");
  assertEquals(faultOf(toOctets(text(["MSRP d93k 200 OK", ...paths, "-------d93k+", ""]))), "bad_end_line");
  assertEquals(
    faultOf(toOctets(text(["MSRP d93k 200 OK", ...paths, "Content-Type: a/b", "", "x", "-------d93k$", ""]))),
    "body_in_response",
  );
});

Deno.test("parseChunk names each breach of the grammar", () => {
  const cases: [ChunkFault, Uint8Array][] = [
    ["bad_start_line", toOctets("")],
    ["bad_start_line", changed("MSRP", "MSRP d93kswow send")],
    ["bad_start_line", changed("MSRP", "MSRP  d93kswow SEND")],
    ["bad_start_line", changed("MSRP", "MSRP .93kswow SEND")],
    ["bad_start_line", changed("MSRP", "MSRP d93 SEND")],
    ["bad_end_line", changed("-------", "-------d93kswow!")],
    ["bad_end_line", changed("-------", "-------d93kswox+")],
    ["bad_end_line", toOctets("MSRP abcd SEND\r\n-------abcd$")],
    ["missing_path", toOctets("MSRP abcd SEND\r\n-------abcd$\r\n")],
    ["missing_path", changed("To-Path")],
    ["missing_path", changed("From-Path")],
    ["missing_path", changed("Message-ID", LINES[1]!)],
    ["bad_path", changed("To-Path", "To-Path: sip:bob@ims.example")],
    ["bad_path", changed("From-Path", `${LINES[2]!}  ${LINES[2]!.slice(11)}`)],
    ["missing_message_id", changed("Message-ID")],
    ["bad_message_id", changed("Message-ID", "Message-ID: abc")],
    ["repeated_header", changed("Message-ID", LINES[3]!, LINES[3]!)],
    ["bad_report_header", changed("Success-Report", "Success-Report: maybe")],
    ["bad_report_header", changed("Failure-Report", "Failure-Report: 1")],
    ["repeated_header", changed("Failure-Report", "Failure-Report: no", "failure-report: no")],
    ["bad_byte_range", changed("Byte-Range", "Byte-Range: 5-1/155")],
    ["bad_header", changed("X-Other", "X-Other:a")],
    ["bad_header", changed("X-Other", "X Other: a")],
    ["bad_header", changed("X-Other", "X-Other: a\nb: c")],
    ["too_many_headers", changed("X-Other", ...Array<string>(MAX_HEADER_COUNT).fill("X-Other: a"))],
    ["too_many_headers", changed("X-Other", `X-Other: ${"a".repeat(MAX_HEAD_OCTETS)}`)],
    ["bad_content_type", changed("Content-Type", "Content-Type: text")],
    ["content_type_not_last", changed("Content-Type", LINES[8]!, "X-Late: a")],
    ["missing_content_type", changed("Content-Type")],
    ["missing_body", toOctets(text(LINES.toSpliced(9, 2)))],
    ["missing_body", toOctets(text(LINES.toSpliced(10, 1)))],
    ["missing_status", changed("MSRP", "MSRP d93kswow REPORT")],
  ];
  for (const [fault, octets] of cases) assertEquals(faultOf(octets), fault, toText(octets));
});

Deno.test("parseChunk reads header names in any case, methods in capitals alone", () => {
  const lower = parseChunk(changed("Message-ID", "MESSAGE-id: 12339sdqwer"));
  assert(lower.kind === "request" && lower.messageId === "12339sdqwer");
  const other = parseChunk(changed("MSRP", "MSRP d93kswow AUTH"));
  assert(other.kind === "request" && other.method === "AUTH");
});

Deno.test("parseChunk keeps what a 400 needs of a malformed request", () => {
  const chunk = parseChunk(changed("Byte-Range", "Byte-Range: x"));
  assert(chunk.kind === "malformed");
  assertEquals([chunk.transactionId, chunk.method, chunk.failureReport], ["d93kswow", "SEND", "partial"]);
  assertEquals(chunk.fromPath, ["msrp://127.0.0.1:2855/iau39soe2843z;tcp"]);
});

const IDENT = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}$/);
const PATH = fc.array(fc.constantFrom("msrp://127.0.0.1:2855/a;tcp", "msrps://[::1]:9/b=/c;tcp"), {
  minLength: 1,
  maxLength: 3,
});

Deno.test("parseChunk reads back what writeRequest wrote, framed by MsrpFramer", () => {
  const request = fc.record<Request>({
    kind: fc.constant("request"),
    transactionId: IDENT,
    method: fc.constantFrom("SEND", "AUTH"),
    toPath: PATH,
    fromPath: PATH,
    messageId: IDENT,
    successReport: fc.boolean(),
    failureReport: fc.constantFrom("yes", "no", "partial"),
    byteRange: fc.constantFrom(
      { start: 1, end: undefined, total: 7 },
      { start: 2, end: 3, total: undefined },
      undefined,
    ),
    status: fc.constantFrom({ namespace: "000", code: 200, comment: "OK" }, undefined),
    otherHeaders: fc.constantFrom([], [["X-A", "b"], ["Content-ID", "<c>"]]),
    contentType: fc.constant("text/plain"),
    body: fc.uint8Array({ maxLength: 50 }),
    continuation: fc.constantFrom("$", "+", "#"),
  }, { noNullPrototype: true });
  fc.assert(fc.property(request, fc.boolean(), (value, hasBody) => {
    const whole: Request = hasBody ? value : { ...value, contentType: undefined, body: undefined };
    const writer = new OctetWriter();
    writeRequest(writer, whole);
    const octets = writer.take();
    assertEquals(new MsrpFramer().frame(octets, 0, octets.length), octets.length);
    assertEquals<unknown>(structuredClone(parseChunk(octets)), structuredClone(whole));
  }));
});

Deno.test("writeResponse answers to one URI and gives what parseChunk reads (RFC 4975 §7.2)", () => {
  const writer = new OctetWriter();
  const [toUri, fromUri] = ["msrp://127.0.0.1:2855/a;tcp", "msrp://127.0.0.1:2856/b;tcp"];
  for (const status of [200, 400, 403, 408, 413, 415, 423, 481, 501, 506, 599]) {
    writeResponse(writer.reset(), status, { transactionId: "abcd", toUri, fromUri });
    const chunk = parseChunk(writer.view());
    assert(chunk.kind === "response");
    assertEquals([chunk.status, chunk.toPath, chunk.fromPath], [status, [toUri], [fromUri]]);
  }
});

Deno.test("parseChunk never throws, on random octets and on samples with octets changed", () => {
  const sample = toOctets(text(LINES));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => void parseChunk(octets)));
  const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
  fc.assert(fc.property(fc.array(change, { maxLength: 6 }), fc.nat(sample.length), (changes, length) => {
    const octets = sample.slice(0, length);
    for (const [at, octet] of changes) if (at < length) octets[at] = octet;
    parseChunk(octets);
  }));
});
