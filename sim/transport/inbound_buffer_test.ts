import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Framer } from "./flow.ts";
import { InboundBuffer } from "./inbound_buffer.ts";

/**
 * Messages of two octets of length, most significant first, and that many octets; length 65535 is malformed, 65534 too
 * large.
 */
const FRAMER: Framer = {
  frame(octets, from, to) {
    if (to - from < 2) return 0;
    const length = octets[from]! << 8 | octets[from + 1]!;
    if (length === 65535) return -1;
    if (length === 65534) return -2;
    return to - from < 2 + length ? 0 : 2 + length;
  },
};

function message(length: number): Uint8Array {
  const octets = new Uint8Array(2 + length).fill(length & 0xff);
  octets.set([length >> 8, length & 0xff]);
  return octets;
}

/** Gives the stream to the buffer in pieces of the given sizes, and what it made of them. */
function cut(buffer: InboundBuffer, stream: Uint8Array, pieces: readonly number[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let at = 0;
  for (let piece = 0; at < stream.length; piece++) {
    const room = buffer.room();
    assert(room.length > 0);
    const count = Math.min(pieces[piece % pieces.length]!, room.length, stream.length - at);
    room.set(stream.subarray(at, at + count));
    buffer.took(count);
    at += count;
    for (let next = buffer.next(); typeof next !== "string"; next = buffer.next()) messages.push(next.slice());
  }
  return messages;
}

Deno.test("InboundBuffer gives the same messages however the stream was cut", () => {
  const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 20000 })), {
    minLength: 1,
    maxLength: 20,
  });
  const pieces = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 10 });
  fc.assert(fc.property(lengths, pieces, (lengths, pieces) => {
    const messages = lengths.map(message);
    const stream = new Uint8Array(messages.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const octets of messages) {
      stream.set(octets, at);
      at += octets.length;
    }
    const buffer = new InboundBuffer(FRAMER);
    assertEquals(cut(buffer, stream, pieces), messages);
    assertEquals(buffer.rest().length, 0);
  }));
});

Deno.test("InboundBuffer moves and grows little while a large message comes in small pieces", () => {
  const buffer = new InboundBuffer(FRAMER);
  const blocks = new Set<ArrayBufferLike>();
  const stream = message(60000);
  for (let at = 0; at < stream.length; at += 1000) {
    const room = buffer.room();
    blocks.add(room.buffer);
    const piece = stream.subarray(at, at + 1000);
    room.set(piece);
    buffer.took(piece.length);
  }
  // 4 KiB doubled up to 64 KiB
  assertEquals(blocks.size, 5);
  assertEquals(buffer.next(), stream);
});

Deno.test("InboundBuffer takes as much as a large message announces, once it has grown for it", () => {
  const length = 65_000_000;
  let asked = 0;
  const buffer = new InboundBuffer({ frame: () => 0, announced: () => (asked++, length) });
  const rooms = new Set<number>();
  for (let held = 0; held < length;) {
    const room = buffer.room();
    rooms.add(room.buffer.byteLength);
    const count = Math.min(room.length, length - held);
    buffer.took(count);
    held += count;
  }
  assertEquals(asked, 1);
  assertEquals(Math.max(...rooms), length + 2048);
});

Deno.test("InboundBuffer gives a large block back once it is empty", () => {
  const framer: Framer = { frame: (_octets, from, to) => to - from < 1_000_000 ? 0 : to - from };
  const buffer = new InboundBuffer(framer);
  let next = buffer.next();
  while (typeof next === "string") {
    buffer.took(buffer.room().length);
    next = buffer.next();
  }
  assert(next.length >= 1_000_000);
  assertEquals(buffer.room().length, 4096);
});

Deno.test("InboundBuffer borrows memory for large messages only, and gives it back when it is empty or released", () => {
  const given: number[] = [];
  const taken: number[] = [];
  const blocks = {
    take: (least: number) => (taken.push(least), new Uint8Array(least + 100)),
    give: ({ length }: Uint8Array) => void given.push(length),
  };
  const buffer = new InboundBuffer(FRAMER, blocks);
  cut(buffer, message(60000), [5000]);
  buffer.room();
  assertEquals([taken, given], [[], []]);
  const large = new InboundBuffer({ frame: () => 0, announced: () => 500_000 }, blocks);
  for (let held = 0; held < 300_000; held += 1000) {
    large.room();
    large.took(1000);
  }
  assertEquals([taken, given], [[1_048_576], []]);
  large.release();
  assertEquals(given, [1_048_676]);
});

Deno.test("InboundBuffer says when the stream cannot be understood, and keeps what it could not", () => {
  const buffer = new InboundBuffer(FRAMER);
  assertEquals(buffer.next(), "incomplete");
  buffer.room().set([0, 1, 7, 255, 255, 3]);
  buffer.took(6);
  assertEquals(buffer.next(), Uint8Array.of(0, 1, 7));
  assertEquals(buffer.next(), "malformed");
  assertEquals(buffer.rest(), Uint8Array.of(255, 255, 3));
});

Deno.test("InboundBuffer tells messages beyond the limits from malformed ones", () => {
  const buffer = new InboundBuffer(FRAMER);
  buffer.room().set([255, 254]);
  buffer.took(2);
  assertEquals(buffer.next(), "too_large");
});

Deno.test("InboundBuffer refuses a framer that cuts more than there is", () => {
  const buffer = new InboundBuffer({ frame: () => 10 });
  buffer.took(3);
  assertThrows(() => buffer.next(), RangeError, "only 3");
});
