import { assertEquals, assertThrows } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { type RequestFields, writeRequest } from "./request.ts";

const FIELDS: RequestFields = {
  method: "OPTIONS",
  uri: "sip:bob@ims.example",
  transport: "udp",
  sentBy: "127.0.0.1:5070",
  branch: "z9hG4bK1",
  headers: [["Max-Forwards", "70"], ["CSeq", "1 OPTIONS"]],
};

function written(fields: RequestFields): string {
  const writer = new OctetWriter();
  writeRequest(writer, fields);
  return toText(writer.view());
}

Deno.test("writeRequest writes Via first and Content-Length last", () => {
  assertEquals(
    written(FIELDS),
    "OPTIONS sip:bob@ims.example SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;rport\r\n" +
      "Max-Forwards: 70\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
  );
});

Deno.test("writeRequest counts the octets of the body", () => {
  const text = written({ ...FIELDS, transport: "tcp", rport: false, headers: [], body: toOctets("h\u00e9") });
  assertEquals(
    text,
    "OPTIONS sip:bob@ims.example SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK1\r\n" +
      "Content-Length: 3\r\n\r\nh\u00e9",
  );
});

Deno.test("writeRequest refuses a value that would end its line", () => {
  assertThrows(() => written({ ...FIELDS, headers: [["Subject", "a\r\nX: b"]] }), RangeError, "Cannot write Subject");
});
