import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import {
  appendContent,
  contentDigest,
  isOfRun,
  LONG_MARK_SIZE,
  MARK_SIZE,
  readContent,
  SEQUENCE_LIMIT,
  writeContent,
} from "./body.ts";

const RUN = fc.integer({ min: 0, max: 0xffff_ffff });
const SEQUENCE = fc.oneof(fc.nat({ max: 1000 }), fc.integer({ min: 0, max: SEQUENCE_LIMIT - 1 }));
const SIZE = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 70_000 }));

Deno.test("readContent knows every content that writeContent wrote, of exactly the size asked for", () => {
  fc.assert(fc.property(SIZE, RUN, SEQUENCE, (size, run, sequence) => {
    const octets = writeContent(size, { run, sequence });
    assertEquals(octets.length, size);
    const expected = size < MARK_SIZE
      ? { kind: "unmarked" as const }
      : { kind: "marked" as const, run: size < LONG_MARK_SIZE ? undefined : run, sequence, intact: true };
    assertEquals(readContent(octets), expected);
  }));
});

Deno.test("writeContent writes printable US-ASCII, the same for the same message", () => {
  const octets = writeContent(2000, { run: 7, sequence: 9 });
  assertMatch(toText(octets), /^[ -~]*$/);
  assertEquals(writeContent(2000, { run: 7, sequence: 9 }), octets);
  assertNotEquals(writeContent(2000, { run: 7, sequence: 10 }), octets);
});

Deno.test("contents of other kinds have exactly their size, are known again, and show every changed octet", () => {
  const kinds = fc.constantFrom("multibyte" as const, "binary" as const);
  const sizes = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 40_000 }));
  fc.assert(
    fc.property(
      kinds,
      sizes,
      SEQUENCE,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (content, size, sequence, place, change) => {
        const octets = writeContent(size, { run: 5, sequence, content });
        assertEquals(octets.length, size);
        if (size < MARK_SIZE) return;
        const run = size < LONG_MARK_SIZE ? undefined : 5;
        assertEquals(readContent(octets), { kind: "marked", run, sequence, intact: true });
        if (size < LONG_MARK_SIZE) return;
        octets[place % size]! ^= change;
        const found = readContent(octets);
        assert(found.kind === "unmarked" || !found.intact, `${content} ${size}`);
      },
    ),
  );
});

Deno.test("multibyte contents are UTF-8 of any length; binary ones have all octets", () => {
  for (let size = LONG_MARK_SIZE; size < 100; size++) {
    const octets = writeContent(size, { run: 1, sequence: size, content: "multibyte" });
    new TextDecoder("utf-8", { fatal: true }).decode(octets);
  }
  const text = toText(writeContent(400, { run: 1, sequence: 1, content: "multibyte" }));
  for (const width of [2, 3, 4]) {
    assert([...text].some((character) => new TextEncoder().encode(character).length === width), `${width} octets`);
  }
  assertEquals(new Set(writeContent(16_000, { run: 1, sequence: 1, content: "binary" })).size, 256);
});

Deno.test("appendContent writes the same behind other octets", () => {
  fc.assert(fc.property(SIZE, RUN, SEQUENCE, (size, run, sequence) => {
    const writer = new OctetWriter(1).text("x");
    appendContent(writer, size, run, sequence, undefined);
    assertEquals(writer.view().subarray(1), writeContent(size, { run, sequence }));
  }));
});

Deno.test("readContent finds a changed octet anywhere", () => {
  const sizes = fc.integer({ min: LONG_MARK_SIZE, max: 40_000 });
  fc.assert(
    fc.property(sizes, SEQUENCE, fc.nat(), fc.integer({ min: 1, max: 127 }), (size, sequence, place, change) => {
      const octets = writeContent(size, { run: 1, sequence });
      octets[place % size]! ^= change;
      const found = readContent(octets);
      assert(found.kind === "unmarked" || !found.intact);
    }),
  );
});

Deno.test("readContent finds a content cut off or lengthened", () => {
  fc.assert(fc.property(fc.integer({ min: 40, max: 20_000 }), SEQUENCE, fc.nat(), (size, sequence, cut) => {
    const octets = writeContent(size, { run: 1, sequence });
    const short = readContent(octets.subarray(0, 30 + cut % (size - 30)));
    assertEquals(short, { kind: "marked", run: 1, sequence, intact: false });
    const long = new Uint8Array(size + 1);
    long.set(octets);
    assertEquals(readContent(long), { kind: "marked", run: 1, sequence, intact: false });
  }));
});

Deno.test("readContent finds chunks swapped and repeated, at every usual chunk size", () => {
  const octets = writeContent(70_000, { run: 1, sequence: 5 });
  for (const size of [512, 1024, 2048, 4096, 8192, 16_384]) {
    const swapped = octets.slice();
    swapped.set(octets.subarray(size, 2 * size), 2 * size);
    swapped.set(octets.subarray(2 * size, 3 * size), size);
    assertEquals(readContent(swapped), { kind: "marked", run: 1, sequence: 5, intact: false });
    const repeated = octets.slice();
    repeated.set(octets.subarray(size, 2 * size), 2 * size);
    assertEquals(readContent(repeated), { kind: "marked", run: 1, sequence: 5, intact: false });
  }
});

Deno.test("readContent of random octets never throws, and of others' texts finds no mark", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
    readContent(octets);
  }));
  for (const text of ["", "hello", "~hello, how are you today?", "^_^ hi there"]) {
    assertEquals(readContent(new TextEncoder().encode(text)), { kind: "unmarked" });
  }
});

Deno.test("readContent reads a content inside a larger buffer", () => {
  const octets = writeContent(100, { run: 3, sequence: 4 });
  const buffer = new Uint8Array(200);
  buffer.set(octets, 50);
  assertEquals(readContent(buffer.subarray(50, 150)), { kind: "marked", run: 3, sequence: 4, intact: true });
});

Deno.test("isOfRun takes a short mark for any run and a long one for its own", () => {
  const short = readContent(writeContent(MARK_SIZE, { run: 3, sequence: 4 }));
  const long = readContent(writeContent(LONG_MARK_SIZE, { run: 3, sequence: 4 }));
  assertEquals([isOfRun(short, 3), isOfRun(short, 4), isOfRun(long, 3), isOfRun(long, 4)], [true, true, true, false]);
  assert(!isOfRun({ kind: "unmarked" }, 3));
});

Deno.test("writeContent refuses sequence numbers that the mark cannot carry", () => {
  assertThrows(() => writeContent(20, { run: 0, sequence: SEQUENCE_LIMIT }), RangeError, "sequence number");
  assertThrows(() => writeContent(20, { run: 0, sequence: -1 }), RangeError, "sequence number");
});

Deno.test("contentDigest tells contents apart by run, sequence and size, as far as their marks do", () => {
  const digest = contentDigest(100, { run: 7, sequence: 9 });
  assertEquals(digest, contentDigest(100, { run: 7, sequence: 9 }));
  const others = [[101, 7, 9], [100, 8, 9], [100, 7, 10]] as const;
  for (const [size, run, sequence] of others) assertNotEquals(contentDigest(size, { run, sequence }), digest);
  // a short mark does not name the run
  assertEquals(contentDigest(10, { run: 7, sequence: 9 }), contentDigest(10, { run: 8, sequence: 9 }));
});
