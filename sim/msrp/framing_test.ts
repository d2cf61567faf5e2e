import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toOctets } from "../bytes/text.ts";
import { MAX_CHUNK_OCTETS, MsrpFramer } from "./framing.ts";

const PATHS = "To-Path: msrp://127.0.0.1:2856/b;tcp\r\nFrom-Path: msrp://127.0.0.1:2855/a;tcp\r\n";

function send(transactionId: string, body: string, flag = "$"): string {
  const head = `MSRP ${transactionId} SEND\r\n${PATHS}Message-ID: m123\r\n`;
  return `${head}Content-Type: text/plain\r\n\r\n${body}\r\n-------${transactionId}${flag}\r\n`;
}

const MESSAGES = [
  send("abcd", "hello"),
  `MSRP d93k 200 OK\r\n${PATHS}-------d93k$\r\n`,
  send("tid0001", "\r\n-------tid0001\r\n-------tid0001*\r\n-------tid000$\r\n-------tid0001$\r", "+"),
  send("ef.g-+%=", "", "#"),
  "\r\n\r\n",
  send("x234", "-------x235$\r\n"),
];

/** Feeds a stream in pieces, as a transport does, and gives what was cut. */
function cut(stream: Uint8Array, pieces: readonly number[], spare = 0): Uint8Array[] {
  const framer = new MsrpFramer();
  const found: Uint8Array[] = [];
  // octets beyond what has arrived are what an earlier use left there
  const buffer = new Uint8Array(stream.length + spare).fill(0x0d);
  let from = 0;
  let to = 0;
  for (let i = 0; to < stream.length; i++) {
    const arrived = stream.subarray(to, to + Math.max(1, pieces[i % pieces.length] ?? stream.length));
    buffer.set(arrived, to);
    to += arrived.length;
    for (;;) {
      const length = framer.frame(buffer, from, to);
      assert(length >= 0, "the framer gave the stream up");
      if (length === 0) break;
      found.push(buffer.slice(from, from + length));
      from += length;
    }
  }
  assertEquals(from, stream.length);
  return found;
}

Deno.test("MsrpFramer cuts at the end-line of its own transaction alone (RFC 4975 §7.3.1)", () => {
  assertEquals(cut(toOctets(MESSAGES.join("")), []), MESSAGES.map(toOctets));
});

Deno.test("MsrpFramer cuts the same whatever pieces the stream comes in", () => {
  const stream = toOctets(MESSAGES.join(""));
  const merged = (pieces: Uint8Array[]) => pieces.map((octets) => new TextDecoder().decode(octets)).join("|");
  // keep-alives may come in two pieces
  const whole = merged(cut(stream, [])).replace("|\r\n\r\n|", "|\r\n|\r\n|");
  for (let offset = 1; offset < stream.length; offset++) {
    assertEquals(merged(cut(stream, [offset, stream.length])).replace("|\r\n\r\n|", "|\r\n|\r\n|"), whole);
  }
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), fc.nat(50), (pieces, spare) => {
    assertEquals(merged(cut(stream, pieces, spare)).replace("|\r\n\r\n|", "|\r\n|\r\n|"), whole);
  }));
});

Deno.test("MsrpFramer tells what Byte-Range announces, and nothing where that is no help (RFC 4975 §7.1.1)", () => {
  const announced = (line: string): number => {
    const head = `MSRP a786hjs2 SEND\r\nTo-Path: msrp://127.0.0.1:9/a;tcp\r\n${line}\r\nMessage-ID: 87652491\r\n`;
    const octets = toOctets(`other${head}`);
    return new MsrpFramer().announced(octets, 5, octets.length);
  };
  assertEquals(announced("Byte-Range: 1-*/1000000"), 1_000_000 + 4096);
  assertEquals(announced("Byte-Range: 900001-*/1000000"), 100_000 + 4096);
  assertEquals(announced("Byte-Range: 1-300000/1000000"), 300_000 + 4096);
  const useless = [
    "Success-Report: no",
    "Byte-Range: 1-*/*",
    "Byte-Range: 1-*/68000000000",
    "Byte-Range: 9-1/4",
    "Byte-Range:",
  ];
  for (const line of useless) assertEquals(announced(line), 0, line);
});

Deno.test("MsrpFramer gives a stream up that is not MSRP", () => {
  for (
    const text of [
      "X",
      "MSRP",
      "MSRQ",
      "\rX",
      "MSRP abc SEND\r\n",
      "MSRP ???? SEND\r\n",
    ]
  ) {
    const octets = toOctets(text);
    assertEquals(new MsrpFramer().frame(octets, 0, octets.length), text === "MSRP" ? 0 : -1, text);
  }
});

Deno.test("MsrpFramer never throws on random octets, and never cuts more than there is", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, asMsrp) => {
    const octets = asMsrp ? Uint8Array.of(...toOctets("MSRP abcd SEND\r\n"), ...tail) : tail;
    const length = new MsrpFramer().frame(octets, 0, octets.length);
    assert(length >= -1 && length <= octets.length);
  }));
});

Deno.test("MsrpFramer searches each octet of a large chunk once, and bounds it", () => {
  const framer = new MsrpFramer();
  const buffer = new Uint8Array(MAX_CHUNK_OCTETS + 100_000).fill(0x61);
  buffer.set(toOctets("MSRP abcd SEND\r\n"), 0);
  let to = 0;
  let reads = 0;
  for (; to < MAX_CHUNK_OCTETS; to += 65536, reads++) assertEquals(framer.frame(buffer, 0, to), 0);
  assert(reads > 1000);
  assertEquals(framer.frame(buffer, 0, to + 65536), -2);
  const startLine = toOctets(`MSRP abcd ${"x".repeat(1100)}`);
  assertEquals(new MsrpFramer().frame(startLine, 0, startLine.length), -2);
});
