import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { Reassembly, TRUSTED_TOTAL } from "./reassembly.ts";

const LIMIT = 1_000_000;

function range(start: number, total?: number): { start: number; end: undefined; total: number | undefined } {
  return { start, end: undefined, total };
}

Deno.test("Reassembly takes a message in one chunk, also one of 0 octets and one without Byte-Range", () => {
  for (const content of ["", "hello"]) {
    const reassembly = new Reassembly("text/plain", LIMIT);
    assertEquals(reassembly.add(range(1, content.length), toOctets(content), "$"), "complete");
    assertEquals(toText(reassembly.content()), content);
    assertEquals(new Reassembly("text/plain", LIMIT).add(undefined, toOctets(content), "$"), "complete");
  }
});

Deno.test("Reassembly copies the chunks of a message, but not a message in one chunk", () => {
  const reassembly = new Reassembly("text/plain", LIMIT);
  for (const [start, text, continuation] of [[1, "hel", "+"], [4, "lo", "$"]] as const) {
    const octets = toOctets(text);
    reassembly.add(range(start), octets, continuation);
    octets.fill(0);
  }
  assertEquals(toText(reassembly.content()), "hello");
  const whole = toOctets("hello");
  const single = new Reassembly("text/plain", LIMIT);
  single.add(undefined, whole, "$");
  assert(single.content() === whole);
});

Deno.test("Reassembly lets later octets win where chunks overlap (RFC 4975 §7.3.1)", () => {
  const reassembly = new Reassembly("text/plain", LIMIT);
  assertEquals(reassembly.add(range(1, 6), toOctets("abcd"), "+"), "partial");
  assertEquals(reassembly.add(range(3, 6), toOctets("XY"), "+"), "partial");
  assertEquals(reassembly.add(range(5, 6), toOctets("ef"), "$"), "complete");
  assertEquals(toText(reassembly.content()), "abXYef");
});

Deno.test("Reassembly learns the length from the chunk with $ alone, and waits for gaps", () => {
  const reassembly = new Reassembly("text/plain", LIMIT);
  assertEquals(reassembly.add(range(4), toOctets("def"), "$"), "partial");
  assertEquals(reassembly.add(range(1), toOctets("a"), "+"), "partial");
  assertEquals(reassembly.add(range(2), toOctets("bc"), "+"), "complete");
  assertEquals(toText(reassembly.content()), "abcdef");
});

Deno.test("Reassembly ends by a chunk without octets", () => {
  const reassembly = new Reassembly("text/plain", LIMIT);
  assertEquals(reassembly.add(range(1, 3), toOctets("abc"), "+"), "partial");
  assertEquals(reassembly.add(range(4, 3), new Uint8Array(0), "$"), "complete");
  assertEquals(reassembly.length(), 3);
});

Deno.test("Reassembly refuses what is too large before it costs memory", () => {
  assertEquals(new Reassembly("text/plain", 10).add(range(1, 11), toOctets("a"), "+"), "too_large");
  assertEquals(new Reassembly("text/plain", 10).add(range(11), toOctets("a"), "+"), "too_large");
  assertEquals(new Reassembly("text/plain", 10).add(range(10), toOctets("a"), "+"), "partial");
  const gaps = new Reassembly("text/plain", LIMIT);
  let effect = "partial";
  for (let start = 1; effect === "partial"; start += 2) effect = gaps.add(range(start), toOctets("a"), "+");
  assertEquals(effect, "too_large");
});

Deno.test("Reassembly sees chunks that contradict one another", () => {
  assertEquals(new Reassembly("text/plain", LIMIT).add(range(1, 3), toOctets("abcd"), "+"), "contradiction");
  assertEquals(new Reassembly("text/plain", LIMIT).add(range(1, 5), toOctets("abcd"), "$"), "contradiction");
  const ended = new Reassembly("text/plain", LIMIT);
  ended.add(range(3), toOctets("c"), "$");
  assertEquals(ended.add(range(3), toOctets("cd"), "+"), "contradiction");
  assertEquals(ended.add(range(1), toOctets("ab"), "$"), "contradiction");
  const beyond = new Reassembly("text/plain", LIMIT);
  beyond.add(range(5), toOctets("e"), "+");
  assertEquals(beyond.add(range(1), toOctets("ab"), "$"), "contradiction");
});

Deno.test("Reassembly drops a message that was given up", () => {
  assertEquals(new Reassembly("text/plain", LIMIT).add(range(1, 9), toOctets("ab"), "#"), "abandoned");
});

Deno.test("Reassembly gives the same message for any cut, order and overlap", () => {
  const content = fc.uint8Array({ minLength: 1, maxLength: 80 });
  const cuts = fc.array(fc.tuple(fc.nat(79), fc.nat(20), fc.nat(1000)), { maxLength: 15 });
  fc.assert(fc.property(content, cuts, fc.boolean(), fc.nat(1000), (whole, extra, knowsTotal, lastPlace) => {
    const total = knowsTotal ? whole.length : undefined;
    // pieces that cover everything, the one with $ among them, and repetitions
    const pieces = [];
    for (let at = 0; at < whole.length; at += 7) {
      pieces.push({ from: at, to: Math.min(at + 7, whole.length), place: at });
    }
    for (const [from, length, place] of extra) {
      const to = Math.min(from + length, whole.length);
      if (from < to) pieces.push({ from, to, place });
    }
    pieces.find(({ to }) => to === whole.length)!.place = lastPlace;
    pieces.sort((a, b) => a.place - b.place);
    const reassembly = new Reassembly("text/plain", LIMIT);
    const effects = pieces.map(({ from, to }) =>
      reassembly.add(range(from + 1, total), whole.subarray(from, to), to === whole.length ? "$" : "+")
    );
    assertEquals(effects.at(-1), "complete");
    assertEquals(effects.filter((effect) => effect !== "complete" && effect !== "partial"), []);
    assertEquals(reassembly.content(), whole);
  }));
});

Deno.test("Reassembly reserves no memory for a chunk far ahead, and puts it in its place (RFC 4975 §7.3.1)", () => {
  const size = 200_000_000;
  const before = Deno.memoryUsage().external;
  const far = new Reassembly("text/plain", 256_000_000);
  assertEquals(far.add(range(size - 4, size), toOctets("abcde"), "$"), "partial");
  for (let hop = 1; hop <= 64; hop++) far.add(range(hop * TRUSTED_TOTAL, size), toOctets("x"), "+");
  assert(Deno.memoryUsage().external - before < 16 * TRUSTED_TOTAL, "memory follows what arrives");

  const [near, length] = [new Reassembly("text/plain", 8_000_000), 3 * TRUSTED_TOTAL];
  const content = new Uint8Array(length).map((_, i) => i % 251);
  assertEquals(near.add(range(2 * TRUSTED_TOTAL, length), content.slice(2 * TRUSTED_TOTAL - 1), "$"), "partial");
  assertEquals(near.add(range(2 * TRUSTED_TOTAL, length), toOctets("newer"), "+"), "partial");
  assertEquals(near.add(range(1, length), content.slice(0, 2 * TRUSTED_TOTAL - 1), "+"), "complete");
  content.set(toOctets("newer"), 2 * TRUSTED_TOTAL - 1);
  assertEquals(near.content(), content);
});

Deno.test("Reassembly takes the same octets again and again only so often", () => {
  const reassembly = new Reassembly("text/plain", 3 * TRUSTED_TOTAL);
  const part = new Uint8Array(TRUSTED_TOTAL / 2);
  let effect = reassembly.add(range(2 * TRUSTED_TOTAL), part, "+");
  let times = 1;
  for (; effect === "partial" && times < 100; times++) effect = reassembly.add(range(2 * TRUSTED_TOTAL), part, "+");
  assertEquals([effect, times], ["too_large", 13]);
});
