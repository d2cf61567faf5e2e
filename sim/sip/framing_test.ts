import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { LARGE_INVITE, LARGE_OK, PAGER_MESSAGE, wire } from "../testing/messages.ts";
import { toOctets } from "../bytes/text.ts";
import { MAX_HEADER_BLOCK_SIZE, SipFramer } from "./framing.ts";
import { MAX_STREAM_MESSAGE_SIZE } from "./parse.ts";

/** Frames octets that arrive in pieces of these sizes; the last -1 says that the stream broke. */
function frameAll(octets: Uint8Array, pieces: readonly number[]): number[] {
  const framer = new SipFramer();
  const lengths: number[] = [];
  let from = 0;
  let to = 0;
  for (const piece of [...pieces, octets.length]) {
    to = Math.min(to + piece, octets.length);
    while (true) {
      const length = framer.frame(octets, from, to);
      if (length === 0) break;
      lengths.push(length);
      if (length < 0) return lengths;
      from += length;
    }
  }
  return lengths;
}

const MESSAGES = [PAGER_MESSAGE, LARGE_INVITE, LARGE_OK].map(wire);
const STREAM = toOctets(MESSAGES.map((octets) => new TextDecoder().decode(octets)).join(""));

Deno.test("SipFramer cuts messages that arrive together", () => {
  assertEquals(frameAll(STREAM, []), MESSAGES.map((octets) => octets.length));
});

Deno.test("SipFramer cuts the same messages when every octet arrives alone", () => {
  assertEquals(frameAll(STREAM, Array(STREAM.length).fill(1)), MESSAGES.map((octets) => octets.length));
});

Deno.test("SipFramer cuts the same messages wherever the stream is cut", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 12 }), (pieces) => {
    assertEquals(frameAll(STREAM, pieces), MESSAGES.map((octets) => octets.length));
  }));
});

Deno.test("SipFramer cuts a ping and a pong as messages of their own (RFC 5626 §4.4.1)", () => {
  assertEquals(frameAll(toOctets("\r\n\r\n"), []), [4]);
  assertEquals(frameAll(toOctets("\r\n"), []), [2]);
  assertEquals(frameAll(toOctets("\r\n\r\n\r\nBYE"), []), [4, 2]);
  assertEquals(frameAll(toOctets("\r\n\r\n"), [3]), [4]);
  const framed = frameAll(toOctets(`\r\n${new TextDecoder().decode(MESSAGES[0])}\r\n\r\n`), []);
  assertEquals(framed, [2, MESSAGES[0]!.length, 4]);
});

Deno.test("SipFramer takes a missing Content-Length for 0", () => {
  assertEquals(frameAll(wire("OPTIONS sip:a SIP/2.0\nVia: x\n\nBYE sip:a"), []), [33]);
  assertEquals(frameAll(wire("OPTIONS sip:a SIP/2.0\n\n"), []), [25]);
});

Deno.test("SipFramer reads Content-Length in compact, folded and repeated form (RFC 3261 §7.3.1, §7.3.3)", () => {
  for (const line of ["l: 5", "CONTENT-LENGTH:5", "Content-Length :\n  5 ", "l:5\nContent-Length: 5"]) {
    const octets = wire(`BYE sip:a SIP/2.0\nVia: x\n${line}\n\nhello`);
    assertEquals(frameAll(octets, []), [octets.length], line);
  }
});

Deno.test("SipFramer gives up on a Content-Length that cannot be trusted", () => {
  for (
    const line of ["l: -1", "l: 5 5", "l:", "l: 5\nl: 6", "l: 99999999999999999999"]
  ) {
    assertEquals(frameAll(wire(`BYE sip:a SIP/2.0\n${line}\n\nhello`), []), [-1], line);
  }
});

Deno.test("SipFramer tells what is beyond its limits from what it cannot read", () => {
  assertEquals(frameAll(wire(`BYE sip:a SIP/2.0\nl: ${MAX_STREAM_MESSAGE_SIZE}\n\nhello`), []), [-2]);
  assertEquals(frameAll(new Uint8Array(MAX_HEADER_BLOCK_SIZE + 1).fill(0x61), [100, 1000]), [-2]);
});

Deno.test("SipFramer gives up on stray line ends", () => {
  assertEquals(frameAll(toOctets("\nBYE"), []), [-1]);
  assertEquals(frameAll(toOctets("\r\rBYE"), []), [-1]);
});

Deno.test("SipFramer never throws and never cuts more than is there", () => {
  const octets = fc.array(
    fc.constantFrom("\r\n", "\r", "\n", "l: 3", "Content-Length", ":", " ", "SIP/2.0", "x", "\r\n\r\n", "9"),
    { maxLength: 40 },
  ).map((parts) => toOctets(parts.join("")));
  fc.assert(fc.property(octets, fc.array(fc.integer({ min: 1, max: 9 })), (stream, pieces) => {
    const sum = frameAll(stream, pieces).filter((length) => length > 0).reduce((a, b) => a + b, 0);
    assertEquals(sum <= stream.length, true);
  }));
});
